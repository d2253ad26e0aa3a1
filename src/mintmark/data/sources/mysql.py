"""MySQL through DuckDB's extension, which is loaded where it was installed and never fetched unasked."""

from urllib.parse import unquote, urlsplit

import duckdb

from mintmark.data.sources.address import redacted
from mintmark.data.sources.database import question
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError

TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'server' ORDER BY 1"
INSTALL = "python -c \"import duckdb; duckdb.connect().install_extension('mysql')\""


def find(url: str, request: Request) -> Found:
    """The table that is named, the only one, or the answer to a query; raises whatever DuckDB does."""
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as connection:
        _load(connection, redacted(url))
        connection.execute(f"CREATE SECRET (TYPE mysql, {_secret(url)})")
        connection.execute("ATTACH '' AS server (TYPE mysql, READ_ONLY)")
        connection.execute("USE server")
        tables = [name for (name,) in connection.execute(TABLES).fetchall()]
        return Found(connection.sql(question(request, tables, redacted(url))).to_arrow_table())


def reason(message: str) -> str:
    """The line of DuckDB's message that says what is wrong."""
    return message.partition("\n")[0]


def _load(connection: duckdb.DuckDBPyConnection, where: str) -> None:
    try:
        connection.execute("LOAD mysql")
    except duckdb.Error as error:
        wrong, found = "reading MySQL needs DuckDB's extension mysql", reason(str(error))
        raise DataError(wrong, where=where, found=found, fix=f"install it once, with a network: {INSTALL}") from error


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
