"""Computed values in the storage of their column: rounded to its grid, and not forced into its bounds."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays, constraints
from mintmark.data.masked import INSTANT, NUMBER, TRUTH, Masked
from mintmark.data.schema import TEMPORAL, Column, Kind

LARGEST = 2.0**53
"""Up to here float64 holds every whole number."""


def stored(values: Masked, column: Column, rows: int) -> pa.Array:
    """Values of the language as a stored column, shape (rows,); the nearest values that its grid knows."""
    whole = values.spread(rows)
    if whole.kind == INSTANT:
        return _moments(whole, column)
    if whole.kind == NUMBER and column.numeric:
        unit = column.step * constraints.seconds(column) if column.kind in TEMPORAL else 1.0
        return arrays.from_numbers(np.where(whole.missing, np.nan, whole.values) / unit, _free(column))
    if whole.kind == TRUTH:
        words = np.where(whole.values.astype(bool), "true", "false").tolist()
    elif whole.kind == NUMBER:
        words = [f"{value:.0f}" if float(value).is_integer() else repr(value) for value in whole.values.tolist()]
    else:
        words = whole.values.tolist()
    known = [None if gone else word for word, gone in zip(words, whole.missing.tolist(), strict=True)]
    texts = pa.array(known, pa.string())
    if column.discrete:
        return arrays.from_codes(arrays.codes(texts, column), column)
    return arrays.from_text(texts, column.type)


def moved(array: pa.Array, column: Column, ticks: NDArray[np.float64]) -> pa.Array:
    """Values moved by so many steps of their grid."""
    return arrays.from_numbers(arrays.numbers(array, column) + ticks * tick(column), _free(column))


def tick(column: Column) -> float:
    """One step of a column's grid, in the unit of `arrays.numbers`; a billionth of its size where it has none."""
    if column.kind in TEMPORAL or pa.types.is_integer(column.type):
        return 1.0
    if column.decimals is not None:
        return 10.0**-column.decimals
    return 1e-9 * max(1.0, abs(column.low or 0.0), abs(column.high or 0.0))


def stride(column: Column) -> float:
    """So many steps as can be told apart from the noise of computing."""
    return 1.0 if column.kind in TEMPORAL or pa.types.is_integer(column.type) or column.decimals is not None else 1e6


def outside(array: pa.Array, column: Column) -> NDArray[np.bool_]:
    """Which values leave the domain of their column."""
    if column.discrete:
        return arrays.codes(array, column) == -2
    out = np.zeros(len(array), dtype=bool)
    if column.numeric and column.low is not None and column.high is not None:
        numbers = arrays.numbers(array, column)
        beyond = (numbers < column.low) | (numbers > column.high)
        out |= beyond & ~np.isnan(numbers) & ~np.isin(numbers, column.specials)
    if not column.nullable and array.null_count:
        out |= array.is_null().to_numpy(zero_copy_only=False)
    return out


def exact(array: pa.Array, column: Column) -> bool:
    """Can all values be computed with, and come back as they were?"""
    if not column.numeric:
        return True
    numbers = arrays.numbers(array, column)
    numbers = numbers[np.isfinite(numbers)]
    return not len(numbers) or float(np.abs(numbers).max()) * max(1, column.step) < LARGEST


def _free(column: Column) -> Column:
    if column.kind == Kind.TIME:  # there is no time after midnight
        return replace(column, low=0.0, high=np.floor((86_400 - 1e-9) / (column.step * constraints.seconds(column))))
    return replace(column, low=None, high=None)


def _moments(whole: Masked, column: Column) -> pa.Array:
    """Instants, as clocks of the column's zone show them, on its grid."""
    moments = np.where(whole.missing, np.datetime64(0, "us"), whole.values).astype("M8[us]").astype(np.int64)
    array = pa.array(moments, pa.timestamp("us"), mask=whole.missing)
    zone = getattr(column.type, "tz", None)
    if zone:
        array = pc.assume_timezone(array, zone, ambiguous="earliest", nonexistent="latest")
    grid = round(column.step * constraints.seconds(column) * 1e6)
    if grid > 1:
        ticks = pc.fill_null(array.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
        array = pa.array((ticks + grid // 2) // grid * grid, pa.int64(), mask=whole.missing).cast(array.type)
    return array.cast(column.type, safe=False)
