"""A generator that bootstraps its training rows: perfectly faithful, and no protection at all."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from mintmark.data.dataset import Dataset


@dataclass(frozen=True)
class Copycat:
    """Bootstraps training rows: passes fidelity, and must fail privacy."""

    assumes: ClassVar[tuple[str, ...]] = ("Nobody minds.",)

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Copies":
        assert real is not None
        return Copies(real)

    def load(self, folder: Path) -> "Copies":
        raise NotImplementedError("a copycat is never kept")


@dataclass(frozen=True)
class Copies:
    """The training rows themselves."""

    rows: Dataset

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        return self.rows.select(rng.integers(self.rows.table.num_rows, size=count))

    def save(self, folder: Path) -> None:
        raise NotImplementedError("a copycat is never kept")
