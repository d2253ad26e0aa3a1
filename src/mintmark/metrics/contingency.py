"""How far apart two tables of counts are: total variation, its noise, and a test that they are alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.metrics import cells, intervals
from mintmark.metrics.evidence import Interval

Counts = NDArray[np.int64]

DRAWS = 300
EXPECTED = 5.0
"""Cells in which fewer rows of either table are expected are tested as one."""


@dataclass(frozen=True)
class Distance:
    """Total variation of two distributions over the same cells."""

    value: float
    variance: float
    """Of the value, by the multinomial bootstrap of both."""
    chance: float
    """What it would be on average if both were the same."""
    p: float
    """That both are the same (Pearson's χ²)."""
    cell: int
    """The cell whose shares differ most."""
    share: float
    """What the first table holds in that cell."""
    other_share: float | str
    """What the second, real one holds there; in words where that is few rows."""

    def interval(self, level: float) -> Interval:
        """Of the distance as it is seen at this n (see `intervals.centred`)."""
        return intervals.normal(self.value, self.variance, (0.0, 1.0), level)


def distance(ours: Counts, theirs: Counts, rng: np.random.Generator) -> Distance:
    """The distance of counts from real ones, both of shape (cells,) and with one row at least."""
    n, m = int(ours.sum()), int(theirs.sum())
    a, b = ours / n, theirs / m
    draws = rng.multinomial(n, a, size=DRAWS) / n - rng.multinomial(m, b, size=DRAWS) / m
    pooled = (ours + theirs) / (n + m)
    chance = float(np.sqrt(2 / np.pi * pooled * (1 - pooled) * (1 / n + 1 / m)).sum()) / 2
    variance = float((np.abs(draws).sum(axis=1) / 2).var())
    cell = int(np.argmax(np.abs(a - b)))
    few = cells.told(int(theirs[cell]))
    real = few if isinstance(few, str) else float(b[cell])
    return Distance(float(np.abs(a - b).sum()) / 2, variance, chance, _p(ours, theirs), cell, float(a[cell]), real)


def _p(ours: Counts, theirs: Counts) -> float:
    table = np.stack([ours, theirs]).astype(float)
    table = table[:, table.sum(axis=0) > 0]
    small = (table.sum(axis=0) * table.sum(axis=1).min() / table.sum()) < EXPECTED
    table = np.column_stack([table[:, ~small], table[:, small].sum(axis=1)]) if small.any() else table
    table = table[:, table.sum(axis=0) > 0]
    return float(stats.chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 1.0
