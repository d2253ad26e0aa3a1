"""How far a number may be from the truth, at a stated confidence: the statistics that all metrics share.

Every interval here is tested by simulation: it must cover the truth at its nominal rate.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.metrics.evidence import Interval

LEVEL = 0.95
"""The confidence of every reading."""
BLOCKS = 50
"""Rows are independent, so drawing random blocks of them gives the bootstrap's spread at a fraction of its cost."""

Floats = NDArray[np.float64]


def proportion(hits: float, n: int, level: float = LEVEL) -> Interval:
    """Exact interval of a share of `n` independent trials (Clopper & Pearson 1934); `hits` may be interpolated."""
    tail = (1 - level) / 2
    low = 0.0 if hits <= 0 else float(stats.beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits >= n else float(stats.beta.ppf(1 - tail, hits + 1, n - hits))
    return low, high


def difference(hits: int, n: int, other_hits: int, other_n: int, level: float = LEVEL) -> Interval:
    """Interval of the difference of two independent shares (Newcombe 1998, method 10: from two score intervals)."""
    share, other = hits / n, other_hits / other_n
    low, high = _score(hits, n, level)
    other_low, other_high = _score(other_hits, other_n, level)
    below = np.hypot(share - low, other_high - other)
    above = np.hypot(high - share, other - other_low)
    return float(share - other - below), float(share - other + above)


def _score(hits: int, n: int, level: float) -> Interval:
    """Wilson 1927."""
    z = float(stats.norm.ppf((1 + level) / 2))
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def ratio(hits: int, n: int, other_hits: int, other_n: int, level: float = LEVEL) -> Interval:
    """Interval of the ratio of two independent shares (Katz et al. 1978, on the log scale); `other_hits` is above 0.

    Where nothing was hit the log has no value: the upper end is then that of the exact interval over the other share.
    """
    if hits == 0:
        return 0.0, proportion(0, n, level)[1] / (other_hits / other_n)
    z = float(stats.norm.ppf((1 + level) / 2))
    error = np.sqrt(1 / hits - 1 / n + 1 / other_hits - 1 / other_n)
    found = (hits / n) / (other_hits / other_n)
    return float(found * np.exp(-z * error)), float(found * np.exp(z * error))


def normal(value: float, variance: float, bounds: Interval, level: float = LEVEL) -> Interval:
    """Interval of an estimate that is close to normal, kept within what is possible."""
    half = float(stats.norm.ppf((1 + level) / 2)) * float(np.sqrt(variance))
    return max(bounds[0], value - half), min(bounds[1], value + half)


def centred(value: float, draws: Floats, level: float = LEVEL) -> Interval:
    """Interval of a distance as it is seen at this n, from bootstrap draws moved so that their mean is the value.

    A distance is never negative, so each resample adds noise that pushes it up: plain percentiles lie too high, and at
    n = 200 without any true difference a quarter of them exclude the value itself. Their *spread* is right, or too wide
    where there is hardly any difference: simulated, the interval then covers 99 %.
    """
    low, high = np.quantile(draws - draws.mean(), [(1 - level) / 2, (1 + level) / 2])
    return max(0.0, value + min(0.0, float(low))), value + max(0.0, float(high))


def percentile(value: float, draws: Floats, level: float = LEVEL) -> Interval:
    """Plain bootstrap interval, for statistics that resampling does not push to one side; it holds the value."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return min(value, float(low)), max(value, float(high))


def blocks(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Deals `n` rows at random into equal blocks, shape (n,)."""
    return rng.permutation(n) % min(BLOCKS, n)


def block_counts(cell: NDArray[np.integer[Any]], cells: int, rng: np.random.Generator) -> Floats:
    """Rows of each block in each cell, shape (blocks, cells), where row i is in `cell[i]`."""
    block = blocks(len(cell), rng)
    out = np.zeros((int(block.max()) + 1, cells))
    np.add.at(out, (block, cell), 1)
    return out


def block_weights(n: int, draws: int, rng: np.random.Generator) -> Floats:
    """How often each block stands in each bootstrap draw, shape (draws, blocks)."""
    count = min(BLOCKS, n)
    return rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)
