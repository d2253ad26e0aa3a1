"""PostgreSQL and MySQL by URL. A password comes from the URL or the environment, and is never shown."""

from mintmark.data.sources import mysql, postgres
from mintmark.data.sources.address import redacted, refuse_ambiguous, scrubbed
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError, InputError


def find(url: str, request: Request) -> Found:
    """The table that is named, the only one, or the answer to a query; nothing on the server is changed.

    PostgreSQL is read through ADBC (extra `databases`; also heeds PGPASSWORD and ~/.pgpass), MySQL through DuckDB's
    own extension (also heeds MYSQL_PWD), which a person installs once.
    """
    refuse_ambiguous(url)
    reader = mysql if url.startswith("mysql:") else postgres
    try:
        return reader.find(url, request)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a driver raises may quote the password
        found = reader.reason(scrubbed(str(error), url))
    # Raised outside the handler: a chained error would print what was scrubbed.
    raise DataError("the database does not answer", where=redacted(url), found=found)
