"""The contract that every method keeps: what learns returns what samples, and what samples returns a dataset."""

from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from mintmark.data.dataset import Dataset


@runtime_checkable
class Sampler(Protocol):
    """What was learnt: makes new data, and is saved as plain files.

    One that proves something of its training rows says so in an attribute `guarantee` (see `guarantee.Guarantee`).
    It may have `notes`, a tuple of plain sentences: which method was chosen and why, or what its fit has to say against
    it. They are saved with it, recorded in the ledger and shown to the user.
    """

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


class Generator(Protocol):
    """A method. Its fields are its parameters; making one does nothing else.

    One whose rows each follow a few real rows (as those of SMOTE do) says so in a class attribute `origin`:
    "augmented", and every row that it makes bears that. Without it rows are "synthetic".
    """

    assumes: ClassVar[tuple[str, ...]]
    """What the method takes for granted and cannot represent, in plain sentences: recorded with each dataset."""

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> Sampler:
        """Learns from real training data, or from nothing.

        A method that learns for long may also take a keyword `workshop` (see `generators/workshop.py`).

        Raises DataError where the data cannot serve this method.
        """
        ...

    def load(self, folder: Path) -> Sampler:
        """Reads what `save` wrote; the result samples the same rows."""
        ...
