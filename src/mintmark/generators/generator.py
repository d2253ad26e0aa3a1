"""The contract that every method keeps: what learns returns what samples, and what samples returns a dataset."""

from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from mintmark.data.dataset import Dataset


@runtime_checkable
class Sampler(Protocol):
    """What was learnt: makes new data, and is saved as plain files."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Makes `count` new rows.

        `given` is the only composition. Where it holds a table of the sampler's own name, its columns are parts of the
        rows to be made: the result has those rows in that order, completed (so `count` equals their number). Where it
        holds other tables, the result holds only new tables, whose rows are linked to the given ones.

        Raises ConditionError where `given` cannot be met.
        """
        ...

    def save(self, folder: Path) -> None:
        """Writes plain files (json, npz, arrow, safetensors) into an existing empty folder; never pickle."""
        ...


@runtime_checkable
class Remarks(Protocol):
    """A sampler that has something to tell of how it came about, such as which method was chosen, and why."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for people: recorded with each dataset."""
        ...


class Generator(Protocol):
    """A method. Its fields are its parameters; making one does nothing else."""

    assumes: ClassVar[tuple[str, ...]]
    """What the method takes for granted and cannot represent, in plain sentences: recorded with each dataset."""

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> Sampler:
        """Learns from real training data, or from nothing.

        Raises DataError where the data cannot serve this method.
        """
        ...

    def load(self, folder: Path) -> Sampler:
        """Reads what `save` wrote; the result samples the same rows."""
        ...
