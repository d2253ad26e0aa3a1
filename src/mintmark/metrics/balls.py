"""The places of rows among each other: the ball about each row that reaches to its k-th nearest neighbour.

All pairs of at most a capped number of rows are looked at, in blocks of bounded memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics import intervals
from mintmark.metrics.metric import Case
from mintmark.metrics.neighbours import Map, Points
from mintmark.metrics.sides import AXES, Sides, sides

Squares = NDArray[np.floating[Any]]

BLOCK = 1 << 21
"""Distances held at once: 8 MB, which a processor keeps near."""
TIMES = 3.0
"""Rows that lie in one ball come and go together: simulated, the variance of a share was 1.2 to 3 times that of
independent rows, more where the tables differ (4 to 16 dimensions, 300 to 1,000 rows)."""
SLACK = 4
"""Times the rounding error of the largest square, added to squared radii: a copy lies in the ball of its original."""
NARROW = 16
"""Axes up to which double precision is used: with few of them many rows lie closer than single precision can tell."""
GROUP = 32
"""Columns of which only the smallest is looked at first."""
NEIGHBOURS = 5
"""The k of Naeem et al. 2020."""


@dataclass(frozen=True)
class Clouds:
    """Real and synthetic rows as points in a space of ranks and levels (see `neighbours.Map`), n of each."""

    both: Sides
    real: Points
    made: Points

    @classmethod
    def of(cls, case: Case, most: int, rng: np.random.Generator, *, minimum: int) -> "Clouds":
        """At most `most` rows of each side; CannotMeasure where there are fewer than `minimum`."""
        both = sides(case, most, rng, minimum=minimum, axes=AXES)
        map_ = Map.of(both.space, both.real)
        return cls(both, map_.points(both.real), map_.points(both.made))

    @property
    def n(self) -> int:
        """Rows on each side."""
        return self.both.n

    def note(self) -> dict[str, Any]:
        """What a reading's details say of the space and of rows left out."""
        return {"space": f"ranks and levels, {self.real.shape[1]} axes", **self.both.note()}


def radii(points: Points, k: int, *, of: NDArray[np.int64] | None = None) -> Squares:
    """Squared distance from each point to its k-th nearest other one, with a little slack; shape (n,).

    Or only of the points in the places `of`, shape (m,).
    """
    places = np.arange(len(points)) if of is None else of
    found = []
    for rows, squares in _pairs(points[places], points):
        squares[np.arange(len(squares)), places[rows]] = np.inf
        found.append(_kth_smallest(squares, k))
    out = np.concatenate(found)
    largest = np.square(points - points.mean(axis=0)).sum(axis=1).max()
    return out + out.dtype.type(SLACK * np.finfo(out.dtype).eps * largest)


def balls_holding(points: Points, centres: Points, squared: Squares) -> NDArray[np.int64]:
    """How many of the balls about the centres hold each point, shape (points,)."""
    return np.concatenate([np.count_nonzero(squares <= squared, axis=1) for _, squares in _pairs(points, centres)])


def nearest(points: Points, pool: Points) -> tuple[NDArray[np.int64], Squares]:
    """For each point which one of the pool is nearest, and the squared distance; shape (points,) each."""
    places, lowest = [], []
    for _, squares in _pairs(points, pool):
        place = squares.argmin(axis=1)
        places.append(place)
        lowest.append(squares[np.arange(len(squares)), place])
    return np.concatenate(places), np.concatenate(lowest)


def share(inside: NDArray[np.bool_]) -> tuple[float, tuple[float, float]]:
    """The share of rows and its interval: the exact binomial one, as if there were `TIMES` fewer rows."""
    hits, n = float(inside.sum()), len(inside)
    fewer = max(1, round(n / TIMES))
    return hits / n, intervals.proportion(hits / n * fewer, fewer)


def by_chance(n: int, others: int, k: int) -> float:
    """The chance that a real row's ball, to its k-th of n − 1 neighbours, holds one of `others` fresh real rows.

    1 − ∏ (n − i) / (others + n − i) for i = 1 … k (Naeem et al. 2020).
    """
    i = np.arange(1, k + 1)
    return float(1 - np.prod((n - i) / (others + n - i)))


def _kth_smallest(squares: Squares, k: int) -> Squares:
    """The k-th smallest number of each row, shape (rows,).

    The k smallest lie in the k groups of columns with the smallest minima, or among the columns left over: so few are
    sorted, and what is sorted is no view that would keep the whole block in memory.
    """
    groups = squares.shape[1] // GROUP
    if groups <= k:
        return np.partition(squares, k - 1, axis=1)[:, k - 1].copy()
    grouped = squares[:, : groups * GROUP].reshape(len(squares), GROUP, groups)
    chosen = np.argpartition(grouped.min(axis=1), k - 1, axis=1)[:, :k]
    few = np.take_along_axis(grouped, chosen[:, None, :], axis=2).reshape(len(squares), -1)
    few = np.concatenate([few, squares[:, groups * GROUP :]], axis=1)
    few.partition(k - 1, axis=1)
    return few[:, k - 1]


def _pairs(points: Points, pool: Points) -> Iterator[tuple[slice, Squares]]:
    """Squared distances from a few points at a time to all of the pool."""
    precise = np.float64 if pool.shape[1] <= NARROW else np.float32
    centre = pool.mean(axis=0)  # small numbers have small rounding errors
    points, pool = ((P - centre).astype(precise) for P in (points, pool))
    step = max(1, BLOCK // len(pool))
    norms, other_norms = (np.einsum("ij,ij->i", P, P) for P in (points, pool))
    for start in range(0, len(points), step):
        rows = slice(start, min(start + step, len(points)))
        squares = (-2 * points[rows]) @ pool.T
        squares += norms[rows, None]
        squares += other_norms
        yield rows, np.maximum(squares, 0, out=squares)
