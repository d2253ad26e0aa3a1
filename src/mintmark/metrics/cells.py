"""Columns cut into cells, so that distributions of any kind can be counted and compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import Column, Kind

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

COUNTED = 10
"""Real rows from which on their number is told; evidence leaves the house, and small numbers point at people."""
NAMED = 5
"""Real rows from which on what they have in common is named."""


@dataclass(frozen=True)
class Cut:
    """How one column is cut. Cell 0 holds the missing values; the last cell holds what none of the others does."""

    column: Column
    points: Floats
    """Upper ends of the cells of a number, or the codes that have a cell of their own, in increasing order."""
    named: NDArray[np.bool_]
    """Which of the points may be named: not a value that fewer than `NAMED` real rows have; shape (points,)."""

    @classmethod
    def of(cls, column: Column, real: Floats, *, at: Floats, levels: int) -> "Cut":
        """Cuts numbers at the quantiles `at` of the real values, and keeps the most frequent real levels apart."""
        present = real[~np.isnan(real)]
        if column.discrete:
            codes, counts = np.unique(present, return_counts=True)
            kept = np.sort(np.argsort(-counts, kind="stable")[:levels])
            return cls(column, codes[kept], counts[kept] >= NAMED)
        distinct, counts = np.unique(present, return_counts=True)
        if len(distinct) <= len(at) + 1:
            return cls(column, distinct, counts >= NAMED)
        ends = np.unique(np.quantile(present, at, method="inverted_cdf"))
        return cls(column, ends, np.ones(len(ends), dtype=bool))

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.points) + 2

    def place(self, values: Floats) -> Places:
        """The cell of each value, shape (n,)."""
        missing = np.isnan(values)
        found = np.searchsorted(self.points, values, side="left")
        if self.column.discrete and len(self.points):
            known = self.points[np.minimum(found, len(self.points) - 1)] == values
            found = np.where(known, found, len(self.points))
        return np.where(missing, 0, found + 1).astype(np.int64)

    def label(self, cell: int) -> str:
        """A cell in words. Its ends are rounded, for a quantile is somebody's value, and never one of a few people."""
        if cell == 0:
            return "missing"
        if self.column.discrete:
            return self._level(cell - 1)
        below, above = self.points[: cell - 1][self.named[: cell - 1]], self.points[cell - 1 :][self.named[cell - 1 :]]
        ends = [f"above {self._word(below[-1])}"] if len(below) else []
        ends += [f"up to {self._word(above[0])}"] if len(above) else []
        return ", ".join(ends) or "any"

    def _level(self, place: int) -> str:
        if place >= len(self.points):
            return "other"
        return self.column.levels[int(self.points[place])] if self.named[place] else "a rare level"

    def _word(self, point: float) -> str:
        if self.column.kind == Kind.TEXT or not np.isfinite(point):
            return f"{point:g}"
        return str(arrays.from_numbers(np.array([self._rounded(point)]), self.column)[0].as_py())

    def _rounded(self, point: float) -> float:
        """Three digits, of the point itself or of how far all points reach, whichever is finer."""
        reach = float(np.ptp(self.points[np.isfinite(self.points)]))
        sizes = [size for size in (abs(point), reach) if size > 0]
        if not sizes:
            return point
        digits = 2 - int(np.floor(np.log10(min(sizes))))
        return round(point, digits)


def told(rows: int) -> int | str:
    """A number of real rows as evidence may tell it."""
    return rows if rows == 0 or rows >= COUNTED else f"fewer than {COUNTED}"


def evenly(bins: int) -> Floats:
    """Quantiles that cut a column into `bins` cells of equal weight."""
    return np.arange(1, bins) / bins


def with_tails(bins: int) -> Floats:
    """The same, with the lowest and the highest hundredth apart."""
    return np.unique(np.concatenate([[0.01], evenly(bins), [0.99]]))


def block_counts(places: Places, size: int, block: Places) -> Floats:
    """Rows in each cell of each block, shape (blocks, size)."""
    blocks = int(block.max()) + 1
    flat = np.bincount(block * size + places, minlength=blocks * size)
    return flat.reshape(blocks, size).astype(np.float64)
