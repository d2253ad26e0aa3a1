"""How near the rows of a large pool come to a query: sought in the cells around it, so that no pool need be thinned."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points
from mintmark.metrics.rows import fingerprints

PROBES = 4
"""Cells around a query that are searched."""
SMALL = 4_096
"""Pools up to this size are one cell."""
QUERIES = 1_024
"""Queries that are compared with a cell at once."""


@dataclass(frozen=True)
class Near:
    """For each query, shape (queries,)."""

    distance: Floats
    """To the nearest row that was found."""
    density: Floats
    """ln of the mean kernel around the rows that were found, (1 + distance²/width²)⁻⁴, without its constant."""


@dataclass(frozen=True)
class Index:
    """A pool cut into cells around random rows of its own (an inverted file: Jégou, Douze & Schmid 2011).

    A row that is a copy, or nearly one, lies in the cells around the query; of rows that are far anyway, one a little
    farther than the nearest may be found. An attack may search as it likes: members and others are sought alike.
    """

    rows: Floats
    """The distinct rows of the pool in the order of their cells, shape (n, d)."""
    times: NDArray[np.int64]
    """How often each stands in the pool, shape (n,)."""
    starts: NDArray[np.int64]
    """Where each cell begins, and the end; shape (cells + 1,)."""
    centres: Points
    points: Callable[[Floats], Points]
    """Lays out rows in the space of distances."""

    @classmethod
    def of(cls, rows: Floats, points: Callable[[Floats], Points], rng: np.random.Generator, *, queries: int) -> "Index":
        """Cuts a pool, shape (n, d), into as many cells as cost least to make and to search for so many queries."""
        _, first, times = np.unique(fingerprints(rows), return_index=True, return_counts=True)
        rows = rows[first]
        count = 1 if len(rows) <= SMALL else max(16, int(np.sqrt(min(PROBES * queries, len(rows)))))
        centres = points(rows[rng.permutation(len(rows))[:count]])
        parts = np.array_split(rows, -(-len(rows) // QUERIES))
        found = np.concatenate([_squares(points(part), centres).argmin(axis=1) for part in parts])
        used, cell = np.unique(found, return_inverse=True)  # of equal centres one has all the rows
        order = np.argsort(cell, kind="stable")
        starts = np.searchsorted(cell[order], np.arange(len(used) + 1))
        return cls(rows[order], times[order], starts, centres[used], points)

    @property
    def size(self) -> int:
        """Rows of the pool."""
        return int(self.times.sum())

    def drawn(self, most: int, rng: np.random.Generator) -> Floats:
        """Rows of the pool in random order, at most so many."""
        return self.rows[np.repeat(np.arange(len(self.rows)), self.times)[rng.permutation(self.size)[:most]]]

    def near(self, queries: Points, width: float) -> Near:
        """How near the pool comes to each query, shape (n, axes), and how dense it is there at that kernel width."""
        probes = _probes(queries, self.centres)
        squared, winner = np.full(len(queries), np.inf), np.zeros(len(queries), dtype=np.int64)
        kernels = np.zeros(len(queries))
        for cell, mine in _by_cell(probes):
            first, end = self.starts[cell], self.starts[cell + 1]
            part, times = self.points(self.rows[first:end]), self.times[first:end].astype(np.float32)
            for some in np.array_split(mine, -(-len(mine) // QUERIES)):
                found = _squares(queries[some], part)
                place = found.argmin(axis=1)
                least = found[np.arange(len(some)), place]
                nearer = least < squared[some]
                squared[some[nearer]], winner[some[nearer]] = least[nearer], first + place[nearer]
                found /= width**2
                found += 1
                kernels[some] += found**-4 @ times
        return Near(self._exact(queries, winner), np.log(kernels / self.size))

    def _exact(self, queries: Points, winner: NDArray[np.int64]) -> Floats:
        """The expanded square cancels badly: the winner's distance is computed again, so that a copy lies at 0."""
        out = np.empty(len(queries))
        for first in range(0, len(queries), QUERIES):
            part = slice(first, first + QUERIES)
            out[part] = np.linalg.norm(queries[part] - self.points(self.rows[winner[part]]), axis=1)
        return out


def _probes(rows: Points, centres: Points) -> NDArray[np.int64]:
    """The nearest centres of each row, shape (rows, at most `PROBES`)."""
    count = min(PROBES, len(centres))
    out = np.empty((len(rows), count), dtype=np.int64)
    for first in range(0, len(rows), QUERIES):
        found = _squares(rows[first : first + QUERIES], centres)
        out[first : first + QUERIES] = np.argpartition(found, count - 1, axis=1)[:, :count]
    return out


def _by_cell(probes: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Each cell that is asked for, with the queries that ask for it."""
    order = np.argsort(probes, axis=None, kind="stable")
    cells = probes.ravel()[order]
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    for first, end in pairwise([*starts, len(cells)]):
        yield int(cells[first]), order[first:end] // probes.shape[1]


def _squares(one: Points, two: Points) -> Points:
    """Squared distances, shape (one, two)."""
    out = one @ two.T
    out *= -2
    out += np.einsum("ij,ij->i", one, one)[:, None]
    out += np.einsum("ij,ij->i", two, two)
    return np.maximum(out, 0, out=out)
