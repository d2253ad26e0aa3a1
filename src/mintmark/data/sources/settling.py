"""From what a reader found to a table to learn from: columns typed, missing values null, nothing infinite."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays, finite, infer
from mintmark.data.schema import TEMPORAL, Kind, Personal
from mintmark.data.sources import moments, words
from mintmark.data.sources.found import DEFAULT_MISSING, Found, Request, Told
from mintmark.errors import UnknownName


def settle(
    found: Found,
    kinds: Mapping[str, Kind | Personal],
    drop: Sequence[str],
    request: Request,
    where: str,
    named: Sequence[str | None] = (),
) -> tuple[pa.Table, tuple[str, ...]]:
    """The table, typed column by column, with notes on what was guessed.

    Raises UnknownName for a column that does not exist and DataError for names that stand twice, infinities and cells
    that are not of the kind that was said.
    """
    infer.refuse_unusable(found.table, where=where)
    names, told, comma, notes = found.table.schema.names, found.told, found.comma, list(found.notes)
    for name in (*kinds, *drop, *(name for name in named if name)):
        if name not in names:
            raise UnknownName("column", name, names, where=where)
    table = found.table.drop_columns([name for name in names if name in set(drop)])
    columns = dict(zip(table.schema.names, table.columns, strict=True))
    del found, table
    for name in list(columns):
        # Each column's text is let go as soon as it has a type: a long table is never held twice.
        column, note = _settled(name, columns.pop(name), kinds.get(name), told, comma, request)
        columns[name] = finite.column(name, column, where=where)
        notes += [f"{name}: {note}"] if note else []
    return pa.table(columns), tuple(notes)


def _settled(
    name: str, column: pa.ChunkedArray, kind: Kind | Personal | None, told: Told, comma: bool, request: Request
) -> tuple[pa.ChunkedArray, str]:
    if pa.types.is_null(column.type):
        return column.cast(pa.string()), ""
    if told != Told.NOTHING and list(request.missing) != list(DEFAULT_MISSING):
        column = _unmarked(column, request.missing)
    if kind is not None:
        return _as_said(name, column, Kind.KEY if isinstance(kind, Personal) else kind, comma, request.missing), ""
    if not pa.types.is_string(column.type) or told == Told.EVERYTHING:
        return column, ""
    if told == Told.NOTHING:
        return words.typed(column, missing=request.missing, comma=comma)
    sample = pc.unique(column.slice(0, words.SAMPLE).drop_null())
    out, note = moments.parsed(column, sample) if len(sample) else (None, "")
    return (column if out is None else out), note


def _as_said(name: str, column: pa.ChunkedArray, kind: Kind, comma: bool, missing: Sequence[str]) -> pa.ChunkedArray:
    inferred = arrays.kind_of(column.type)
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
    if kind == inferred or (number and kind in {Kind.NUMBER, Kind.GEO}):
        return column
    if kind in {Kind.CATEGORY, Kind.ORDERED, Kind.KEY}:
        text = pa.types.is_string(column.type)
        return words.forced(name, column, kind, missing=missing, comma=comma) if text else column
    text = column if pa.types.is_string(column.type) else pa.chunked_array([arrays.text(column)])
    if kind == Kind.DATETIME and inferred == Kind.DATE:
        return column.cast(pa.timestamp("us"))
    if kind in TEMPORAL | {Kind.BOOLEAN, Kind.NUMBER, Kind.GEO, Kind.TEXT}:
        return words.forced(name, text, kind, missing=missing, comma=comma)
    return column


def _unmarked(column: pa.ChunkedArray, missing: Sequence[str]) -> pa.ChunkedArray:
    """Markers that a person named count in typed columns too: −999 among integers, "unknown" among words."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        marked = pc.is_in(column, value_set=pa.array(list(missing), column.type))
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        marked = pc.is_in(column.cast(pa.float64(), safe=False), value_set=pa.array(_numbers(missing), pa.float64()))
    else:
        return column
    return pc.if_else(marked, pa.scalar(None, column.type), column) if pc.any(marked).as_py() else column


def _numbers(missing: Sequence[str]) -> list[float]:
    found = []
    for word in missing:
        try:
            found.append(float(word))
        except ValueError:
            continue
    return found
