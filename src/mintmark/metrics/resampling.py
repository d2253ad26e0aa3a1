"""Intervals and tests from resampled rows, where the plain ones of `intervals` do not serve."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Interval

Floats = NDArray[np.float64]

PERMUTATIONS = 999
"""With the observed order that makes 1,000, so that p = 0.05 is met exactly."""
CHUNK = 1 << 23
"""Numbers held at once: 32 MB."""


def bca(value: float, draws: Floats, leave_out: Floats, level: float = intervals.LEVEL) -> Interval:
    """Bias-corrected and accelerated bootstrap interval (Efron 1987), for statistics that are skewed or pushed aside.

    `draws`, shape (B,), are bootstrap values; `leave_out`, shape (groups,), values with one group of rows left out. It
    holds the value. Where all draws lie on one side of it the correction has no value, and they are taken as they are.
    """
    below = float(np.mean(draws < value) + np.mean(draws == value) / 2)
    if not 0 < below < 1:
        return intervals.percentile(value, draws, level)
    shift, speed = float(stats.norm.ppf(below)), _acceleration(leave_out)
    z = shift + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    low, high = np.quantile(draws, stats.norm.cdf(shift + z / np.maximum(1 - speed * z, np.finfo(float).tiny)))
    return min(value, float(low)), max(value, float(high))


def _acceleration(leave_out: Floats) -> float:
    """A sixth of the skewness of the influence of each group."""
    pull = leave_out.mean() - leave_out
    spread = float((pull**2).sum()) ** 1.5
    return float((pull**3).sum()) / (6 * spread) if spread > 0 else 0.0


def same_means(ours: Floats, theirs: Floats, rng: np.random.Generator, permutations: int = PERMUTATIONS) -> Floats:
    """For each column the p-value that both tables have the same mean, adjusted for all the columns together.

    `ours`, shape (n, d), and `theirs`, shape (m, d), without missing values. Rows are dealt anew to the two tables, and
    a column's difference in pooled standard deviations is held against the largest difference of any column in each
    deal (max-T, Westfall & Young 1993): at most the nominal rate of any false finding at all, however columns depend.
    """
    rows = np.concatenate([ours, theirs])
    spread = rows.std(axis=0)
    scaled = ((rows - rows.mean(axis=0)) / np.where(spread > 0, spread, np.inf)).astype(np.float32)
    n, total = len(ours), len(rows)
    observed = np.abs(scaled[:n].sum(axis=0))
    largest = np.empty(permutations)
    step = max(1, CHUNK // total)
    for start in range(0, permutations, step):
        dealt = np.zeros((min(step, permutations - start), total), np.float32)
        for deal in dealt:
            deal[rng.permutation(total)[:n]] = 1
        largest[start : start + len(dealt)] = np.abs(dealt @ scaled).max(axis=1)
    return (1 + (largest[:, None] >= observed * (1 - 1e-5)).sum(axis=0)) / (permutations + 1)
