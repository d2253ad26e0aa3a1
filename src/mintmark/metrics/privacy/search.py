"""How near the rows of a large pool come to a query: sought in the cells around it, so that no pool need be thinned."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points

PROBES = 4
"""Cells around a query that are searched."""
SMALL = 4_096
"""Pools up to this size are one cell."""
CROWD = 4
"""A cell of more than so many times its fair share holds the same few rows again and again: no more are searched."""
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
    """The pool in the order of its cells, shape (n, d)."""
    starts: NDArray[np.int64]
    """Where each cell begins, and the end; shape (cells + 1,)."""
    centres: Points
    points: Callable[[Floats], Points]
    """Lays out rows in the space of distances."""

    @classmethod
    def of(cls, rows: Floats, points: Callable[[Floats], Points], rng: np.random.Generator, *, queries: int) -> "Index":
        """Cuts a pool, shape (n, d), into as many cells as cost least to make and to search for so many queries."""
        count = 1 if len(rows) <= SMALL else max(16, int(np.sqrt(min(PROBES * queries, len(rows)))))
        centres = points(rows[rng.permutation(len(rows))[:count]])
        parts = np.array_split(rows, -(-len(rows) // QUERIES))
        found = np.concatenate([_squares(points(part), centres).argmin(axis=1) for part in parts])
        used, cell = np.unique(found, return_inverse=True)  # of equal centres one has all the rows
        order = np.argsort(cell, kind="stable")
        return cls(rows[order], np.searchsorted(cell[order], np.arange(len(used) + 1)), centres[used], points)

    def near(self, queries: Points, width: float) -> Near:
        """How near the pool comes to each query, shape (n, axes), and how dense it is there at that kernel width."""
        probes = _probes(queries, self.centres)
        squared, winner = np.full(len(queries), np.inf), np.zeros(len(queries), dtype=np.int64)
        kernels = np.zeros(len(queries))
        most = CROWD * -(-len(self.rows) // len(self.centres))
        for cell, mine in _by_cell(probes):
            first, end = self.starts[cell], self.starts[cell + 1]
            part = self.points(self.rows[first : min(end, first + most)])
            for some in np.array_split(mine, -(-len(mine) // QUERIES)):
                found = _squares(queries[some], part)
                place = found.argmin(axis=1)
                least = found[np.arange(len(some)), place]
                nearer = least < squared[some]
                squared[some[nearer]], winner[some[nearer]] = least[nearer], first + place[nearer]
                found /= width**2
                found += 1
                kernels[some] += (found**-4).sum(axis=1)
        return Near(self._exact(queries, winner), np.log(kernels / len(self.rows)))

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
