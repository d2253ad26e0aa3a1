"""What kind of data is this: real, simulated, generated, written by a language model, augmented, or wrongly labelled?

What was declared is taken at its word, and said to be so; what was not is suspected from what the rows show. A
suspicion is no proof: a table can be any of these and show nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import pyarrow as pa

from mintmark.advice.symptom import Symptom
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import InputError
from mintmark.metrics.features import Space


class Origin(StrEnum):
    """Kinds of sources."""

    REAL = "real"
    SIMULATION = "simulation"
    MODEL = "generative model"
    LLM = "language model"
    AUGMENTED = "augmented"
    MISLABELLED = "mislabelled"
    UNKNOWN = "unknown"


DECLARED: Mapping[str, Origin] = {
    "observed": Origin.REAL, "measured": Origin.REAL, "surveyed": Origin.REAL, "simulator": Origin.SIMULATION,
    "rendered": Origin.SIMULATION, "model": Origin.MODEL, "gan": Origin.MODEL, "vae": Origin.MODEL,
    "diffusion": Origin.MODEL, "copula": Origin.MODEL, "llm": Origin.LLM, "teacher": Origin.LLM,
    "augmentation": Origin.AUGMENTED, "oversampling": Origin.AUGMENTED, "weak labels": Origin.MISLABELLED,
}  # fmt: skip
"""What a source may be declared to be made by."""

BETWEEN, ALIKE, EXACT, DOUBTED = 0.2, 0.2, 0.98, 0.15
"""Shares of rows from which on a trace counts: between two others, equal to another, unrounded, doubtfully labelled."""
LOOKED_AT = 2_000
"""Rows in which traces are sought; the search for rows between others grows with their square."""


@dataclass(frozen=True)
class Source:
    """What the data is, how that is known, and which traces speak for it."""

    origin: Origin
    basis: Literal["declared", "suspected", "unknown"]
    traces: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Plain JSON."""
        return {"origin": str(self.origin), "basis": self.basis, "traces": list(self.traces)}


def classify(data: Dataset, *, made_by: str | None, doubts: Symptom | None, rng: np.random.Generator) -> Source:
    """`made_by` is a word of DECLARED; `doubts` is what the look at doubtful labels found.

    InputError for another word.
    """
    if made_by is not None and made_by not in DECLARED:
        raise InputError("this is no way of making data", where="--made-by", found=made_by,
                         fix=f"choose from: {', '.join(DECLARED)}")  # fmt: skip
    traces = dict(_traces(data, doubts, rng))
    told = tuple(traces.values())
    if made_by is not None:
        against = tuple(f"but {words}" if DECLARED[made_by] == Origin.REAL else words for words in told)
        return Source(DECLARED[made_by], "declared", against)
    found = next(iter(traces), None)
    return Source(found or Origin.UNKNOWN, "suspected" if found else "unknown", told)


def _traces(data: Dataset, doubts: Symptom | None, rng: np.random.Generator) -> Iterator[tuple[Origin, str]]:
    """What speaks for each origin, the most telling first."""
    part = data.select(np.sort(rng.permutation(len(data))[:LOOKED_AT])) if len(data) > LOOKED_AT else data
    between = _between(part, rng)
    if between > BETWEEN:
        yield Origin.AUGMENTED, f"{between:.0%} of the rows lie exactly between two others, as oversampling makes them"
    exact = _unrounded(data)
    if exact > EXACT:
        yield Origin.SIMULATION, "nothing was rounded and nothing is missing, as no instrument and no person records"
    if doubts is not None and doubts.reading.value > DOUBTED:
        yield Origin.MISLABELLED, doubts.what


def _between(data: Dataset, rng: np.random.Generator) -> float:
    """The share of rows that lie on the line between two others, in three numbers or more.

    On such a line the quotients of differences are one number for all columns. Candidates for the two ends are each
    row's nearest neighbours: oversampling draws between neighbours.
    """
    X = _numbers(data)
    if X.shape[1] < 3 or len(X) < 50:
        return 0.0
    X = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    asked = rng.permutation(len(X))[:300]
    hits = 0
    for row in asked.tolist():
        gaps = ((X - X[row]) ** 2).sum(axis=1)
        near = np.argsort(gaps, kind="stable")[1:16]
        step = X[near] - X[row]
        length = np.linalg.norm(step, axis=1)
        step = step[length > 1e-9] / length[length > 1e-9, None]
        opposite = step @ step.T
        hits += bool((opposite < -1 + 1e-9).any())
    return hits / len(asked)


def _numbers(data: Dataset) -> np.ndarray:
    """Quantities with all their digits, rows without a gap, shape (n, d): integers are on lines by chance."""
    kept = [
        column.name for column in data.columns.columns
        if column.kind == Kind.NUMBER and pa.types.is_floating(column.type) and (column.decimals or 9) > 2
    ]  # fmt: skip
    if not kept:
        return np.empty((len(data), 0))
    space = Space.of(data.only(kept))
    X = space.matrix(data)
    return X[np.isfinite(X).all(axis=1)]


def _unrounded(data: Dataset) -> float:
    """The share of numbers that are written with all their digits; 0 where anything is missing, or "
    "nothing is a float."""
    if any(column.null_count for column in data.table.columns):
        return 0.0
    floats = [
        data.table[column.name].combine_chunks().to_numpy(zero_copy_only=False)
        for column in data.columns.columns
        if column.kind == Kind.NUMBER and pa.types.is_float64(column.type)
    ]
    if not floats:
        return 0.0
    return float(np.mean([np.mean(np.abs(values - np.round(values, 8)) > 1e-12) for values in floats]))
