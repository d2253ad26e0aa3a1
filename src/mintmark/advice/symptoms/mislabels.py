"""How many labels contradict all that the other rows say?"""

import numpy as np

from mintmark.advice import schooling
from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.exam import Exam
from mintmark.metrics.features import Floats
from mintmark.metrics.intervals import proportion

MARKED, SLIGHT = 0.08, 0.02


class Mislabels:
    """The share of rows that a model, which did not learn from them, takes for another class with full conviction.

    Confident learning (Northcutt, Jiang & Chuang 2021): a row counts for a class where its probability reaches the mean
    probability of the rows that bear that label; a row that counts for another class than its own is suspected. Rows
    of classes that overlap are suspected too, so that the share is no rate of errors: it is where to look.
    """

    title = "Doubtful labels"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure without a target that has classes."""
        asked, rows, known = schooling.questions(patient)
        if asked.classes is None:
            raise CannotMeasure(f"{patient.target} is a quantity and has no classes")
        said = schooling.probabilities(asked, schooling.answers(patient, asked, rows, known, rng))
        label = rows[1].astype(int)
        suspected = suspects(said, label)
        n, count = len(label), int(suspected.sum())
        share = count / n
        grade = Grade.MARKED if share > MARKED else Grade.SLIGHT if share > SLIGHT else Grade.ABSENT
        by_class = [float(suspected[label == k].mean()) for k in range(said.shape[1])]
        names = _names(asked)
        return Symptom(
            grade,
            f"{count:,} of {n:,} labels ({share:.1%}) contradict what the other rows say",
            _helps(grade),
            Reading(share, proportion(count, n), n, {"by_class": dict(zip(names, by_class, strict=True))}),
            Bars("share of doubtful labels, by class", tuple(names[:12]), tuple(by_class[:12])),
        )  # fmt: skip


def suspects(said: Floats, label: np.ndarray) -> np.ndarray:
    """Which rows count for another class than their own; probabilities of shape (n, classes), labels of shape (n,)."""
    bar = np.array([said[label == k, k].mean() if (label == k).any() else np.inf for k in range(said.shape[1])])
    reached = np.where(said >= bar, said, -np.inf)
    best = reached.argmax(axis=1)
    suspected: np.ndarray = np.isfinite(reached.max(axis=1)) & (best != label)
    return suspected


def _names(asked: Exam) -> list[str]:
    assert asked.classes is not None
    column = asked.space.columns[asked.place]
    return [column.levels[int(code)] if column.discrete else f"{code:g}" for code in asked.classes]


def _helps(grade: Grade) -> str:
    if grade == Grade.ABSENT:
        return "labels and features agree"
    return (
        "look at these rows by hand, those of the rarest class first; a generator learns wrong labels as it learns "
        "right ones, so that no synthetic data mends them"
    )
