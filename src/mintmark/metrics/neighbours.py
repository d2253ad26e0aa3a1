"""Nearest neighbours among rows of mixed kinds: exact, by brute force in blocks of bounded memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats, Space

Points = NDArray[np.float32]

MISMATCH = np.sqrt(1 / 6)
"""How far two levels are apart: as far as the ranks of two random numbers are, root mean square."""
LEVELS = 50
"""Levels beyond the most frequent ones lie on one point, so that the width stays bounded."""
BLOCK = 1 << 23
"""Distances held at once: 32 MB."""


@dataclass(frozen=True)
class Map:
    """Places rows in a space of distances: a number by its rank among real ones, a level on its own axis."""

    categorical: frozenset[int]
    known: tuple[Floats, ...]
    """For each column the sorted real values, or the codes that have an axis."""

    @classmethod
    def of(cls, space: Space, real: Floats) -> "Map":
        """Learns ranks and levels from real rows, shape (n, d)."""
        categorical = frozenset(space.categorical)
        return cls(
            categorical,
            tuple(_frequent(real[:, j]) if j in categorical else _sorted(real[:, j]) for j in range(real.shape[1])),
        )

    def points(self, rows: Floats) -> Points:
        """Rows as points, shape (n, width)."""
        parts = [
            _one_hot(rows[:, j], known) if j in self.categorical else _ranks(rows[:, j], known)
            for j, known in enumerate(self.known)
        ]
        return np.concatenate(parts, axis=1).astype(np.float32)


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


def _sorted(values: Floats) -> Floats:
    return np.sort(values[~np.isnan(values)])


def _frequent(values: Floats) -> Floats:
    codes, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return np.sort(codes[np.argsort(-counts, kind="stable")[:LEVELS]])


def _ranks(values: Floats, known: Floats) -> Floats:
    missing = np.isnan(values)
    middle = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
    rank = np.where(missing, 0.5, middle / max(1, 2 * len(known)))
    return np.column_stack([rank, missing * (MISMATCH / np.sqrt(2))])


def _one_hot(values: Floats, known: Floats) -> Floats:
    out = np.zeros((len(values), len(known) + 2))
    place = np.searchsorted(known, values)
    if len(known):
        place = np.where(known[np.minimum(place, len(known) - 1)] == values, place, len(known))
    place = np.where(np.isnan(values), len(known) + 1, place)
    out[np.arange(len(values)), place] = MISMATCH / np.sqrt(2)
    return out
