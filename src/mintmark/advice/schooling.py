"""A model that sits its exam on rows that it did not learn from: what it knows shows what the data holds."""

import numpy as np
from numpy.typing import NDArray

from mintmark.advice.symptom import Patient
from mintmark.errors import CannotMeasure
from mintmark.metrics.exam import Exam, Labelled, exam
from mintmark.metrics.features import Floats, Space, dealt

FOLDS = 5
FEWEST = 100
"""With fewer labelled rows no score is told from chance."""


def questions(patient: Patient) -> tuple[Exam, Labelled, NDArray[np.bool_]]:
    """The exam, the rows whose target is known, and which rows those are, shape (rows,).

    CannotMeasure without a target, or with too few rows.
    """
    if patient.target is None:
        raise CannotMeasure("there is no target: say which column is to be predicted")
    space = Space.of(patient.data)
    matrix = space.matrix(patient.data)
    asked = exam(space, patient.target, matrix, matrix, task=patient.task)
    y = matrix[:, asked.place]
    known = np.isfinite(y) if asked.classes is None else np.isin(y, asked.classes)
    if known.sum() < FEWEST:
        raise CannotMeasure(f"this needs {FEWEST} rows with a known target", found=f"{int(known.sum())}")
    return asked, asked.rows(matrix), known


def answers(
    patient: Patient, asked: Exam, rows: Labelled, known: NDArray[np.bool_], rng: np.random.Generator
) -> Floats:
    """What models say of rows that they did not learn from; rows of one group are never parted."""
    fold = dealt(patient.data, FOLDS, rng)[known]
    parts = [np.flatnonzero(fold == part) for part in range(FOLDS)]
    out: Floats | None = None
    for part in parts:
        study = np.setdiff1d(np.arange(len(rows[1])), part)
        said = asked.answers((rows[0][study], rows[1][study]), rows[0][part], rng)
        out = np.empty((len(rows[1]), *said.shape[1:])) if out is None else out
        out[part] = said
    assert out is not None
    return out


def probabilities(asked: Exam, said: Floats) -> Floats:
    """The probability of each class, shape (n, classes)."""
    assert asked.classes is not None
    return np.stack([1 - said, said], axis=1) if len(asked.classes) == 2 else said
