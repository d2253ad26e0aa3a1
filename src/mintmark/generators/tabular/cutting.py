"""Where the values of a column of numbers are cut into tokens, and between which ends each token draws."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.schema import TEMPORAL, Column

Floats = NDArray[np.float64]

MANY_VALUES = 400
"""Up to this many distinct values, each that is common enough is a token of its own."""
SPIKE = 0.005
"""Among more values than that, one that holds this share of the rows is."""
PARTS = 8
"""A bin remembers its values at this many equal steps of their distribution."""


def starts(unique: Floats, counts: NDArray[np.int64], column: Column, rare: int, bins: int) -> NDArray[np.int64]:
    """Where each token starts among the distinct values: at every spike, behind it, and at every full bin."""
    total = int(counts.sum())
    floor = rare if len(unique) <= MANY_VALUES else max(rare, SPIKE * total)
    spike = (counts >= floor) | np.isin(unique, column.specials)
    loose = int(counts[~spike].sum())
    width = max(rare, loose / bins)
    start = spike.copy()
    start[1:] |= spike[:-1]
    start[0] = True
    runs = np.flatnonzero(start)
    begun = [runs[~spike[runs] & (np.append(runs[1:], len(unique)) - runs > 1)], np.append(runs[1:], len(unique))]
    ends = dict(zip(runs.tolist(), begun[1].tolist(), strict=True))
    for at in begun[0].tolist():
        within = np.cumsum(counts[at : ends[at]])
        cut = np.floor((within - counts[at : ends[at]]) / width)
        # The last bin of a run may not be smaller than the others: it joins the one before it.
        cut = np.minimum(cut, max(0, np.floor(within[-1] / width) - 1))
        start[at + 1 : ends[at]] |= np.diff(cut) > 0
    return np.flatnonzero(start)


def knots(unique: Floats, counts: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64],
           borders: Floats, column: Column, rare: int) -> Floats:  # fmt: skip
    """(tokens, PARTS + 1) what lies between: exact for a common value, spread out for a bin."""
    half = _half_step(column)
    below, above = np.cumsum(counts) - counts, np.cumsum(counts)
    bottom, top = _sheltered_ends(unique, counts, rare)
    rows = np.add.reduceat(counts, first)
    spike = (first == last) & ((rows >= rare) | np.isin(unique[first], column.specials))
    out = np.repeat(unique[first][:, None], PARTS + 1, axis=1)
    for token in np.flatnonzero(~spike).tolist():
        low, high = unique[first[token]] - half, unique[last[token]] + half
        if rows[token] < rare:  # too few to stand alone: drawn between its neighbours, themselves included
            low = unique[max(first[token] - 1, 0)] - half
            high = unique[min(last[token] + 1, len(unique) - 1)] + half
        else:
            low = borders[token - 1] if token and not spike[token - 1] else low
            high = borders[token] if token < len(borders) and not spike[token + 1] else high
        low, high = (bottom if token == 0 else low), (top if token == len(first) - 1 else high)
        out[token] = _steps(low, max(low, high))
        if rows[token] >= PARTS * rare:
            wanted = below[first[token]] + rows[token] * np.arange(1, PARTS) / PARTS
            inner = unique[np.searchsorted(above, wanted, side="right")]
            out[token, 1:-1] = np.clip(inner, low, max(low, high))
    return out


def middle(low: Floats, high: Floats) -> Floats:
    """Halfway between, also where the sum of both is beyond all numbers."""
    with np.errstate(over="ignore"):
        found = (low + high) / 2
    return np.where(np.isfinite(found), found, low / 2 + high / 2)


def _steps(low: float, high: float) -> Floats:
    """(PARTS + 1,) from one to the other, also where they lie further apart than any number is large."""
    if np.isfinite(float(high) - float(low)):
        return np.linspace(low, high, PARTS + 1)
    return np.linspace(low / 2, high / 2, PARTS + 1) * 2


def _half_step(column: Column) -> float:
    """Half the distance between neighbouring values that rounding can tell apart."""
    if column.kind in TEMPORAL or pa.types.is_integer(column.type):
        return 0.5
    return 0.5 * 10.0**-column.decimals if column.decimals is not None else 0.0


def _sheltered_ends(unique: Floats, counts: NDArray[np.int64], rare: int) -> tuple[float, float]:
    """The means of the `rare` smallest and largest values: an outermost value belongs to somebody."""

    def end(values: Floats, many: NDArray[np.int64]) -> float:
        head = np.repeat(values[:rare], np.minimum(many[:rare], rare))[:rare]
        with np.errstate(over="ignore"):
            found = float(head.mean())
        return found if np.isfinite(found) else float((head / len(head)).sum())

    return end(unique, counts), end(unique[::-1], counts[::-1])
