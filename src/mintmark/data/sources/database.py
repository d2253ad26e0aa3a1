"""SQLite and DuckDB files: one table, or what a query answers; the file is opened for reading only."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.sources.found import Found, Request, Told
from mintmark.data.sources.jsonlines import arrow, joined
from mintmark.errors import DataError, UnknownName

BATCH_ROWS = 50_000


def find(path: Path, request: Request) -> Found:
    """The table that is named, the only one, or the answer to a query."""
    with path.open("rb") as file:
        first = file.read(16)
    try:
        return _sqlite(path, request) if first.startswith(b"SQLite format 3") else _duckdb(path, request)
    except (sqlite3.Error, duckdb.Error) as error:
        raise DataError("the database does not answer", where=str(path), found=str(error).partition("\n")[0]) from error


def question(request: Request, tables: Sequence[str], where: str) -> str:
    """The SQL that is meant: a query as given, or all of a table."""
    if request.query is not None:
        return request.query
    table = quoted(chosen(request, tables, where))
    return f"SELECT * FROM {table}"  # noqa: S608 - quoted, and one of the names that the database gave


def chosen(request: Request, tables: Sequence[str], where: str) -> str:
    """The table that is meant: the one that is named, or the only one."""
    if request.table is None and len(tables) != 1:
        raise DataError("say which table is meant", where=where, found=", ".join(tables) or "no tables")
    table = request.table or tables[0]
    if table not in tables:
        raise UnknownName("table", table, tables, where=where)
    return table


def quoted(name: str) -> str:
    """A name as SQL writes it, with its schema where it has one that was given as schema.table."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _sqlite(path: Path, request: Request) -> Found:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        listing = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        tables = [name for (name,) in connection.execute(listing)]
        cursor = connection.execute(question(request, tables, str(path)))
        names = [column[0] for column in cursor.description or ()]
        chunks: list[list[pa.Array]] = [[] for _ in names]
        while rows := cursor.fetchmany(BATCH_ROWS):
            for column, values in zip(chunks, zip(*rows, strict=True), strict=True):
                column.append(arrow([_readable(value) for value in values]))
        truths = _truths(connection, request.table or (tables[0] if request.query is None else None))
    finally:
        connection.close()
    table = pa.table([joined(column or [pa.nulls(0)]) for column in chunks], names=names)
    return Found(_with_truths(table, truths), Told.NO_TIMES)


def _readable(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _truths(connection: sqlite3.Connection, table: str | None) -> set[str]:
    """Columns that were declared boolean; SQLite keeps them as 0 and 1."""
    if table is None:
        return set()
    declared = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,))
    return {name for name, type_ in declared if type_.upper().startswith("BOOL")}


def _with_truths(table: pa.Table, truths: set[str]) -> pa.Table:
    for place, field in enumerate(table.schema):
        if field.name in truths and pa.types.is_integer(field.type):
            values = table.column(place)
            if pc.all(pc.is_in(values.drop_null(), value_set=pa.array([0, 1])), min_count=0).as_py():
                table = table.set_column(place, field.name, values.cast(pa.bool_()))
    return table


def _duckdb(path: Path, request: Request) -> Found:
    connection = duckdb.connect(str(path), read_only=True)
    try:
        listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
        tables = [name for (name,) in connection.execute(listing).fetchall()]
        table = connection.sql(question(request, tables, str(path))).to_arrow_table()
    finally:
        connection.close()
    return Found(table)
