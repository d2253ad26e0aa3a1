"""How well scores tell two groups apart, with the uncertainty of both groups."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Interval

Floats = NDArray[np.float64]


def auc(positives: Floats, negatives: Floats) -> tuple[float, float]:
    """P(a positive scores above a negative) and the variance of this estimate.

    DeLong, DeLong & Clarke-Pearson 1988, through midranks (Sun & Xu 2014) in O(n log n). Each group has two or more.
    """
    m, n = len(positives), len(negatives)
    joint = stats.rankdata(np.concatenate([positives, negatives]))
    above = (joint[:m] - stats.rankdata(positives)) / n
    below = 1 - (joint[m:] - stats.rankdata(negatives)) / m
    variance = float(above.var(ddof=1) / m + below.var(ddof=1) / n)
    # Where all pairs agree the estimated variance is 0; no sample is that sure.
    return float(above.mean()), max(variance, 1 / (12 * m * n))


def tpr_at(
    fpr: float, members: Floats, others: Floats, *, rng: np.random.Generator, level: float = intervals.LEVEL
) -> tuple[float, Interval]:
    """Share of members that score above the threshold which a share `fpr` of others passes, and its interval.

    The k-th largest of n other scores is passed by a further one with probability k/(n + 1); between whole k we
    interpolate. So at chance the expected share is `fpr` exactly, at any n. Ties are broken at random.

    The interval holds two uncertainties, joined by the method of variance estimates recovery (Zou & Donner 2008): that
    of the share at a given threshold (exact binomial), and that of the threshold itself (exact order statistics).
    """
    shares = _share_above(members, others, rng)
    value = _between(shares, fpr * (len(others) + 1))
    tail = (1 - level) / 2
    fewest, most = stats.binom.ppf([tail, 1 - tail], len(others), fpr).astype(int)
    low, high = intervals.proportion(value * len(members), len(members), level)
    loose = float(shares[min(most + 1, len(others))]) if most < len(others) else 1.0
    below = np.hypot(value - low, value - float(shares[fewest]))
    above = np.hypot(high - value, loose - value)
    return value, (max(0.0, value - float(below)), min(1.0, value + float(above)))


def _share_above(members: Floats, others: Floats, rng: np.random.Generator) -> Floats:
    """Share of members above the k-th largest other score, for k = 0 … n; shape (n + 1,)."""
    scores = np.concatenate([members, others])
    order = np.lexsort((rng.random(len(scores)), -scores))
    is_member = order < len(members)
    above = np.cumsum(is_member)[~is_member] / len(members)
    return np.concatenate([[0.0], above])


def _between(shares: Floats, k: float) -> float:
    return float(np.interp(k, np.arange(len(shares)), shares))


def weighted_auc(scores: Floats, positive: NDArray[np.bool_], weights: Floats) -> Floats:
    """The AUC under each row of weights, shape (draws, n) to (draws,): exact with ties; 0.5 where a class is absent."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) > 0)
    starts = starts if len(starts) else np.array([0])
    out = np.empty(len(weights))
    for first in range(0, len(weights), 100):  # bounds the memory
        part = weights[first : first + 100, order]
        up = np.add.reduceat(part * positive[order], starts, axis=1)
        down = np.add.reduceat(part * ~positive[order], starts, axis=1)
        below = np.cumsum(down, axis=1) - down / 2
        pairs = up.sum(axis=1) * down.sum(axis=1)
        won = (up * below).sum(axis=1)
        out[first : first + 100] = np.where(pairs > 0, won / np.maximum(pairs, 1), 0.5)
    return out
