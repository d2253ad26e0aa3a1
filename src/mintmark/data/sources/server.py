"""PostgreSQL and MySQL by URL. A password comes from the URL or the environment, and is never shown."""

import importlib
import re
from types import ModuleType
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb
import pyarrow as pa

from mintmark.data.sources.database import question
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError, InputError, MissingExtra

POSTGRES_TABLES = (
    "SELECT CASE table_schema WHEN 'public' THEN table_name ELSE table_schema || '.' || table_name END "
    "FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY 1"
)
HIDDEN = "(?i:password|passwd|pwd|sslpassword)"
MYSQL_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'server' ORDER BY 1"


def find(url: str, request: Request) -> Found:
    """The table that is named, the only one, or the answer to a query.

    PostgreSQL is read through ADBC (extra `databases`; also heeds PGPASSWORD and ~/.pgpass), MySQL through DuckDB's
    own extension (also heeds MYSQL_PWD), which DuckDB fetches at first use.
    """
    postgres = urlsplit(url).scheme in {"postgres", "postgresql"}
    driver = _adbc() if postgres else None
    try:
        return Found(_postgres(driver, url, request) if driver else _mysql(url, request))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a driver raises may quote the password
        found = _scrubbed(str(error), url).partition("\n")[0]
    # Raised outside the handler: a chained error would print what was scrubbed.
    raise DataError("the database does not answer", where=redacted(url), found=found)


def redacted(url: str) -> str:
    """The URL without its password."""
    hidden = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(rf"({HIDDEN}=)[^&\s]+", r"\1***", hidden)


def _adbc() -> ModuleType:
    try:
        return importlib.import_module("adbc_driver_postgresql.dbapi")
    except ModuleNotFoundError as error:
        raise MissingExtra("reading PostgreSQL", "adbc-driver-postgresql", "databases") from error


def _postgres(driver: ModuleType, url: str, request: Request) -> pa.Table:
    with driver.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(POSTGRES_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(question(request, tables, redacted(url)))
        return cursor.fetch_arrow_table()


def _mysql(url: str, request: Request) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("INSTALL mysql; LOAD mysql")
        connection.execute(f"CREATE SECRET (TYPE mysql, {_secret(url)})")
        connection.execute("ATTACH '' AS server (TYPE mysql, READ_ONLY)")
        connection.execute("USE server")
        tables = [name for (name,) in connection.execute(MYSQL_TABLES).fetchall()]
        return connection.sql(question(request, tables, redacted(url))).to_arrow_table()


def _secret(url: str) -> str:
    """The URL as fields of a DuckDB secret, which takes what is missing from MYSQL_HOST, MYSQL_PWD and their like."""
    parts = urlsplit(url)
    fields = {
        "HOST": parts.hostname,
        "PORT": parts.port,
        "USER": parts.username,
        "PASSWORD": parts.password,
        "DATABASE": parts.path.strip("/"),
    }
    given = {key: unquote(str(value)).replace("'", "''") for key, value in fields.items() if value}
    return ", ".join(f"{key} '{value}'" for key, value in given.items())


def _scrubbed(message: str, url: str) -> str:
    parts = urlsplit(url)
    secrets = [parts.password, *(value for key, value in parse_qsl(parts.query) if re.match(HIDDEN, key))]
    message = redacted(message)
    for secret in filter(None, secrets):
        message = message.replace(secret, "***").replace(unquote(secret), "***")
    return message
