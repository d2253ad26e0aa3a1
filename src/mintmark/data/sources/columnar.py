"""Parquet and Arrow files, whose types are taken as they stand."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from mintmark.data.sources import opening
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError


def find(path: Path, request: Request) -> Found:  # noqa: ARG001 - every reader has this signature
    """The table in a Parquet, Arrow stream, Arrow file or Feather file; nested columns become JSON text."""
    name = path.name.lower()
    try:
        table = _parquet(path) if ".parquet" in name or ".pq" in name else _arrow(path)
    except (pa.ArrowInvalid, OSError) as error:
        first = opening.looks_like(opening.head(path)) or "no known form"
        raise DataError(
            "this file cannot be read as its name says", where=str(path), found=f"{first}; {error}", fix="write it anew"
        ) from error
    twice = sorted({name for name in table.schema.names if table.schema.names.count(name) > 1})
    if twice:
        raise DataError("column names stand twice", where=str(path), found=", ".join(twice), fix="rename them")
    return unnested(_without_index(table))


def unnested(table: pa.Table) -> Found:
    """The table with nested columns as JSON text, and a note that names them."""
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    for name in nested:
        place = table.schema.names.index(name)
        words = [None if value is None else _json(value) for value in table[name].to_pylist()]
        table = table.set_column(place, name, pa.array(words, pa.string()))
    notes = (f"nested columns were read as JSON text: {', '.join(nested)}",) if nested else ()
    return Found(table.replace_schema_metadata(None), notes=notes)


def _parquet(path: Path) -> pa.Table:
    opening.head(path)
    # The path alone: a folder called day=3 is no column.
    return pq.ParquetFile(opening.whole(path) if opening.is_packed(path) else str(path)).read()


def _arrow(path: Path) -> pa.Table:
    first = opening.head(path)
    with opening.opened(path) as file:
        if first.startswith(b"ARROW1"):
            source = opening.whole(path) if opening.is_packed(path) else file
            return ipc.open_file(source).read_all()
        return ipc.open_stream(file).read_all()


def _without_index(table: pa.Table) -> pa.Table:
    """Without the row labels that pandas stores as a column when it has nothing better to do with them."""
    return table.select([name for name in table.schema.names if not name.startswith("__index_level_")])


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, tuple) else value, ensure_ascii=False, default=str)
