"""A space of distances in which extremes lie far out, as ranks do not have it."""

from dataclasses import dataclass

import numpy as np

from mintmark.metrics.features import Floats, Space
from mintmark.metrics.neighbours import LEVELS, Points

APART = 0.85
"""Two levels are as far apart as two random normal numbers are in this space, root mean square: √2 of this."""


@dataclass(frozen=True)
class Spread:
    """Numbers as robust deviations from the median, on a scale that is linear near it and logarithmic far out.

    asinh((x − median)/s), with s the interquartile range over 1.349, or the standard deviation where that is 0.
    """

    centres: tuple[tuple[float, float] | Floats, ...]
    """For each column median and s, or the codes that have an axis."""

    @classmethod
    def of(cls, space: Space, real: Floats) -> "Spread":
        """Learns scales and levels from real rows, shape (n, d)."""
        levels = set(space.categorical)
        return cls(tuple(_frequent(x) if j in levels else _scale(x) for j, x in enumerate(real.T)))

    def points(self, rows: Floats) -> Points:
        """Rows as points, shape (n, width)."""
        parts = [
            _deviations(x, *known) if isinstance(known, tuple) else _axes(x, known)
            for x, known in zip(rows.T, self.centres, strict=True)
        ]
        return np.concatenate(parts, axis=1)


def _scale(values: Floats) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, median, high = np.quantile(finite, [0.25, 0.5, 0.75])
    spread = float(high - low) / 1.349 or float(finite.std())
    return float(median), spread if np.isfinite(spread) and spread > 0 else 1.0


def _frequent(values: Floats) -> Floats:
    codes, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return codes[np.argsort(-counts, kind="stable")[:LEVELS]]


def _deviations(values: Floats, median: float, spread: float) -> Points:
    missing = np.isnan(values)
    far = np.arcsinh((np.clip(np.where(missing, median, values), -_FAR, _FAR) - median) / spread)
    return np.column_stack([far, missing * APART]).astype(np.float32)


def _axes(values: Floats, known: Floats) -> Points:
    """One coordinate for each level, one for all rarer ones, and one for what is missing."""
    hit = values[:, None] == known
    missing = np.isnan(values)
    return np.column_stack([hit, ~hit.any(axis=1) & ~missing, missing]).astype(np.float32) * np.float32(APART)


_FAR = 1e300
"""Infinities are only very large."""
