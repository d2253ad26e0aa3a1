"""Sources other than one delimited file: packed files, shards, databases, servers, bundled tables and hubs."""

import gzip
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv, feather, ipc

from mintmark.data import sources
from mintmark.data.schema import Kind
from mintmark.data.sources import address, mysql
from mintmark.errors import DataError, MissingExtra, UnknownName

TABLE = pa.table({"n": [1, 2, 3], "word": ["x", None, "z"], "part": [0.5, 1.5, None]})
ROWS = TABLE.to_pylist()
CSV = b"n,word,part\n1,x,0.5\n2,,1.5\n3,z,\n"
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def packed(form: str, body: bytes) -> bytes:
    if form == ".gz":
        return gzip.compress(body)
    return pa.Codec("zstd").compress(body, asbytes=True) if form == ".zst" else body


def bodies() -> dict[str, bytes]:
    out = {".csv": CSV, ".tsv": CSV.replace(b",", b"\t"), ".jsonl": LINES, ".json": json.dumps(ROWS).encode()}
    for suffix, save in ((".parquet", pq.write_table), (".feather", feather.write_feather)):
        sink = pa.BufferOutputStream()
        save(TABLE, sink)
        out[suffix] = sink.getvalue().to_pybytes()
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return {**out, ".arrow": sink.getvalue().to_pybytes()}


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".feather", ".arrow"])
def test_every_form_is_read_however_it_is_packed(tmp_path: Path, suffix: str, packing: str) -> None:
    path = tmp_path / f"table{suffix}{packing}"
    path.write_bytes(packed(packing, bodies()[suffix]))
    data = sources.read(path)
    assert data.table.to_pylist() == ROWS
    assert data.table.schema.types == TABLE.schema.types


def test_packing_is_seen_in_the_bytes_and_not_in_the_name(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(gzip.compress(CSV))
    assert sources.read(tmp_path / "table.csv").table.to_pylist() == ROWS


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".feather"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"table{suffix}").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(DataError, match="cannot be read as its name says"):
        sources.read(tmp_path / f"table{suffix}")


def test_a_torn_parquet_file_is_refused(tmp_path: Path) -> None:
    body = bodies()[".parquet"]
    (tmp_path / "table.parquet").write_bytes(body[: len(body) // 2])
    with pytest.raises(DataError, match="a Parquet file"):
        sources.read(tmp_path / "table.parquet")


def test_nested_columns_become_json_text(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2], "list": [[1, 2], None], "struct": [{"a": "ü"}, {"a": None}]})
    pq.write_table(table, tmp_path / "table.parquet")
    data, notes = sources.read_with_notes(tmp_path / "table.parquet")
    assert data.table["list"].to_pylist() == ["[1, 2]", None]
    assert data.table["struct"].to_pylist() == ['{"a": "ü"}', '{"a": null}']
    assert [column.kind for column in data.columns.columns] == [Kind.NUMBER, Kind.TEXT, Kind.TEXT]
    assert notes == ("nested columns were read as JSON text: list, struct",)


def test_nan_in_parquet_is_missing_and_infinity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"x": [1.0, float("nan"), 3.0]}), path)
    assert sources.read(path).table["x"].to_pylist() == [1.0, None, 3.0]
    pq.write_table(pa.table({"x": [1.0, 2.0, float("-inf")]}), path)
    with pytest.raises(DataError, match="row 3: column x holds an infinite value"):
        sources.read(path)
    assert sources.read(path, missing=["-inf"]).table["x"].to_pylist() == [1.0, 2.0, None]


def test_parquet_without_rows_or_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(TABLE.slice(0, 0), path)
    with pytest.raises(DataError, match=r"table\.parquet: there is nothing here\n  found: 0 rows and 3 columns"):
        sources.read(path)
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), path)
    with pytest.raises(DataError, match="stand twice\n  found: a"):
        sources.read(path)


def test_a_kind_that_is_said_decides_in_typed_files_too(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"sex": [1, 2, 1], "day": ["2021-04-03", None, "1912-06-23"], "yes": [0, 1, None]}), path)
    data = sources.read(path, kinds={"sex": "category", "day": "date", "yes": "boolean"})
    assert (data.columns["sex"].levels, data.table["sex"].to_pylist()) == (("1", "2"), [1, 2, 1])
    assert (data.columns["day"].kind, data.table["yes"].to_pylist()) == (Kind.DATE, [False, True, None])


def test_storage_types_of_parquet_are_kept(tmp_path: Path) -> None:
    table = pa.table({
        "small": pa.array([1, 2], pa.int8()),
        "money": pa.array([Decimal("1.50"), Decimal("2.00")], pa.decimal128(9, 2)),
        "level": pa.array(["low", "high"]).dictionary_encode(),
        "moment": pa.array([-(2**40), 2**55], pa.timestamp("us")),
        "big": pa.array([2**63, 1], pa.uint64()),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "table.parquet")
    assert sources.read(tmp_path / "table.parquet").table.equals(table)


def test_labels_that_pandas_stored_are_no_column(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame({"a": [1, 2]}, index=[5, 9]).to_parquet(tmp_path / "table.parquet")
    assert sources.read(tmp_path / "table.parquet").table.to_pylist() == [{"a": 1}, {"a": 2}]


def test_json_keeps_what_floats_would_lose(tmp_path: Path) -> None:
    path = tmp_path / "table.jsonl"
    path.write_text('{"big": 18446744073709551615, "zip": "00501", "day": "2021-04-03"}\n\n{"big": 1, "mixed": [1]}\n')
    data = sources.read(path)
    assert data.table["big"].to_pylist() == [18446744073709551615, 1]
    assert data.table["zip"].to_pylist() == ["00501", None]
    assert data.table["mixed"].to_pylist() == [None, "[1]"]
    assert data.columns["day"].kind == Kind.DATE


@pytest.mark.parametrize(
    ("body", "message"),
    [("{}\n{'a': 1}\n", "line 2: this is not JSON"), ("[1, 2]", "row 1: a row is not a JSON object"), ("", "empty")],
)
def test_bad_json_is_named_by_its_line(tmp_path: Path, body: str, message: str) -> None:
    (tmp_path / "table.jsonl").write_text(body)
    with pytest.raises(DataError, match=message):
        sources.read(tmp_path / "table.jsonl")


def test_shards_are_one_table_typed_together(tmp_path: Path) -> None:
    (tmp_path / "part-0.csv").write_text("n,code\n1,7\n2,8\n")
    (tmp_path / "part-1.csv.gz").write_bytes(gzip.compress(b"code,n\n007,3.5\n"))
    (tmp_path / "README.md").write_text("what this is")
    (tmp_path / "meta.json").write_text("{}")
    assert sources.read(tmp_path).table.to_pylist() == [
        {"n": 1.0, "code": "7"}, {"n": 2.0, "code": "8"}, {"n": 3.5, "code": "007"},
    ]  # fmt: skip


def test_shards_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no table"):
        sources.read(tmp_path)
    (tmp_path / "a.csv").write_text("n\n1\n")
    (tmp_path / "b.csv").write_text("m\n1\n")
    with pytest.raises(DataError, match=r"b\.csv: this shard has other columns"):
        sources.read(tmp_path)
    (tmp_path / "c.jsonl").write_text('{"n": 1}\n')
    with pytest.raises(DataError, match="several forms\n  found: delimited, jsonlines"):
        sources.read(tmp_path)


def sqlite_file(path: Path) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute('CREATE TABLE "my sales" (n INTEGER, day TEXT, paid BOOLEAN, mixed)')
        rows = [(1, "2021-04-03", 1, 5), (2, None, 0, "x"), (3, "2021-04-05", None, 2.5)]
        connection.executemany('INSERT INTO "my sales" VALUES (?, ?, ?, ?)', rows)
    connection.close()
    return path


def test_a_sqlite_table_is_read_with_the_types_that_were_meant(tmp_path: Path) -> None:
    data = sources.read(sqlite_file(tmp_path / "shop.db"))
    assert [str(column.kind) for column in data.columns.columns] == ["number", "date", "boolean", "category"]
    assert data.table["paid"].to_pylist() == [True, False, None]
    assert data.table["mixed"].to_pylist() == ["5", "x", "2.5"]


def test_a_query_answers_and_a_wrong_one_says_why(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path / "shop.sqlite")
    query = 'SELECT n * 2 AS double FROM "my sales" WHERE n > 1'
    assert sources.read(path, query=query).table.to_pylist() == [{"double": 4}, {"double": 6}]
    with pytest.raises(DataError, match="no such column: nope"):
        sources.read(path, query='SELECT nope FROM "my sales"')
    with pytest.raises(DataError, match="readonly database"):
        sources.read(path, query='DELETE FROM "my sales"')
    with pytest.raises(UnknownName, match="did you mean my sales"):
        sources.read(path, table="my sale")


def test_a_duckdb_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE a AS SELECT 1 AS n, DATE '2021-04-03' AS day")
        connection.execute("CREATE TABLE b AS SELECT 2 AS m")
    assert sources.read(path, table="b").table.to_pylist() == [{"m": 2}]
    assert sources.read(path, table="a").columns["day"].kind == Kind.DATE
    with pytest.raises(DataError, match="say which table is meant\n  found: a, b"):
        sources.read(path)


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"SQLite format 3\x00" + b"nonsense" * 20)
    with pytest.raises(DataError, match="does not answer"):
        sources.read(tmp_path / "shop.db")


def driver(monkeypatch: pytest.MonkeyPatch, connect: Callable[[str], object]) -> None:
    """A stand-in for ADBC, which tests/extras meets for real."""
    stub = ModuleType("adbc_driver_postgresql.dbapi")
    stub.connect = connect  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", ModuleType("adbc_driver_postgresql"))
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql.dbapi", stub)


def test_no_password_is_ever_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(url: str) -> None:
        raise RuntimeError(f"password authentication failed for {url} (s3cr@t, s3cr%40t)")

    driver(monkeypatch, refused)
    with pytest.raises(DataError, match="does not answer") as caught:
        sources.read("postgresql://me:s3cr%40t@wrong/shop?password=hunter2")
    told = f"{caught.value!r} {caught.value} {caught.value.__cause__} {caught.value.__context__}"
    assert "postgresql://me:***@wrong/shop" in told
    assert not any(secret in told for secret in ("s3cr", "hunter2"))


def test_a_wait_for_a_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    driver(monkeypatch, asked.append)
    monkeypatch.delenv("PGCONNECT_TIMEOUT", raising=False)
    urls = ("postgresql://host/db", "postgresql://host/db?sslmode=require", "postgresql://host/db?connect_timeout=3")
    for url in urls:
        with pytest.raises(DataError, match="does not answer"):
            sources.read(url)
    assert asked == [f"{urls[0]}?connect_timeout=15", f"{urls[1]}&connect_timeout=15", urls[2]]


@pytest.mark.parametrize("password", ["s3@cret", "s3/cret", "s3?cret", "s3#cret", "s3[cret", "s3@/cret"])
def test_a_password_with_signs_that_split_an_address_is_refused_unread(password: str) -> None:
    with pytest.raises(DataError, match=r"me:\*\*\*@host/db: this address can be read in two ways") as caught:
        sources.read(f"postgresql://me:{password}@host/db")
    assert "s3" not in str(caught.value)
    assert "cret" not in str(caught.value)


def test_a_server_that_cannot_be_reached_says_so_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise duckdb.IOException("no route to host for passwd=o'neill")

    monkeypatch.setattr(mysql.duckdb, "connect", refused)
    with pytest.raises(DataError, match=r"mysql://me:\*\*\*@host/db: the database does not answer") as caught:
        sources.read("mysql://me:o'neill@host/db", table="t")
    assert "neill" not in f"{caught.value} {caught.value.__context__}"
    assert mysql._secret("mysql://me:o'n%20x@host:7/db") == (
        "HOST 'host', PORT '7', USER 'me', PASSWORD 'o''n x', DATABASE 'db'"
    )


def test_an_address_is_redacted_even_where_the_password_holds_signs() -> None:
    assert address.redacted("mysql://me:p@ss:w/rd@host/db") == "mysql://me:***@host/db"
    assert address.redacted("postgres://me@host/db") == "postgres://me@host/db"


@pytest.mark.parametrize(
    ("source", "package", "extra"),
    [
        ("postgresql://host/db", "adbc_driver_postgresql", "databases"),
        ("hf:some/name", "datasets", "hub"),
        ("openml:adult", "openml", "hub"),
    ],
)
def test_a_missing_client_names_its_pip_command(
    monkeypatch: pytest.MonkeyPatch, source: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'mintmark\[{extra}\]'"):
        sources.read(source)


class Split:
    features: ClassVar[dict[str, object]] = {}

    def with_format(self, form: str) -> "Split":
        assert form == "arrow"
        return self

    def __getitem__(self, _: slice) -> pa.Table:
        return TABLE


def test_a_hub_gives_its_train_split_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    splits = {"train": Split(), "test": Split()}
    client = SimpleNamespace(load_dataset=lambda name, config: splits, ClassLabel=type(None))
    monkeypatch.setitem(sys.modules, "datasets", client)
    assert sources.read("hf:some/name").table.to_pylist() == ROWS
    assert sources.read("hf:some/name@test").table.to_pylist() == ROWS
    with pytest.raises(UnknownName, match="did you mean test"):
        sources.read("hf:some/name@tset")


def test_openml_gives_its_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    get = lambda name: SimpleNamespace(get_data=lambda: (TABLE.to_pandas(), None, None, None))  # noqa: E731
    monkeypatch.setitem(sys.modules, "openml", SimpleNamespace(datasets=SimpleNamespace(get_dataset=get)))
    assert sources.read("openml:61").table["n"].to_pylist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "rows", "columns", "target", "kind"),
    [
        ("iris", 150, 5, "species", Kind.CATEGORY),
        ("wine", 178, 14, "cultivar", Kind.CATEGORY),
        ("breast_cancer", 569, 31, "diagnosis", Kind.CATEGORY),
        ("diabetes", 442, 11, "progression", Kind.NUMBER),
        ("digits", 1797, 65, "digit", Kind.CATEGORY),
        ("linnerud", 20, 6, "pulse", Kind.NUMBER),
    ],
)
def test_bundled_tables_end_with_their_target(name: str, rows: int, columns: int, target: str, kind: Kind) -> None:
    data = sources.read(f"sklearn:{name}")
    assert (len(data), len(data.columns.names)) == (rows, columns)
    assert data.columns.names[-1] == target
    assert data.columns[target].kind == kind


def test_classes_of_bundled_tables_bear_their_names() -> None:
    data = sources.read("sklearn:breast_cancer")
    counts = {item["values"]: item["counts"] for item in data.table["diagnosis"].value_counts().to_pylist()}
    assert counts == {"benign": 357, "malignant": 212}
    with pytest.raises(UnknownName, match="did you mean iris"):
        sources.read("sklearn:irs")


def test_reading_a_csv_loads_neither_databases_nor_learners(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(CSV)
    code = (
        "import sys; from mintmark.data import sources; sources.read(sys.argv[1]); "
        "print([name for name in ('duckdb', 'sklearn', 'sqlite3', 'scipy') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "table.csv"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_long_table_is_read_in_bounded_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    table = pa.table({f"x{i}": np.round(rng.normal(size=400_000), 3) for i in range(10)})
    from_csv = tmp_path / "long.csv"
    csv.write_csv(table, from_csv)
    code = (
        "import resource, sys; from mintmark.data import sources; "
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; sources.read(sys.argv[1]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    ran = subprocess.run([sys.executable, "-c", code, from_csv], capture_output=True, text=True, check=True)
    # 27 MB of text and 32 MB of numbers; holding every cell as a Python object would take over 400 MB.
    assert int(ran.stdout) * 1024 < 300e6


def test_plain_text_is_read_paragraph_by_paragraph(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffFirst, with a comma.\r\nIts second line.\r\n \r\n\r\nSecond.\n".encode())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"\n\nThird.\n"))
    (tmp_path / "notes.md").write_text("no part of it")
    read = sources.read("text:a.txt", base=tmp_path)
    assert read.table.to_pylist() == [{"text": "First, with a comma.\nIts second line."}, {"text": "Second."}]
    assert sources.read(f"text:{tmp_path}").table["text"].to_pylist()[1:] == ["Second.", "Third."]


def test_text_in_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("Père.\n\nMère.".encode("cp1252"))
    read, notes = sources.read_with_notes(f"text:{tmp_path / 'old.txt'}")
    assert read.table["text"].to_pylist() == ["Père.", "Mère."]
    assert any("cp1252" in note for note in notes)


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.txt", b"  \n\n", "empty"), ("a.txt", b"%PDF-1.4 \x00", "no plain text"), ("a.csv", None, "holds no text"),
])  # fmt: skip
def test_what_is_no_plain_text_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        sources.read(f"text:{tmp_path if content is None else tmp_path / name}")


def test_a_text_that_was_read_as_a_table_says_how_it_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "play.txt").write_text("First Citizen:\nHear me speak.\n\nAll:\nSpeak.\n")
    _, notes = sources.read_with_notes(str(tmp_path / "play.txt"))
    assert any("text:play.txt" in note for note in notes)
