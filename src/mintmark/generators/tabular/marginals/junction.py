"""A junction tree: cliques of columns, such that what is known of each clique determines one joint distribution.

Lauritzen, Spiegelhalter 1988; Koller, Friedman 2009, chapter 10. Columns are numbered, and an array over columns has
one axis for each in rising order.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Axes = tuple[int, ...]


@dataclass(frozen=True)
class JunctionTree:
    """Cliques, parents before children; -1 is the parent of a root."""

    sizes: tuple[int, ...]
    """How many codes each column has."""
    cliques: tuple[Axes, ...]
    parents: tuple[int, ...]

    @classmethod
    def over(cls, sizes: Sequence[int], groups: Iterable[Axes]) -> "JunctionTree":
        """The tree in which each group of columns lies within a clique."""
        found = _maximal(_eliminated(sizes, groups)) or [()]
        placed, parents, left = [0], [-1], set(range(1, len(found)))
        while left:
            pairs = ((new, at, found[old]) for new in left for at, old in enumerate(placed))
            _, new, at = max((len(set(found[new]) & set(old)), -new, -at) for new, at, old in pairs)
            placed.append(-new)
            parents.append(-at)
            left.remove(-new)
        return cls(tuple(sizes), tuple(found[place] for place in placed), tuple(parents))

    @property
    def sound(self) -> bool:
        """Does it cover all columns, and does each clique share with those before it only what its parent holds?"""
        seen: set[int] = set()
        if len(self.parents) != len(self.cliques) or not self.cliques:
            return False
        for place, (clique, up) in enumerate(zip(self.cliques, self.parents, strict=True)):
            rising = list(clique) == sorted(set(clique)) and all(0 <= axis < len(self.sizes) for axis in clique)
            if not rising or not (0 <= up < place if place else up == -1):
                return False
            if place and not seen & set(clique) <= set(self.cliques[up]):
                return False
            seen |= set(clique)
        return seen == set(range(len(self.sizes)))

    @cached_property
    def separators(self) -> tuple[Axes, ...]:
        """The columns that each clique shares with its parent."""
        pairs = zip(self.cliques, self.parents, strict=True)
        return tuple(() if up < 0 else tuple(c for c in own if c in self.cliques[up]) for own, up in pairs)

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The cliques below each."""
        return tuple(
            tuple(place for place, up in enumerate(self.parents) if up == own) for own in range(len(self.cliques))
        )

    def home(self, axes: Axes) -> int:
        """The smallest clique that holds these columns."""
        fitting = [place for place, clique in enumerate(self.cliques) if set(axes) <= set(clique)]
        return min(fitting, key=lambda place: self.cells(self.cliques[place]))

    def cells(self, axes: Axes) -> int:
        """How many combinations of codes these columns have."""
        return prod(self.sizes[axis] for axis in axes)

    def shape(self, axes: Axes) -> Axes:
        """The shape of an array over these columns."""
        return tuple(self.sizes[axis] for axis in axes)

    def calibrated(self, logs: Sequence[Floats]) -> list[Floats]:
        """The marginal of each clique under the product of exp(logs), which need not sum to 1."""
        tables = [np.exp(np.maximum(log - log.max(), -600)) for log in logs]
        upward: list[Floats] = [np.ones(())] * len(tables)
        for place in range(len(tables) - 1, 0, -1):
            message = summed(tables[place], self.cliques[place], self.separators[place])
            upward[place] = np.maximum(message / message.max(), 1e-300)
            up = self.parents[place]
            tables[up] = tables[up] * spread(upward[place], self.separators[place], self.cliques[up])
        tables[0] = tables[0] / tables[0].sum()
        for place in range(1, len(tables)):
            shared = summed(tables[self.parents[place]], self.cliques[self.parents[place]], self.separators[place])
            ratio = spread(shared / upward[place], self.separators[place], self.cliques[place])
            table = tables[place] * ratio
            tables[place] = table / table.sum()
        return tables

    def pairs(self, marginals: Sequence[Floats]) -> dict[Axes, Floats]:
        """The joint distribution of every two columns, also of those that share no clique."""
        out: dict[Axes, Floats] = {}
        for column in range(len(self.sizes)):
            for other, table in self._beside(column, marginals):
                if column < other:
                    out[column, other] = table
        return out

    def _beside(self, column: int, marginals: Sequence[Floats]) -> Iterator[tuple[int, Floats]]:
        """(other column, its joint distribution with this one), walking outwards from where this one is."""
        own = [place for place, clique in enumerate(self.cliques) if column in clique]
        queue: list[tuple[int, int, Floats]] = []
        for place in own:
            clique = self.cliques[place]
            for other in clique:
                if other > column:
                    yield other, summed(marginals[place], clique, (column, other))
            for near in self._neighbours(place):
                if column not in self.cliques[near]:
                    shared = self._shared(place, near)
                    queue.append((near, place, _first(marginals[place], clique, column, shared)))
        for place, before, known in queue:
            clique, shared = self.cliques[place], self._shared(place, before)
            joint = known[(slice(None), *_placing(shared, clique))] * self._given(place, shared, marginals[place])
            for other in clique:
                if other > column and other not in shared:
                    yield other, summed(joint, (-1, *clique), (-1, other))
            queue.extend((near, place, summed(joint, (-1, *clique), (-1, *self._shared(place, near))))
                         for near in self._neighbours(place) if near != before)  # fmt: skip

    def _given(self, place: int, shared: Axes, marginal: Floats) -> Floats:
        below = summed(marginal, self.cliques[place], shared)
        return marginal / spread(np.maximum(below, 1e-300), shared, self.cliques[place])

    def _shared(self, one: int, other: int) -> Axes:
        return self.separators[one] if self.parents[one] == other else self.separators[other]

    def _neighbours(self, place: int) -> Axes:
        return self.children[place] + ((self.parents[place],) if self.parents[place] >= 0 else ())


def summed(table: Floats, axes: Axes, kept: Axes) -> Floats:
    """The table over fewer columns."""
    gone = tuple(place for place, axis in enumerate(axes) if axis not in kept)
    return np.asarray(table.sum(axis=gone)) if gone else table


def spread(table: Floats, axes: Axes, wider: Axes) -> Floats:
    """The table with an axis of length 1 for each column that it lacks."""
    return table[_placing(axes, wider)]


def largest(sizes: Sequence[int], groups: Iterable[Axes]) -> int:
    """Cells of the largest clique that a tree over these groups would have."""
    return max(prod(sizes[axis] for axis in clique) for clique in _eliminated(sizes, groups))


def _placing(axes: Axes, wider: Axes) -> tuple[slice | None, ...]:
    return tuple(slice(None) if axis in axes else None for axis in wider)


def _first(table: Floats, axes: Axes, column: int, kept: Axes) -> Floats:
    """The table over one column, put first, and others."""
    part = summed(table, axes, (column, *kept))
    order = tuple(axis for axis in axes if axis == column or axis in kept)
    return np.moveaxis(part, order.index(column), 0)


def _eliminated(sizes: Sequence[int], groups: Iterable[Axes]) -> list[Axes]:
    """Cliques of a triangulated graph: takes away, each time, the column that leaves the smallest clique."""
    near: list[set[int]] = [set() for _ in sizes]
    for group in groups:
        for axis in group:
            near[axis] |= set(group) - {axis}
    left, cliques = set(range(len(sizes))), []
    weight = {axis: prod(sizes[other] for other in near[axis]) * sizes[axis] for axis in left}
    while left:
        axis = min(left, key=lambda place: (weight[place], place))
        around = near[axis]
        cliques.append(tuple(sorted({axis, *around})))
        left.remove(axis)
        for other in around:
            near[other] |= around
            near[other] -= {axis, other}
        for other in around:
            weight[other] = prod(sizes[beyond] for beyond in near[other]) * sizes[other]
    return cliques


def _maximal(cliques: list[Axes]) -> list[Axes]:
    """Without those that lie within another."""
    kept: list[set[int]] = []
    for clique in sorted(map(set, cliques), key=lambda each: (-len(each), sorted(each))):
        if not any(clique <= other for other in kept):
            kept.append(clique)
    return [tuple(sorted(clique)) for clique in kept]
