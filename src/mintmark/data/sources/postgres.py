"""PostgreSQL through ADBC, in a transaction that can only read; types that Arrow has no word for come as text."""

import importlib
import os
import re
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.sources.address import redacted
from mintmark.data.sources.database import chosen
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError, MissingExtra

# The server quotes: it knows which names need it.
TABLES = (
    "SELECT CASE nspname WHEN 'public' THEN relname ELSE nspname || '.' || relname END, "
    "format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
    "WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname <> 'information_schema' AND nspname !~ '^pg_' ORDER BY 1"
)
AS_WRITTEN = {"bytea": "encode({}, 'hex')", "money": "{}::numeric::text", "bpchar": "{}::text"}
"""How columns are asked for whose values the driver would not give as they are meant."""
PATIENCE_S = 15
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31 in days since 1970, the dates that all of Python can name."""
PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def find(url: str, request: Request) -> Found:
    """The table that is named, the only one, or the answer to a query; raises whatever ADBC does.

    Arrays become JSON text, bytes hexadecimal text, and `numeric` whole numbers, decimals of the size that was
    declared, or else float64.
    """
    where = redacted(url)
    with _driver().connect(_impatient(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(TABLES)
        tables = dict(cursor.fetchall())
        query = request.query if request.query is not None else f"TABLE {tables[chosen(request, list(tables), where)]}"
        fields = _fields(cursor, query, where)
        cursor.execute(_asked(query, fields))
        answer = cursor.fetch_arrow_table()
    columns = [_typed(column, field, where) for column, field in zip(answer.columns, fields, strict=True)]
    nested = [field.name for field in fields if pa.types.is_nested(field.type)]
    notes = (f"nested columns were read as JSON text: {', '.join(nested)}",) if nested else ()
    return Found(pa.table(columns, names=[field.name for field in fields]), notes=notes)


def reason(message: str) -> str:
    """The part of libpq's message that says what is wrong."""
    first = message.partition("\n")[0]
    said = re.search(r"(?:ERROR|FATAL):\s+(.*)|Failed to connect: (.*)", first)
    return (said[1] or said[2]) if said else first


def _driver() -> ModuleType:
    try:
        return importlib.import_module("adbc_driver_postgresql.dbapi")
    except ModuleNotFoundError as error:
        raise MissingExtra("reading PostgreSQL", "adbc-driver-postgresql", "databases") from error


def _impatient(url: str) -> str:
    """The URL with a limit to the wait for a server that never answers; libpq's own is none."""
    if "connect_timeout=" in url or "PGCONNECT_TIMEOUT" in os.environ:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={PATIENCE_S}"


def _fields(cursor: Any, query: str, where: str) -> list[pa.Field]:
    """The columns of the answer; the query is prepared, but not run: COPY TO PROGRAM would obey no transaction."""
    fields = list(cursor.adbc_execute_schema(query))
    if not fields:
        raise DataError("this query gives no rows", where=where, found=query, fix="ask with SELECT")
    return fields


def _asked(query: str, fields: list[pa.Field]) -> str:
    """A SELECT around the query, so that nothing else is run, with each column in a form that Arrow can hold."""
    names = [f'"{place}"' for place in range(len(fields))]
    wanted = ", ".join(_form(field).format(name) for field, name in zip(fields, names, strict=True))
    inner = query.strip().rstrip(";")
    # A new line: the query may end in a comment.
    return f"SELECT {wanted} FROM ({inner}\n) AS answer ({', '.join(names)})"  # noqa: S608 - the user's own query


def _form(field: pa.Field) -> str:
    own = isinstance(field.type, pa.BaseExtensionType) or pa.types.is_interval(field.type)
    form = "to_json({})::text" if pa.types.is_nested(field.type) else "{}::text" if own else "{}"
    return AS_WRITTEN.get(_type(field), form)


def _type(field: pa.Field) -> str:
    return (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()


def _typed(column: pa.ChunkedArray, field: pa.Field, where: str) -> pa.ChunkedArray:
    if _type(field) in {"numeric", "money"}:
        return _number(column, field)
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        _refuse_endless(column, field.name, where)
    return column


def _number(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """Numbers that came as text, in the first type that holds them all; NaN and infinities are for float64."""
    for type_ in _exact_types(int((field.metadata or {}).get(b"POSTGRESQL:typmod", -1))):
        try:
            return column.cast(type_)
        except pa.ArrowInvalid:
            continue
    return column.cast(pa.float64())


def _exact_types(typmod: int) -> list[pa.DataType]:
    """The types for `numeric(precision, scale)`, as PostgreSQL packs the two into one integer; −1 is neither."""
    precision, scale = ((typmod - 4) >> 16) & 0xFFFF, (typmod - 4) & 0x7FF
    if typmod < 0:
        return [pa.int64()]
    whole = [] if scale else [pa.int64()]
    return [*whole, pa.decimal128(precision, scale)] if scale <= precision <= 38 else whole


def _refuse_endless(column: pa.ChunkedArray, name: str, where: str) -> None:
    """DataError for `infinity` and for years that no date of Python can name; the driver wraps some of them around."""
    date = pa.types.is_date(column.type)
    days = pc.divide(column.cast(pa.int32() if date else pa.int64()), 1 if date else PER_DAY[column.type.unit])
    span = pc.min_max(days).as_py()
    if span["min"] is not None and not FIRST_DAY <= span["min"] <= span["max"] <= LAST_DAY:
        fix = f"ask with a query: NULLIF({name}, 'infinity')"
        raise DataError(f"column {name} holds infinity or a date outside the years 1 to 9999", where=where, fix=fix)
