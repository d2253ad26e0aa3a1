"""What kind of thing each column holds, told from its storage type and its values."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import TEMPORAL, Column, Kind, TableSchema
from mintmark.errors import DataError

MANY_LEVELS = 0.5
"""Text whose distinct values exceed this share of the rows repeats too little to be a category."""
SPECIAL_SHARE = 0.005
"""A value far outside the rest that holds at least this share of the rows is a code."""


def table_schema(table: pa.Table, *, kinds: Mapping[str, Kind] | None = None) -> TableSchema:
    """The schema of a table; `kinds` overrides what would be inferred."""
    kinds = kinds or {}
    columns = tuple(column(name, table[name], kinds.get(name)) for name in table.schema.names)
    keys = [c.name for c in columns if c.kind == Kind.KEY and not c.nullable and _unique(table[c.name])]
    return TableSchema(columns, key=keys[0] if keys else None)


def column(name: str, values: pa.ChunkedArray, kind: Kind | None = None) -> Column:
    """One column's kind and domain."""
    flat = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    kind = kind or _kind(name, flat)
    out = Column(name, kind, flat.type, nullable=flat.null_count > 0)
    if out.discrete:
        return replace(out, levels=_levels(flat, kind))
    if out.kind in TEMPORAL:
        out = replace(out, step=_step(flat))
    return _with_domain(out, flat) if out.numeric else out


def refuse_unusable(table: pa.Table) -> None:
    """DataError where there is nothing to learn from: no columns, no rows, or names that stand twice."""
    if table.num_columns == 0 or table.num_rows == 0:
        raise DataError("there is nothing here", found=f"{table.num_rows} rows and {table.num_columns} columns")
    names = table.schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError("column names stand twice", found=", ".join(twice), fix="rename them in the file")


def _kind(name: str, flat: pa.Array) -> Kind:
    known = arrays.kind_of(flat.type)
    if known:
        return known
    distinct, present = (
        pc.count_distinct(flat).as_py() if not pa.types.is_nested(flat.type) else len(flat),
        len(flat) - flat.null_count,
    )
    if pa.types.is_floating(flat.type) or pa.types.is_decimal(flat.type) or pa.types.is_integer(flat.type):
        if arrays.is_latitude_or_longitude(name):
            return Kind.GEO
        return Kind.KEY if _is_key(name, flat, distinct, present) else Kind.NUMBER
    if present and distinct == present > 20 and _looks_like_key(name, flat):
        return Kind.KEY
    return Kind.TEXT if distinct > max(20, MANY_LEVELS * present) else Kind.CATEGORY


def _is_key(name: str, flat: pa.Array, distinct: int, present: int) -> bool:
    """Whole numbers that never repeat name rows if they are called so, or if they simply count up."""
    if not pa.types.is_integer(flat.type) or distinct < present or present < 20:
        return False
    called = name.lower() in {"id", "key", "index", "rowid", "uuid"} or name.lower().endswith(("_id", " id", "_key"))
    gaps = np.diff(flat.drop_null().to_numpy(zero_copy_only=False).astype(np.float64))
    return called or bool(np.all(gaps == 1))


def _looks_like_key(name: str, flat: pa.Array) -> bool:
    """Words without spaces, all of nearly one length, or a column that is called an id."""
    if name.lower() in {"id", "key", "uuid"} or name.lower().endswith(("_id", " id", "_key")):
        return True
    words = arrays.text(flat).drop_null()
    spaced = pc.any(pc.match_substring(words, " ")).as_py()
    lengths = pc.utf8_length(words)
    return not spaced and pc.max(lengths).as_py() - pc.min(lengths).as_py() <= 2 and pc.min(lengths).as_py() >= 6


def _levels(flat: pa.Array, kind: Kind) -> tuple[str, ...]:
    words = arrays.text(flat).drop_null()
    counted = words.value_counts()
    level, count = counted.field(0).to_pylist(), counted.field(1).to_pylist()
    if kind == Kind.BOOLEAN:
        return ("false", "true")
    if pa.types.is_dictionary(flat.type) and flat.type.ordered:
        return tuple(str(v) for v in flat.dictionary.to_pylist())
    # Ties are broken by name, so that the order of rows never shows.
    return tuple(word for word, _ in sorted(zip(level, count, strict=True), key=lambda pair: (-pair[1], pair[0])))


def _step(flat: pa.Array) -> int:
    stored = flat.drop_null().cast(pa.int32() if flat.type.bit_width == 32 else pa.int64())
    values = stored.to_numpy(zero_copy_only=False).astype(np.int64)
    return max(1, int(np.gcd.reduce(values))) if len(values) else 1


def _with_domain(out: Column, flat: pa.Array) -> Column:
    values = arrays.numbers(flat, out)
    values = values[np.isfinite(values)]
    if not len(values):
        return out
    decimals = _decimals(values, flat.type) if out.kind not in TEMPORAL else None
    specials = _specials(values) if out.kind == Kind.NUMBER else ()
    quantities = values[~np.isin(values, specials)] if specials else values
    return replace(out, low=float(quantities.min()), high=float(quantities.max()), decimals=decimals, specials=specials)


def _decimals(values: NDArray[np.float64], type_: pa.DataType) -> int | None:
    if pa.types.is_integer(type_):
        return 0
    relative = 1e-6 if pa.types.is_float32(type_) or pa.types.is_float16(type_) else 1e-12
    for digits in range(9):
        if np.all(np.abs(np.round(values, digits) - values) <= relative * np.maximum(1, np.abs(values))):
            return digits
    return None


def _specials(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Values of all nines, at an end, far from all others, and common: −999, 9999, −1 below a positive range."""
    unique, counts = np.unique(values, return_counts=True)
    found = []
    while len(unique) > 3:
        for end, near in ((0, 1), (-1, -2)):
            rest = unique[1:] if end == 0 else unique[:-1]
            spread = float(rest[-1] - rest[0])
            nines = (
                set(str(abs(int(unique[end])))) == {"9"} and abs(unique[end]) >= 9 and float(unique[end]).is_integer()
            )
            alone = abs(unique[end] - unique[near]) > max(spread, 1.0)
            lone_minus = unique[end] == -1 and rest[0] >= 0 and spread >= 10
            if counts[end] >= max(2, SPECIAL_SHARE * len(values)) and ((nines and alone) or lone_minus):
                found.append(float(unique[end]))
                unique, counts = np.delete(unique, end), np.delete(counts, end)
                break
        else:
            break
    return tuple(sorted(found))


def _unique(values: pa.ChunkedArray) -> bool:
    return pc.count_distinct(values).as_py() == len(values)
