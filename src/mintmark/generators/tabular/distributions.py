"""Named distributions as inverse distribution functions: a uniform number between 0 and 1 in, a value out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """What a distribution takes: its default (None where it must be said), and the range that makes sense."""

    default: float | None = None
    low: float = -inf
    high: float = inf


@dataclass(frozen=True)
class Distribution:
    """A distribution of numbers; parameters may differ from row to row."""

    parameters: Mapping[str, Parameter]
    quantile: Callable[..., Any]
    """(u, *parameters in order) → values; all of shape (n,)."""
    whole: bool = False
    """Are its values whole numbers?"""


TINY = 1e-300


def _integers(u: Floats, low: Floats, high: Floats) -> Floats:
    return np.minimum(np.ceil(low) + np.floor(u * (np.floor(high) - np.ceil(low) + 1)), np.floor(high))


def _zipf(u: Floats, exponent: Floats, items: Floats) -> Floats:
    """Ranks 1 … items with probability ∝ rank^−exponent; one table for each pair of parameters."""
    out = np.empty_like(u)
    pairs, which = np.unique(np.column_stack([exponent, items]), axis=0, return_inverse=True)
    for place, (power, many) in enumerate(pairs.tolist()):
        rows = which.ravel() == place
        total = np.cumsum(np.arange(1, int(many) + 1, dtype=np.float64) ** -power)
        out[rows] = np.searchsorted(total / total[-1], u[rows], side="right") + 1
    return np.minimum(out, items)


DISTRIBUTIONS: Mapping[str, Distribution] = {
    "normal": Distribution(
        {"mean": Parameter(0.0), "sd": Parameter(1.0, 0)}, lambda u, mean, sd: mean + sd * special.ndtri(u)
    ),
    "lognormal": Distribution(
        {"median": Parameter(1.0, TINY), "sigma": Parameter(1.0, 0)},
        lambda u, median, sigma: median * np.exp(sigma * special.ndtri(u)),
    ),
    "uniform": Distribution(
        {"low": Parameter(0.0), "high": Parameter(1.0)}, lambda u, low, high: low + u * (high - low)
    ),
    "integer": Distribution({"low": Parameter(), "high": Parameter()}, _integers, whole=True),
    "exponential": Distribution({"mean": Parameter(1.0, TINY)}, lambda u, mean: -mean * np.log1p(-u)),
    "poisson": Distribution({"mean": Parameter(None, 0, 1e9)}, stats.poisson.ppf, whole=True),
    "gamma": Distribution(
        {"shape": Parameter(None, TINY), "scale": Parameter(1.0, TINY)},
        lambda u, shape, scale: scale * special.gammaincinv(shape, u),
    ),
    "beta": Distribution({"a": Parameter(None, TINY), "b": Parameter(None, TINY)},
                         lambda u, a, b: special.betaincinv(a, b, u)),
    "zipf": Distribution(
        {"exponent": Parameter(1.0, 0, 100), "items": Parameter(None, 1, 1_000_000)}, _zipf, whole=True
    ),
}  # fmt: skip
"""mean, median and the like are in the unit of the column; integer's ends are both included."""
