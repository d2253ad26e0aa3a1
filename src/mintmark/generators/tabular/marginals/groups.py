"""Tokens gathered into the few codes that the model tells apart, so that no code drowns in noise."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.tabular.marginals.counting import Counted

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST = 32
"""Codes of a column, at most."""
APART = 3.0
"""Times the noise: a code holds more rows."""


def total(columns: Iterable[Counted]) -> float:
    """How many rows there are, from the noisy counts of all columns: each says it, the less noisy ones better."""
    said = [(sum_, variance) for sum_, variance in (column.total for column in columns) if variance > 0]
    if not said:
        return 1.0
    sums, weights = np.array([sum_ for sum_, _ in said]), np.array([1 / variance for _, variance in said])
    return max(1.0, float((sums * weights).sum() / weights.sum()))


def grouped(column: Counted, rows: float) -> Codes:
    """(size + 1,) the code of each token; −1 where a token cannot occur.

    Levels that drown in noise share one code; neighbouring numbers do until they no longer drown.
    """
    mass, possible = column.alphabet.mass, column.variance > 0
    if not possible.any():
        return np.append(np.full(len(mass) - 1, -1), 0)
    floor = APART * float(np.sqrt(np.median(column.variance[possible])))
    values = _levels(mass[:-1], floor) if column.alphabet.column.discrete else _runs(column, floor, rows)
    own = mass[-1] > floor or not possible[:-1].any()
    codes = np.append(values, values.max(initial=-1) + 1 if own else values.max(initial=0))
    return np.where(possible, codes, -1)


def counts(column: Counted, codes: Codes) -> tuple[Floats, Floats]:
    """The noisy count of each code, and the variance of its noise."""
    can = codes >= 0
    most = int(codes.max()) + 1
    variance = np.bincount(codes[can], column.variance[can], minlength=most)
    # A code whose counts bear no noise cannot occur, or is all that can: nearly sure either way.
    held = np.bincount(codes[can], column.alphabet.mass[can], minlength=most)
    return held.astype(np.float64), np.maximum(variance, 1.0).astype(np.float64)


def shares(column: Counted, codes: Codes, rows: float) -> Floats:
    """(size + 1,) the mass of each token: the counts that are nearest to the noisy ones, none below zero.

    A token of a code that would be empty gets a speck: the model may still ask for it.
    """
    possible = codes >= 0
    out = np.zeros(len(codes))
    out[possible] = _onto_simplex(column.alphabet.mass[possible], rows)
    held = np.bincount(codes[possible], out[possible])
    empty = possible & (held[np.maximum(codes, 0)] <= 0)
    out[empty] = 1e-6
    return out


def _levels(mass: Floats, floor: float) -> Codes:
    """Codes by falling mass; what is rare shares the last."""
    order = np.argsort(-mass, kind="stable")
    own = order[: MOST - 1][mass[order[: MOST - 1]] >= floor]
    codes = np.full(len(mass), len(own), dtype=np.int64)
    codes[own] = np.arange(len(own))
    return codes


def _runs(column: Counted, floor: float, rows: float) -> Codes:
    """Neighbouring tokens together until they hold enough; one that alone holds as much stands alone."""
    mass, possible = column.alphabet.mass[:-1], column.variance[:-1] > 0
    enough = max(floor, _loose(mass, rows) / MOST)
    codes, code, held = np.zeros(len(mass), dtype=np.int64), 0, 0.0
    for place in np.flatnonzero(possible).tolist():
        if held and (held >= enough or mass[place] >= enough):
            code, held = code + 1, 0.0
        codes[place] = code
        held += max(float(mass[place]), 1e-9)
    if code and held < enough / 2:  # the last run joins the one before it
        codes[codes == code] = code - 1
    return codes


def _loose(mass: Floats, rows: float) -> float:
    """The rows that lie between the values that many share."""
    heavy = mass > rows / 16
    return 0.0 if len(mass) <= MOST else float(rows - mass[heavy].sum())


def _onto_simplex(values: Floats, sum_: float) -> Floats:
    """The nearest point with nothing below zero and this sum (Duchi et al. 2008)."""
    falling = np.sort(values)[::-1]
    surplus = (np.cumsum(falling) - sum_) / np.arange(1, len(values) + 1)
    last = int(np.flatnonzero(falling > surplus)[-1])
    return np.maximum(values - surplus[last], 0.0)
