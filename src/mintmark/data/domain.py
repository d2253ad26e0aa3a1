"""The domain that numbers keep to: their bounds, their decimals, their grid, and the codes among them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import TEMPORAL, Column, Kind

SPECIAL_SHARE = 0.002
"""A value far outside the rest that holds at least this share of the rows is a code."""
MOST_DECIMALS = 9


def bounded(column: Column, flat: pa.Array) -> Column:
    """The column with its observed bounds, decimals and special codes."""
    values = arrays.numbers(flat, column)
    values = values[np.isfinite(values)]
    if not len(values):
        return column
    decimals = _decimals(values, flat.type) if column.kind not in TEMPORAL else None
    specials = _specials(values) if column.kind == Kind.NUMBER else ()
    quantities = values[~np.isin(values, specials)] if specials else values
    low, high = float(quantities.min()), float(quantities.max())
    return replace(column, low=low, high=high, decimals=decimals, specials=specials)


def step(flat: pa.Array) -> int:
    """The widest grid that all values lie on, in units of the type."""
    values = arrays.ticks(flat)
    return max(1, int(np.gcd.reduce(values))) if len(values) else 1


def exactness(type_: pa.DataType) -> float:
    """How far a number may lie from the decimals that it was written with, for its storage, in parts of itself."""
    return 1e-6 if pa.types.is_float32(type_) or pa.types.is_float16(type_) else 1e-12


def _decimals(values: NDArray[np.float64], type_: pa.DataType) -> int | None:
    if pa.types.is_integer(type_):
        return 0
    if pa.types.is_decimal(type_):
        return int(type_.scale)
    relative = exactness(type_)
    for digits in range(MOST_DECIMALS):
        if _rounds(values[:1000], digits, relative) and _rounds(values, digits, relative):
            return digits
    return None


def _rounds(values: NDArray[np.float64], digits: int, relative: float) -> bool:
    return bool(np.all(np.abs(arrays.rounded(values, digits) - values) <= relative * np.maximum(1, np.abs(values))))


def _specials(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Values of all nines, at an end, far from all others, and common: −999, 9999, −1 below a positive range."""
    unique, counts = np.unique(values, return_counts=True)
    enough = max(2, SPECIAL_SHARE * len(values))
    found: list[float] = []
    while len(unique) > 3:
        end = next((end for end in (0, -1) if counts[end] >= enough and _is_code(unique, end)), None)
        if end is None:
            break
        found.append(float(unique[end]))
        unique, counts = np.delete(unique, end), np.delete(counts, end)
    return tuple(sorted(found))


def _is_code(unique: NDArray[np.float64], end: int) -> bool:
    value, rest = float(unique[end]), unique[1:] if end == 0 else unique[:-1]
    spread = float(rest[-1] - rest[0])
    if value == -1:
        return rest[0] >= 0 and spread >= 10
    nines = value.is_integer() and abs(value) >= 9 and set(str(abs(int(value)))) == {"9"}
    near = unique[1] if end == 0 else unique[-2]
    return nines and abs(value - float(near)) > max(spread, 1.0)
