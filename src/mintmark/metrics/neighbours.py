"""Nearest neighbours among rows of mixed kinds: exact, by brute force in blocks of bounded memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats, Space

Points = NDArray[np.float32]

MISMATCH = np.sqrt(1 / 6)
"""How far two levels are apart: as far as the ranks of two random numbers are, root mean square."""
STEP = MISMATCH / np.sqrt(2)
"""The same along either level's own axis."""
LEVELS = 50
"""Levels beyond the most frequent ones lie on one point, so that the width stays bounded."""
BLOCK = 1 << 23
"""Distances held at once: 32 MB."""


@dataclass(frozen=True)
class Ranks:
    """Two axes: a number's middle rank among real ones, from 0 to 1, and whether it is missing."""

    values: Floats
    """The distinct real values in order, shape (m,)."""
    below: NDArray[np.int64]
    """How many real values lie below each, and below infinity; shape (m + 1,)."""

    width = 2

    @classmethod
    def of(cls, real: Floats) -> "Ranks":
        """Learns ranks from a real column, shape (n,)."""
        values, counts = np.unique(real[~np.isnan(real)], return_counts=True)
        return cls(values, np.concatenate([[0], np.cumsum(counts)]))

    def write(self, values: Floats, out: Points) -> None:
        """Places values, shape (n,), into a block of zeros, shape (n, width)."""
        missing, known = np.isnan(values), len(self.values)
        place = np.searchsorted(self.values, values)
        seen = self.values[np.minimum(place, known - 1)] == values if known else np.zeros(len(values), dtype=bool)
        middle = self.below[place] + self.below[np.minimum(place + seen, known)]
        out[:, 0] = np.where(missing, 0.5, middle / max(1, 2 * self.below[-1]))
        out[:, 1] = missing * STEP


@dataclass(frozen=True)
class Axes:
    """An axis for each of the most frequent levels, one for all others, and one for what is missing."""

    places: NDArray[np.int64]
    """The axis of each code from 0 on, shape (codes,)."""
    width: int

    @classmethod
    def of(cls, real: Floats) -> "Axes":
        """Learns which levels are frequent from a real column of codes, shape (n,)."""
        counts = np.bincount(real[~np.isnan(real)].astype(np.int64))
        frequent = np.sort(np.argsort(-counts, kind="stable")[: min(LEVELS, np.count_nonzero(counts))])
        places = np.full(len(counts), len(frequent))
        places[frequent] = np.arange(len(frequent))
        return cls(places, len(frequent) + 2)

    def write(self, values: Floats, out: Points) -> None:
        """Places codes, shape (n,), into a block of zeros, shape (n, width)."""
        missing = np.isnan(values)
        code = np.where(missing, 0, values).astype(np.int64)
        other = np.append(self.places, self.width - 2)
        place = np.where(missing, self.width - 1, other[np.minimum(code, len(self.places))])
        out[np.arange(len(values)), place] = STEP


@dataclass(frozen=True)
class Map:
    """Places rows in a space of distances: a number by its rank among real ones, a level on its own axis."""

    columns: tuple[Ranks | Axes, ...]

    @classmethod
    def of(cls, space: Space, real: Floats) -> "Map":
        """Learns ranks and levels from real rows, shape (n, d)."""
        levels = set(space.categorical)
        return cls(tuple((Axes if j in levels else Ranks).of(column) for j, column in enumerate(real.T)))

    def points(self, rows: Floats) -> Points:
        """Rows as points, shape (n, width)."""
        ends = np.cumsum([column.width for column in self.columns])
        out = np.zeros((len(rows), int(ends[-1])), dtype=np.float32)
        for values, column, end in zip(rows.T, self.columns, ends, strict=True):
            column.write(values, out[:, end - column.width : end])
        return out


def nearest(queries: Points, pool: Points) -> Floats:
    """Distance from each query to its nearest point of the pool, shape (queries,)."""
    step = max(1, BLOCK // len(pool))
    norms = np.einsum("ij,ij->i", pool, pool) / 2
    out = np.empty(len(queries))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        winner = np.argmax(block @ pool.T - norms, axis=1)
        # The expanded square cancels badly: the winner's distance is computed again, so that a copy lies at exactly 0.
        out[start : start + step] = np.linalg.norm(block - pool[winner], axis=1)
    return out
