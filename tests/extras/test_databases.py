"""PostgreSQL, read from a real server, and MySQL where DuckDB's extension for it is missing."""

import datetime as dt
import socket
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data.schema import Kind
from mintmark.data.sources import read_with_notes
from mintmark.errors import DataError, UnknownName

pytestmark = pytest.mark.databases

PEOPLE = """CREATE TABLE people (
    id serial PRIMARY KEY, age smallint, savings bigint, income numeric(10,2), account numeric(20,0), share numeric,
    height real, weight double precision, name text, code char(4), born date, seen timestamptz, noted timestamp,
    wakes time, member boolean, photo bytea)"""
ROWS = r"""INSERT INTO people VALUES
    (1, 41, 9007199254740993, 12.50, 12345678901234567890, 0.25, 1.5, 0.1, 'Zoë', 'ab', '2021-04-03',
     '2021-04-03 12:00:00+02', '2021-04-03 12:00:00.123456', '06:30', true, '\x00ff'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, -1, -5, 99999999.99, 7, 'NaN', 2, 1e300, 'O''Neill', 'c', '1912-06-23',
     '1912-06-23 00:00+00', '1912-06-23', '23:59:59', false, '')"""


@pytest.fixture(scope="module")
def people(server: str, ran: Callable[..., None]) -> mm.Dataset:
    ran(PEOPLE, ROWS)
    return mm.read(server, table="people")


@pytest.mark.parametrize(
    ("column", "kind", "type_", "values"),
    [
        ("id", Kind.KEY, pa.int32(), [1, 2, 3]),
        ("age", Kind.NUMBER, pa.int16(), [41, None, -1]),
        ("savings", Kind.NUMBER, pa.int64(), [9007199254740993, None, -5]),
        ("income", Kind.NUMBER, pa.decimal128(10, 2), [Decimal("12.50"), None, Decimal("99999999.99")]),
        ("account", Kind.NUMBER, pa.decimal128(20), [Decimal(12345678901234567890), None, Decimal(7)]),
        ("share", Kind.NUMBER, pa.float64(), [0.25, None, None]),
        ("height", Kind.NUMBER, pa.float32(), [1.5, None, 2.0]),
        ("weight", Kind.NUMBER, pa.float64(), [0.1, None, 1e300]),
        ("name", Kind.CATEGORY, pa.string(), ["Zoë", None, "O'Neill"]),
        ("code", Kind.CATEGORY, pa.string(), ["ab", None, "c"]),
        ("born", Kind.DATE, pa.date32(), [dt.date(2021, 4, 3), None, dt.date(1912, 6, 23)]),
        (
            "seen",
            Kind.DATETIME,
            pa.timestamp("us", "UTC"),
            [dt.datetime(2021, 4, 3, 10, tzinfo=dt.UTC), None, dt.datetime(1912, 6, 23, tzinfo=dt.UTC)],
        ),
        (
            "noted",
            Kind.DATETIME,
            pa.timestamp("us"),
            [dt.datetime(2021, 4, 3, 12, 0, 0, 123456), None, dt.datetime(1912, 6, 23)],
        ),
        ("wakes", Kind.TIME, pa.time64("us"), [dt.time(6, 30), None, dt.time(23, 59, 59)]),
        ("member", Kind.BOOLEAN, pa.bool_(), [True, None, False]),
        ("photo", Kind.CATEGORY, pa.string(), ["00ff", None, ""]),
    ],
)
def test_a_column_keeps_its_type_and_its_values(
    people: mm.Dataset, column: str, kind: Kind, type_: pa.DataType, values: list[object]
) -> None:
    assert (people.columns[column].kind, people.table[column].type) == (kind, type_)
    assert people.table[column].to_pylist() == values


def test_what_arrow_has_no_word_for_is_read_as_text(server: str) -> None:
    query = """SELECT '10.0.0.1'::inet AS host, '1 day'::interval AS wait, '[1,3)'::int4range AS span,
        '{"a":1}'::json AS j, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, ARRAY['a', NULL] AS tags,
        12.5::money AS price, ARRAY[1.5]::numeric[] AS parts, '(1,2)'::point AS place"""
    data, notes = read_with_notes(server, query=query)
    assert data.table.to_pylist() == [
        {"host": "10.0.0.1/32", "wait": "1 day", "span": "[1,3)", "j": '{"a":1}',
         "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "tags": '["a",null]', "price": 12.5, "parts": "[1.5]",
         "place": "(1,2)"}
    ]  # fmt: skip
    assert notes == ("nested columns were read as JSON text: tags, parts",)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, income FROM people WHERE age > 0",
        "SELECT id, income FROM people WHERE age > 0 ;\n",
        "SELECT id, income FROM people WHERE age > 0 -- the old",
        "WITH old AS (SELECT * FROM people WHERE age > 0) SELECT id, income FROM old",
    ],
)
def test_a_query_is_answered_however_it_ends(server: str, query: str) -> None:
    assert mm.read(server, query=query).table.to_pylist() == [{"id": 1, "income": Decimal("12.50")}]


@pytest.mark.usefixtures("people")
def test_a_query_keeps_its_order_and_its_sums_are_numbers(server: str) -> None:
    assert mm.read(server, query="SELECT id FROM people ORDER BY id DESC").table["id"].to_pylist() == [3, 2, 1]
    sums = mm.read(server, query="SELECT sum(id::bigint) AS total, avg(id) AS mean, sum(income) AS all FROM people")
    assert sums.table.to_pylist() == [{"total": 6, "mean": 2.0, "all": 100000012.49}]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT nope FROM people", 'does not answer\n  found: column "nope" does not exist'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 1; DROP TABLE people", "cannot insert multiple commands"),
        ("SELECT 1 AS a, 2 AS a", "column names stand twice"),
        ("SELECT id FROM people WHERE id > 9", "there is nothing here\n  found: 0 rows and 1 columns"),
        ("SELECT date 'infinity' AS day", "column day holds infinity"),
        ("SELECT timestamp '-infinity' AS moment", "column moment holds infinity"),
    ],
)
def test_a_query_without_an_honest_answer_says_why(server: str, query: str, message: str) -> None:
    _refused(DataError, message, server, query=query)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DROP TABLE people", "gives no rows"),
        ("DELETE FROM people RETURNING id", "does not answer"),
        ("WITH gone AS (DELETE FROM people RETURNING id) SELECT id FROM gone", "does not answer"),
        ("SELECT setval('people_id_seq', 99)", "cannot execute setval.* in a read-only transaction"),
        ("COMMIT", "gives no rows"),
    ],
)
def test_no_query_changes_the_server(server: str, query: str, message: str) -> None:
    _refused(DataError, message, server, query=query)
    assert len(mm.read(server, table="people")) == 3


@pytest.mark.usefixtures("people")
def test_no_query_runs_a_program_on_the_server(server: str, tmp_path: Path) -> None:
    for query in ("COPY people TO PROGRAM 'cat > /tmp/{0}'", "COPY people TO '/tmp/{0}'"):
        _refused(DataError, "gives no rows", server, query=query.format(tmp_path.name))
    assert not Path("/tmp", tmp_path.name).exists()


@pytest.mark.parametrize("name", ['we"ird; DROP TABLE people', "Größe x", "select", "with.dot", "50%s"])
def test_a_table_of_any_name_is_read(server: str, ran: Callable[..., None], name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    ran(f"CREATE TABLE {quoted} AS SELECT 7 AS n")
    try:
        assert mm.read(server, table=name).table.to_pylist() == [{"n": 7}]
    finally:
        ran(f"DROP TABLE {quoted}")


@pytest.mark.usefixtures("people")
def test_a_table_that_is_none_is_refused_with_what_there_is(server: str) -> None:
    _refused(UnknownName, "did you mean people", server, table="peopl")
    _refused(UnknownName, "there is no table", server, table='people"; DROP TABLE people; --')
    assert len(mm.read(server, table="people")) == 3


@pytest.mark.usefixtures("people")
def test_schemas_and_views_are_told_apart(server: str, ran: Callable[..., None]) -> None:
    # A schema with the user's own name goes before public on the search path.
    ran(
        "CREATE SCHEMA me",
        "CREATE TABLE me.people AS SELECT 1 AS n",
        "CREATE MATERIALIZED VIEW me.sums AS SELECT 2 AS n",
    )
    try:
        assert len(mm.read(server, table="people").columns.names) == 16
        assert mm.read(server, table="me.people").table.to_pylist() == [{"n": 1}]
        assert mm.read(server, table="me.sums").table.to_pylist() == [{"n": 2}]
        _refused(DataError, "say which table is meant\n  found: me.people, me.sums, people", server)
    finally:
        ran("DROP SCHEMA me CASCADE")


@pytest.mark.parametrize(
    ("part", "instead", "message"),
    [
        ("s3cr%40t%2Fx", "s3cr%40t%2Fwrong", 'password authentication failed for user "me"'),
        ("me:", "nobody:", 'password authentication failed for user "nobody"'),
        (":s3cr%40t%2Fx", "", "no password supplied"),
        ("/postgres", "/nope", 'database "nope" does not exist'),
        ("127.0.0.1:", "127.0.0.1:1", "could not translate|Connection refused|invalid"),
        ("s3cr%40t%2Fx", "s3cr@t/x", "can be read in two ways"),
    ],
)
def test_a_wrong_address_is_one_clear_error(
    server: str, monkeypatch: pytest.MonkeyPatch, part: str, instead: str, message: str
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    _refused(DataError, message, server.replace(part, instead, 1), table="people")


@pytest.mark.usefixtures("driver")
def test_a_server_that_does_not_speak_is_given_up_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me:s3cr%40t@127.0.0.1:{silent.getsockname()[1]}/db?connect_timeout=2"
        begun = time.monotonic()
        _refused(DataError, "timeout expired", url, table="people")
    assert time.monotonic() - begun < 10


@pytest.mark.usefixtures("people")
def test_no_error_after_the_answer_shows_the_password(server: str) -> None:
    _refused(UnknownName, "there is no column", server, table="people", drop=["nope"])
    _refused(DataError, "cannot be the key", server, table="people", key="name")
    _refused(DataError, "infinite value", server, query="SELECT 'Infinity'::float8 AS x")
    _refused(DataError, "infinite value", server, query="SELECT 'Infinity'::numeric AS x")


def test_a_long_table_is_read_in_seconds(server: str, ran: Callable[..., None]) -> None:
    ran(
        "CREATE TABLE long AS SELECT n, (n % 97) / 4.0 AS part, n::numeric(12,2) AS money, 'group ' || n % 7 AS word, "
        "timestamptz '2020-01-01' + n * interval '1 minute' AS seen FROM generate_series(1, 200000) AS n"
    )
    begun = time.monotonic()
    data = mm.read(server, table="long")
    assert time.monotonic() - begun < 10
    assert len(data) == 200_000
    assert [str(column.kind) for column in data.columns.columns] == ["key", "number", "number", "category", "datetime"]
    assert data.table["money"][-1].as_py() == Decimal("200000.00")
    ran("DROP TABLE long")


def test_mysql_says_which_extension_it_needs_and_fetches_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    connect = duckdb.connect
    away = {"extension_directory": str(tmp_path)}
    monkeypatch.setattr(duckdb, "connect", lambda config: connect(config=config | away))
    begun = time.monotonic()
    said = _refused(DataError, "reading MySQL needs DuckDB's extension mysql", "mysql://me:s3cret@127.0.0.1/db")
    assert "duckdb.connect().install_extension('mysql')" in said
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - begun < 5


def _refused(kind: type[Exception], message: str, url: str, **wanted: object) -> str:
    """What the one error says, which tells no password wherever one may look."""
    with pytest.raises(kind, match=message) as caught:
        mm.read(url, **wanted)
    error = caught.value
    told = f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
    assert not any(part in told for part in ("s3cr", "%40t", "t%2Fx"))
    return str(error)
