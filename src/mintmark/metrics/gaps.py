"""The widest gap between groups, with an interval that has room for the choice of the widest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.evidence import Interval
from mintmark.metrics.features import Floats

SUPPORT = 30
"""Rows below which a group, or a group within a class, is unknown and not zero."""


@dataclass(frozen=True)
class Rates:
    """The same shares or means for each group of a family; cells of fewer than 30 rows are unknown."""

    family: str
    groups: tuple[str, ...]
    outcomes: tuple[str, ...]
    value: Floats
    """Shape (groups, outcomes)."""
    n: Floats
    """Rows behind each, the same shape."""
    variance: Floats | None = None
    """Of one row, the same shape; None where the values are shares."""

    @property
    def known(self) -> Floats:
        """The values, with NaN where they are unknown."""
        return np.where(self.n >= SUPPORT, self.value, np.nan)

    @property
    def pairs(self) -> int:
        """How many differences between known groups there are."""
        known = (self.n >= SUPPORT).sum(axis=0)
        return int((known * (known - 1) // 2).sum())

    def ends(self, level: float) -> tuple[Floats, Floats]:
        """The interval of each value: Wilson's (1927) for shares, the normal one for means."""
        z, n = float(stats.norm.ppf((1 + level) / 2)), np.maximum(self.n, 1)
        if self.variance is not None:
            half = z * np.sqrt(self.variance / n)
            return self.value - half, self.value + half
        centre = (self.value + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(self.value * (1 - self.value) / n + z * z / (4 * n * n))
        return centre - half, centre + half


@dataclass(frozen=True)
class Gap:
    """The widest difference of any two groups, in any outcome and family."""

    value: float
    interval: Interval
    between: dict[str, Any]


def widest(rates: list[Rates]) -> Gap:
    """The widest gap; CannotMeasure where no two groups are known.

    Each difference of two groups has the interval of Newcombe (1998, method 10: from the intervals of both), at a level
    raised for all pairs (Bonferroni). What all of them allow is the interval of the widest. A bootstrap within groups
    would draw the very binomial numbers, but needs 10⁵ draws and more to reach levels that high.
    """
    pairs = sum(each.pairs for each in rates)
    if not pairs:
        raise CannotMeasure(f"no two groups have {SUPPORT} rows each that can be compared")
    level = 1 - (1 - intervals.LEVEL) / pairs
    gaps = [_of(each, level) for each in rates if each.pairs]
    best = max(gaps, key=lambda gap: gap.value)
    low, high = (max(gap.interval[end] for gap in gaps) for end in (0, 1))
    return Gap(best.value, (max(0.0, low), high), {**best.between, "pairs": pairs, "level": level})


def _of(rates: Rates, level: float) -> Gap:
    """The widest of one family."""
    value = rates.known
    low, high = rates.ends(level)
    spread = _spread(value)
    outcome = int(np.nanargmax(spread))
    ends = [_ends(value[:, k], low[:, k], high[:, k]) for k in np.flatnonzero(~np.isnan(spread))]
    most, least = int(np.nanargmax(value[:, outcome])), int(np.nanargmin(value[:, outcome]))
    between = {
        "of": rates.family,
        "outcome": rates.outcomes[outcome],
        # To two digits: a share of few people would count them.
        "highest": {"group": rates.groups[most], "value": round(float(value[most, outcome]), 2)},
        "lowest": {"group": rates.groups[least], "value": round(float(value[least, outcome]), 2)},
    }
    return Gap(float(spread[outcome]), (max(e[0] for e in ends), max(e[1] for e in ends)), between)


def _spread(known: Floats) -> Floats:
    """The greatest difference in each outcome; NaN where fewer than two groups are known; shape (outcomes,)."""
    there = ~np.isnan(known)
    top = np.where(there, known, -np.inf).max(axis=0)
    bottom = np.where(there, known, np.inf).min(axis=0)
    return np.where(there.sum(axis=0) > 1, top - np.where(np.isinf(bottom), 0, bottom), np.nan)


def _ends(value: Floats, low: Floats, high: Floats) -> Interval:
    """What the intervals of all differences in one outcome allow for the greatest of them."""
    there = ~np.isnan(value)
    value, low, high = value[there], low[there], high[there]
    gap = value[:, None] - value
    below = np.hypot((value - low)[:, None], high - value)
    above = np.hypot((high - value)[:, None], value - low)
    apart = ~np.eye(len(value), dtype=bool)
    return float((gap - below)[apart].max()), float((gap + above)[apart].max())
