"""The contract that every filter keeps: what is opened sifts rows, run after run, and says why each was left out."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.dataset import Dataset
from mintmark.models.means import Means

Dropped = tuple[str, str]
"""Why a row was left out, in words that are the same for all rows with that fault; and what shows it."""

NO_TEXT: Dropped = ("no text", "")


@dataclass(frozen=True)
class Sifted:
    """What became of each row of a run."""

    keep: NDArray[np.bool_]
    """Shape (n,)."""
    reasons: tuple[str | None, ...]
    """Why not, in words by which rows can be counted; None where a row is kept."""
    shown: tuple[str | None, ...]
    """What shows it in this row: the overlapping passage, the twin, the figure; None where a row is kept."""

    @classmethod
    def of(cls, count: int, dropped: Mapping[int, Dropped]) -> "Sifted":
        """All rows but those that were dropped, by their place in the run."""
        keep = np.ones(count, bool)
        keep[list(dropped)] = False
        told = [dropped.get(place, (None, None)) for place in range(count)]
        return cls(keep, tuple(reason for reason, _ in told), tuple(shown for _, shown in told))


@runtime_checkable
class Sieve(Protocol):
    """An open filter. It may remember what it let through; sifting the same rows again makes the same sieve."""

    def sift(self, rows: pa.Table) -> Sifted:
        """What becomes of the next rows; they come in runs, in order.

        Raises UnknownName where a column is not there, and DataError where it cannot be read this way.
        """
        ...


class Filter(Protocol):
    """A reason to leave rows out. Its fields are its parameters; making one does nothing else."""

    @property
    def streams(self) -> bool:
        """True where rows get the same answers in runs of any length; False where each run is judged as a whole.

        Most filters say it of their class; one whose parameters decide says it of itself.
        """
        ...

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> Sieve:
        """Makes ready. `real` holds training rows (seeds, documents, labelled rows), never the holdout.

        Raises DataError where it is needed and missing, or cannot serve; InputError where a file cannot be read.
        """
        ...


def opened(filter_: Filter, real: Dataset | None, *, rng: np.random.Generator, workshop: Means) -> Sieve:
    """Opens; a filter whose `open` takes a `workshop` asks language models or reads files, and gets it."""
    if "workshop" in inspect.signature(filter_.open).parameters:
        made: Sieve = filter_.open(real, rng=rng, workshop=workshop)  # type: ignore[call-arg]
        return made
    return filter_.open(real, rng=rng)
