"""Combinations of several columns, coarsely cut: which cell each row lies in, and who alone reaches a cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.cells import Cut
from mintmark.metrics.features import Floats, Space
from mintmark.seeds import Seed

Places = NDArray[np.int64]

DENSE = 1 << 20
"""Most cells that are held in one array; of wider combinations only the cells that some row reaches are numbered."""
LISTED = 20_000
"""Most combinations that are listed to draw from; of more they are drawn one by one."""


@dataclass(frozen=True)
class Combo:
    """One combination of columns, and the cell of every row of each table."""

    columns: tuple[int, ...]
    size: int
    tables: tuple[Places, ...]

    def counts(self, table: int) -> Places:
        """Rows of a table in each cell, shape (size,)."""
        return np.bincount(self.tables[table], minlength=self.size)

    def example(self, table: int, cell: int) -> int:
        """A row of the table that lies in the cell."""
        return int(np.argmax(self.tables[table] == cell))


def combos(cuts: list[Cut], tables: tuple[Floats, ...], ways: int, most: int) -> Iterator[Combo]:
    """Every combination of `ways` columns, or `most` of them drawn at random; of fewer columns, all at once.

    Which are drawn is part of the question: the same for synthetic data, ceiling and floor, whatever their streams.
    """
    placed = [[cut.place(rows[:, j]) for j, cut in enumerate(cuts)] for rows in tables]
    for columns in chosen(len(cuts), min(ways, len(cuts)), most):
        yield _combo(columns, [cuts[j].size for j in columns], [[side[j] for j in columns] for side in placed])


def chosen(columns: int, ways: int, most: int) -> list[tuple[int, ...]]:
    """At most `most` distinct combinations of column positions, in order; always the same."""
    rng = Seed(0).child("combinations").rng()
    total = comb(columns, ways)
    if total <= max(most, LISTED):
        every = list(combinations(range(columns), ways))
        return [every[place] for place in np.sort(rng.permutation(total)[:most])]
    drawn: set[tuple[int, ...]] = set()
    while len(drawn) < most:
        drawn.add(tuple(sorted(rng.choice(columns, ways, replace=False).tolist())))
    return sorted(drawn)


def some(names: list[str], most: int, first: str | None) -> list[int]:
    """The places of at most `most` columns, in order and always the same; the column `first` is among them."""
    order = Seed(0).child("columns").rng().permutation(len(names)).tolist()
    order.sort(key=lambda place: names[place] != first)
    return sorted(order[:most])


def sole(cells: Places, block: Places, size: int) -> Places:
    """For each cell the block of rows that alone reaches it, or −1 where none does or several do; shape (size,)."""
    order = np.argsort(block, kind="stable")
    last, first = np.full(size, -1), np.full(size, -1)
    last[cells[order]] = block[order]
    first[cells[order[::-1]]] = block[order[::-1]]
    return np.where(first == last, first, -1)


def label(space: Space, cuts: list[Cut], columns: tuple[int, ...], row: Floats) -> str:
    """The cell of a row in words; `row` has shape (all columns,)."""
    places = [(j, int(cuts[j].place(row[j : j + 1])[0])) for j in columns]
    return " and ".join(f"{space.columns[j].name}: {cuts[j].label(place)}" for j, place in places)


def _combo(columns: tuple[int, ...], sizes: list[int], sides: list[list[Places]]) -> Combo:
    tables = [np.zeros_like(side[0]) for side in sides]
    total = 1
    for place, size in enumerate(sizes):
        total *= size
        tables = [table * size + side[place] for table, side in zip(tables, sides, strict=True)]
        if total > DENSE:
            tables, total = _renumbered(tables)
    return Combo(columns, total, tuple(tables))


def _renumbered(tables: list[Places]) -> tuple[list[Places], int]:
    found, numbers = np.unique(np.concatenate(tables), return_inverse=True)
    ends = np.cumsum([len(table) for table in tables])[:-1]
    return np.split(numbers, ends), len(found)
