"""A column's values as normal scores and back, along the distribution that its alphabet holds."""

import numpy as np
from scipy.special import ndtr, ndtri

from mintmark.generators.tabular.tokens import PARTS, Alphabet, Floats

EDGE = 1e-3
"""Scores lie between the normal quantiles of this share and of one less it."""


def scores(values: Floats, alphabet: Alphabet) -> Floats:
    """(n,) normal scores; NaN stays NaN. A value that many share has the score of its middle rank."""
    places, knots = _curve(alphabet)
    below = places[np.searchsorted(knots, values, side="left").clip(0, len(knots) - 1)]
    above = places[(np.searchsorted(knots, values, side="right") - 1).clip(0, len(knots) - 1)]
    between = np.interp(values, knots, places)
    place = np.where(above > below, (below + above) / 2, between)
    return np.where(np.isnan(values), np.nan, ndtri(np.clip(place, EDGE, 1 - EDGE)))


def values(found: Floats, alphabet: Alphabet) -> Floats:
    """The inverse of `scores`."""
    places, knots = _curve(alphabet)
    return np.where(np.isnan(found), np.nan, np.interp(ndtr(found), places, knots))


def _curve(alphabet: Alphabet) -> tuple[Floats, Floats]:
    """Shares of the rows, and the values below which these lie."""
    share = alphabet.cumulative[: alphabet.size + 1] / alphabet.cumulative[alphabet.size]
    places = share[:-1, None] + np.diff(share)[:, None] * np.arange(PARTS + 1) / PARTS
    return places.ravel(), np.maximum.accumulate(alphabet.knots.ravel())
