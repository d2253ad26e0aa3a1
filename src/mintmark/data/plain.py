"""Columns as formats without types write them: durations as ISO 8601 periods, nested values as JSON."""

import json

import pyarrow as pa
import pyarrow.compute as pc

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def table(batch: pa.Table) -> pa.Table:
    """The same rows in columns of numbers, booleans, dates, times and text alone."""
    columns = [_column(column) for column in batch.columns]
    return pa.table(columns, names=batch.schema.names)


def json_lines(plain: pa.Table) -> bytes:
    """The rows of such a table as JSON objects, one a line."""
    if not plain.num_rows:
        return b""
    parts: list[pa.Array | str] = []
    for place, name in enumerate(plain.schema.names):
        parts += [f"{', ' if place else '{'}{json.dumps(name, ensure_ascii=False)}: ", _json(plain.column(place))]
    lines = pc.binary_join_element_wise(*parts, "}\n", "")
    return "".join(lines.to_pylist()).encode()


def _json(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each value as JSON, a missing one as null; text is escaped only where some of it must be."""
    words = column.cast(pa.string())
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        return pc.fill_null(words, "null")
    if pc.any(pc.match_substring_regex(words, r'[\x00-\x1f"\\]')).as_py():
        distinct = pc.unique(words).drop_null()
        escaped = pa.array([json.dumps(word, ensure_ascii=False) for word in distinct.to_pylist()], pa.string())
        return pc.fill_null(pc.take(escaped, pc.index_in(words, value_set=distinct)), "null")
    return pc.fill_null(pc.binary_join_element_wise('"', words, '"', ""), "null")


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _column(column.cast(type_.value_type))
    if pa.types.is_duration(type_):
        return _periods(column)
    if pa.types.is_nested(type_):
        words = [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(words, pa.string())])
    if pa.types.is_timestamp(type_) and type_.tz is not None:
        # In UTC and with its Z, so that no zone is lost with the type.
        return pc.strftime(column.cast(pa.timestamp(type_.unit, "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_null(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return column.cast(pa.string())
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_):
        return pa.chunked_array([pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.string())])
    return column


def _periods(column: pa.ChunkedArray) -> pa.ChunkedArray:
    ticks, per_second = column.cast(pa.int64()), _PER_SECOND[column.type.unit]
    words = [None if tick is None else _period(tick, per_second) for tick in ticks.to_pylist()]
    return pa.chunked_array([pa.array(words, pa.string())])


def _period(ticks: int, per_second: int) -> str:
    whole, part = divmod(abs(ticks), per_second)
    digits = len(str(per_second)) - 1
    fraction = f".{part:0{digits}d}".rstrip("0") if part else ""
    return f"{'-' if ticks < 0 else ''}PT{whole}{fraction}S"
