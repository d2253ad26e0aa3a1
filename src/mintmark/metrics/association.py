"""How strongly every two columns hang together, from one product of matrices.

Ranks of numbers and levels of categories stand side by side as wide columns; every association is a function of the
sums of products of these, so that blocks of rows can be left out or repeated at the cost of adding their sums.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.metrics.cells import Cut
from mintmark.metrics.features import Floats, Space

KINDS = (
    "Spearman's rho of two numbers",
    "correlation ratio of a number and a category",
    "Cramér's V of two categories",
)
WIDTH = 3
"""Wide columns of a number: rank, its square, and whether there is a value."""
TINY = 1e-9


@dataclass(frozen=True)
class Layout:
    """Which wide columns hold what: ranks, their squares and their presence for a number, and levels for a category."""

    names: tuple[str, ...]
    cuts: tuple[Cut | None, ...]
    """For each column its `Cut`, or None for a number."""
    places: tuple[int, ...]
    """Where a column lies in the data."""
    starts: tuple[int, ...]
    """Where a column's wide columns begin."""

    @classmethod
    def of(cls, space: Space, real: Floats, kept: list[int], levels: int) -> "Layout":
        """Of the columns `kept`; the rarer levels beyond the first `levels` are one."""
        columns = [space.columns[j] for j in kept]
        cuts = [
            Cut.of(column, real[:, j], at=np.empty(0), levels=levels) if column.discrete else None
            for column, j in zip(columns, kept, strict=True)
        ]
        widths = [cut.size if cut else WIDTH for cut in cuts]
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(int).tolist()
        return cls(tuple(column.name for column in columns), tuple(cuts), tuple(kept), tuple(starts))

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every two columns, those of a kind together: numbers, mixed with the number first, categories."""
        order = sorted(range(len(self.cuts)), key=lambda c: self.cuts[c] is not None)
        return sorted(combinations(order, 2), key=lambda pair: (self.kind(*pair), pair))

    def kind(self, a: int, b: int) -> int:
        """The place of a pair's measure in `KINDS`."""
        return sum(self.cuts[c] is not None for c in (a, b))

    def wide(self, rows: Floats) -> Floats:
        """Rows, shape (n, columns), as wide columns, shape (n, width)."""
        parts = [
            np.eye(cut.size)[cut.place(rows[:, j])] if cut else _ranks(rows[:, j])
            for j, cut in zip(self.places, self.cuts, strict=True)
        ]
        return np.concatenate(parts, axis=1)

    def associations(self, products: Floats) -> Floats:
        """For each set of rows and each of the `pairs`, from sums of products, shape (sets, width, width)."""
        out = []
        for a, b in self.pairs:
            one, other = self._span(a), self._span(b)
            measure = (_spearman, _ratio, _cramer)[self.kind(a, b)]
            out.append(measure(products[:, one, other]))
        return np.stack(out, axis=1)

    def _span(self, c: int) -> slice:
        cut = self.cuts[c]
        return slice(self.starts[c], self.starts[c] + (cut.size if cut else WIDTH))


def sums(wide: Floats, block: NDArray[np.int64]) -> Floats:
    """Sums of products of wide columns for each block of rows, shape (blocks, width, width)."""
    return np.stack([part.T @ part for part in (wide[block == k] for k in range(int(block.max()) + 1))])


def _ranks(values: Floats) -> Floats:
    """Ranks scaled to variance 1 or so, their squares, and whether there is a value; shape (n, 3)."""
    present = ~np.isnan(values)
    scaled = np.zeros(len(values))
    count = max(1, int(present.sum()))
    scaled[present] = (stats.rankdata(values[present]) - (count + 1) / 2) / count * np.sqrt(12)
    return np.column_stack([scaled, scaled**2, present])


def _spearman(products: Floats) -> Floats:
    """From products of (rank, square, presence) of one number with those of the other, shape (sets, 3, 3)."""
    n = np.maximum(products[:, 2, 2], 1)
    mean, other = products[:, 0, 2] / n, products[:, 2, 0] / n
    spread = (products[:, 1, 2] / n - mean**2) * (products[:, 2, 1] / n - other**2)
    return np.clip((products[:, 0, 0] / n - mean * other) / np.sqrt(np.maximum(spread, TINY)), -1, 1)


def _ratio(products: Floats) -> Floats:
    """From products of (rank, square, presence) of a number with levels, shape (sets, 3, levels)."""
    totals, squares, counts = products[:, 0], products[:, 1].sum(axis=1), products[:, 2]
    n = counts.sum(axis=1)
    level_means = totals / np.maximum(counts, 1)
    inner = squares - (level_means * totals).sum(axis=1)
    whole = squares - totals.sum(axis=1) ** 2 / np.maximum(n, 1)
    levels = (counts > 0).sum(axis=1)
    unexplained = inner / np.maximum(whole, TINY) * np.maximum(n - 1, 1) / np.maximum(n - levels, 1)
    return np.where(whole > TINY, np.sqrt(np.clip(1 - unexplained, 0, 1)), 0.0)


def _cramer(counts: Floats) -> Floats:
    """From joint counts, shape (sets, levels, levels)."""
    n = counts.sum(axis=(1, 2))
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    shares = counts**2 / np.maximum(rows[:, :, None] * columns[:, None, :], TINY)
    r, c = (rows > 0).sum(axis=1), (columns > 0).sum(axis=1)
    phi = np.maximum(0, shares.sum(axis=(1, 2)) - 1 - (r - 1) * (c - 1) / (n - 1))
    fewer = np.minimum(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return np.where(fewer > 1e-9, np.sqrt(np.minimum(1, phi / np.maximum(fewer, 1e-9))), 0.0)
