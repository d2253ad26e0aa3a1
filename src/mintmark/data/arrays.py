"""Arrow columns as NumPy arrays and back, exactly: the one place where values change form.

Numbers stand in the unit of their column; temporal values count steps of the observed grid since the epoch (or
midnight, or zero), so whole seconds stay exact in a float64 even where nanoseconds would not.
"""

import re
from decimal import Decimal, localcontext
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data.schema import TEMPORAL, Column, Kind

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Array: TypeAlias = "pa.Array | pa.ChunkedArray"


def numbers(array: Array, column: Column) -> Floats:
    """Values of a numeric column as float64, shape (n,); missing is NaN."""
    flat = _flat(array)
    if column.kind in TEMPORAL:
        return _ticks(flat, column)
    if pa.types.is_decimal(flat.type):
        flat = flat.cast(pa.float64())
    missing = flat.is_null().to_numpy(zero_copy_only=False)
    values = pc.fill_null(flat, pa.scalar(0).cast(flat.type)) if flat.null_count else flat
    out = values.to_numpy(zero_copy_only=False).astype(np.float64)
    out[missing] = np.nan
    return out


def ticks(array: Array) -> NDArray[np.int64]:
    """The values of a date, time or moment that are not missing, exactly, in units of its type."""
    flat = _flat(array).drop_null()
    return flat.cast(_STORED[flat.type.bit_width]).to_numpy(zero_copy_only=False).astype(np.int64)


def from_numbers(values: Floats, column: Column) -> pa.Array:
    """The inverse of `numbers`: rounds to the observed grid, keeps within the domain; NaN is missing."""
    missing = np.isnan(values)
    filled = np.where(missing, 0.0, values)
    if column.low is not None or column.high is not None:
        special = np.isin(filled, column.specials) if column.specials else np.zeros(len(filled), dtype=bool)
        filled = np.where(special, filled, np.clip(filled, column.low, column.high))
    if column.kind in TEMPORAL:
        return _from_ticks(np.rint(filled).astype(np.int64), missing, column)
    if pa.types.is_integer(column.type):
        return _integers(np.rint(filled), missing, column.type)
    if column.decimals is not None:
        filled = rounded(filled, column.decimals)
    if pa.types.is_decimal(column.type):
        return _decimals(filled.tolist(), missing, column.type)
    return pa.array(filled.astype(column.type.to_pandas_dtype()), mask=missing)


def _decimals(values: list[float], missing: NDArray[np.bool_], type_: pa.DataType) -> pa.Array:
    """Values in the digits of a decimal type; those beyond its largest, which a float64 may round to, are that."""
    with localcontext(prec=100):  # no type has more digits
        quantum = Decimal(1).scaleb(-type_.scale)
        most = Decimal(10) ** (type_.precision - type_.scale) - quantum
        exact = [
            None if gone else max(-most, min(most, Decimal(repr(x)).quantize(quantum)))
            for x, gone in zip(values, missing, strict=True)
        ]
    return pa.array(exact, type=type_)


def rounded(values: Floats, digits: int) -> Floats:
    """Values to so many decimals; those too large to have any are left alone, for rounding them overflows."""
    small = np.abs(values) < _WHOLE
    return np.where(small, np.round(np.where(small, values, 0.0), digits), values)


def codes(array: Array, column: Column) -> Codes:
    """Positions in `column.levels`, shape (n,); −1 is missing and −2 a value that is not among the levels."""
    levels = pa.array(column.levels, pa.string())
    words = text(array)
    found = pc.index_in(words, value_set=levels)
    out = pc.fill_null(found, -2).to_numpy(zero_copy_only=False).astype(np.int32)
    out[words.is_null().to_numpy(zero_copy_only=False)] = -1
    return out


def from_codes(values: NDArray[np.integer], column: Column) -> pa.Array:
    """The inverse of `codes`: negative codes are missing."""
    places, missing = np.where(values < 0, 0, values), values < 0
    levels = pa.array(column.levels, pa.string())
    if pa.types.is_dictionary(column.type):
        # Every batch bears the same levels in the same order, whichever of them occur.
        words, indices = (
            from_text(levels, column.type.value_type),
            pa.array(places, column.type.index_type, mask=missing),
        )
        return pa.DictionaryArray.from_arrays(indices, words, ordered=column.type.ordered)
    return from_text(levels.take(pa.array(places, mask=missing)), column.type)


def text(array: Array) -> pa.Array:
    """Any values as text, as `levels` writes them."""
    flat = _flat(array)
    if pa.types.is_dictionary(flat.type):
        flat = flat.dictionary_decode()
    if pa.types.is_string(flat.type):
        return flat
    if pa.types.is_nested(flat.type) or pa.types.is_binary(flat.type):
        return pa.array([None if v is None else str(v) for v in flat.to_pylist()], pa.string())
    return flat.cast(pa.string())


def from_text(words: pa.Array, type_: pa.DataType) -> pa.Array:
    """Text back in its storage type."""
    if pa.types.is_dictionary(type_):
        return words.cast(type_.value_type).dictionary_encode().cast(type_)
    if pa.types.is_boolean(type_):
        return pc.equal(words, "true")
    return words.cast(type_)


def times(array: Array, type_: pa.DataType) -> Array:
    """Dates and times in another type of storage; ArrowInvalid where they would come to mean something else.

    What Arrow itself lets pass: a moment in a time zone for one in none, and a day for a moment that is not midnight.
    """
    same_zone(array.type, type_)
    out = array.cast(type_)
    if (
        pa.types.is_timestamp(array.type)
        and pa.types.is_date(type_)
        and not pc.all(pc.equal(out.cast(array.type), array), min_count=0).as_py()
    ):
        raise pa.ArrowInvalid("a date holds no time of day")
    return out


def same_zone(found: pa.DataType, wanted: pa.DataType) -> None:
    """ArrowInvalid where dates and times of one type bear a time zone and those of the other none."""
    zoned = [
        pa.types.is_timestamp(each) and each.tz is not None
        for each in (found, wanted)
        if pa.types.is_timestamp(each) or pa.types.is_date(each)
    ]
    if len(set(zoned)) > 1:
        raise pa.ArrowInvalid("one is told in a time zone and the other in none")


def _flat(array: Array) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


_WHOLE = 2.0**52
"""From here on every float64 is a whole number."""

_STORED = {32: pa.int32(), 64: pa.int64()}


def _ticks(flat: pa.Array, column: Column) -> Floats:
    out = ticks(pc.fill_null(flat, pa.scalar(0, _STORED[flat.type.bit_width]).cast(flat.type))) / float(column.step)
    if column.step > 1:
        out = np.rint(out)
    out[flat.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return out


def _from_ticks(ticks: NDArray[np.int64], missing: NDArray[np.bool_], column: Column) -> pa.Array:
    stored = _STORED[column.type.bit_width]
    return pa.array((ticks * column.step).astype(stored.to_pandas_dtype()), type=stored, mask=missing).cast(column.type)


def _integers(values: Floats, missing: NDArray[np.bool_], type_: pa.DataType) -> pa.Array:
    kind = np.dtype(type_.to_pandas_dtype())
    limits = np.iinfo(kind)
    # float64 cannot hold the largest 64-bit integers: what would overflow is set to the limit itself.
    over, under = values >= float(limits.max), values <= float(limits.min)
    out = np.where(over | under, 0.0, values).astype(kind)
    out[over], out[under] = limits.max, limits.min
    return pa.array(out, type=type_, mask=missing)


_DEGREES = re.compile(
    r"^long$|(?:^|[\W_])(?i:lat|latitude|lon|lng|longitude)$|[a-z](?:Lat|Lon|Lng|Latitude|Longitude)$"
)


def is_latitude_or_longitude(name: str) -> bool:
    """Does a column's name say that it holds degrees on the globe?"""
    return _DEGREES.search(name.strip("_ ")) is not None


def kind_of(type_: pa.DataType) -> Kind | None:
    """The kind that a storage type alone decides, or None where the values must be seen."""
    if pa.types.is_boolean(type_):
        return Kind.BOOLEAN
    if pa.types.is_timestamp(type_):
        return Kind.DATETIME
    if pa.types.is_date(type_):
        return Kind.DATE
    if pa.types.is_time(type_):
        return Kind.TIME
    if pa.types.is_duration(type_):
        return Kind.DURATION
    return None
