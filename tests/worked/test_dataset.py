"""Datasets: rows that are selected take what hangs from them, and splits keep together what belongs together."""

import pickle

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.data.infer import table_schema
from mintmark.data.schema import Kind, Link, Schema
from mintmark.errors import DataError, MissingExtra, UnknownName
from mintmark.seeds import Seed

RNG = Seed(11)


def family() -> Dataset:
    """Two clients with accounts, a shared card table that hangs from both, and bookings beneath the cards."""
    tables = {
        "shops": pa.table({"shop": ["n", "s"]}),
        "clients": pa.table({"client": [1, 2], "shop": ["n", "s"]}),
        "accounts": pa.table({"account": [7, 8, 9], "shop": ["n", "s", "s"]}),
        "cards": pa.table({"card": [1, 2, 3], "client": pa.array([1, 1, 2], pa.int32()), "account": [7, 8, 9]}),
        "bookings": pa.table({"card": [1, 2, 2, 3], "amount": [10, 20, 30, 40]}),
    }
    links = {
        "clients": [("shop", "shops")],
        "accounts": [("shop", "shops")],
        "cards": [("client", "clients"), ("account", "accounts")],
        "bookings": [("card", "cards")],
    }
    keys = {"shops": "shop", "clients": "client", "accounts": "account", "cards": "card"}
    schemas = {
        name: table_schema(table).__class__(
            table_schema(table).columns,
            key=keys.get(name),
            parents=tuple(Link(*link) for link in links.get(name, [])),
        )
        for name, table in tables.items()
    }
    return Dataset(Schema(schemas), tables)


def grouped() -> Dataset:
    table = pa.table({"who": ["a", "a", "b", "c", "c", "c", None, None] * 5, "t": list(range(40))})
    schema = table_schema(table, kinds={"t": Kind.NUMBER})
    return Dataset.of(table, schema=schema.__class__(schema.columns, group="who"))


def test_selected_rows_take_along_what_hangs_from_them() -> None:
    picked = family().select(np.array([0]))
    assert {name: table.num_rows for name, table in picked.tables.items()} == {
        "shops": 1, "clients": 1, "accounts": 1, "cards": 1, "bookings": 1,
    }  # fmt: skip
    # Card 2 belongs to a client of this shop but to an account of the other: it goes, and its bookings with it.
    assert picked.tables["bookings"].to_pylist() == [{"card": 1, "amount": 10}]


def test_rows_of_a_lower_table_leave_what_is_above_alone() -> None:
    picked = family().select(np.array([False, True, False]), of="cards")
    assert picked.tables["bookings"]["amount"].to_pylist() == [20, 30]
    assert picked.tables["clients"].num_rows == 2


def test_a_table_that_refers_to_itself_is_selected_once() -> None:
    table = pa.table({"id": [1, 2, 3], "boss": [None, 1, 2]})
    schema = table_schema(table)
    schema = schema.__class__(schema.columns, key="id", parents=(Link("boss", "staff"),))
    data = Dataset(Schema({"staff": schema}), {"staff": table})
    assert data.select(np.array([0, 2]), of="staff").table["id"].to_pylist() == [1, 3]


def test_a_split_parts_all_rows_and_keeps_their_order() -> None:
    data = Dataset.of(pa.table({"n": list(range(3, 103))}))
    rest, part = data.split(0.3, rng=RNG.rng())
    assert (len(rest), len(part)) == (70, 30)
    for side in (rest, part):
        assert side.table["n"].to_pylist() == sorted(side.table["n"].to_pylist())
    assert sorted(rest.table["n"].to_pylist() + part.table["n"].to_pylist()) == list(range(3, 103))
    assert part.digest == data.split(0.3, rng=RNG.rng())[1].digest
    assert part.digest != data.split(0.3, rng=RNG.child("other").rng())[1].digest


@pytest.mark.parametrize("draw", range(5))
def test_a_split_keeps_groups_together(draw: int) -> None:
    rest, part = grouped().split(0.4, rng=RNG.child(draw).rng())
    known = [set(side.table["who"].drop_null().to_pylist()) for side in (rest, part)]
    assert not known[0] & known[1]
    assert len(rest) + len(part) == 40


def test_rows_of_no_group_are_parted_one_by_one() -> None:
    sides = [grouped().split(0.4, rng=RNG.child(draw).rng()) for draw in range(20)]
    assert any(0 < part.table["who"].null_count < 10 for _, part in sides)


def test_a_split_in_time_parts_off_the_latest() -> None:
    data = Dataset.of(pa.table({"t": [5, 1, 9, 3, 7, 2, 8, 4, 6, 0], "n": [0.5] * 10}))
    rest, part = data.split(0.3, rng=RNG.rng(), time="t")
    assert part.table["t"].to_pylist() == [9, 7, 8]
    assert max(rest.table["t"].to_pylist()) < 7


def test_a_split_in_time_of_groups_parts_off_those_that_began_last() -> None:
    table = pa.table({"who": ["a", "b", "c", "a", "b", "c", "d", "d"], "t": [0, 1, 5, 9, 2, 6, 7, 8]})
    schema = table_schema(table)
    data = Dataset.of(table, schema=schema.__class__(schema.columns, group="who"))
    rest, part = data.split(0.25, rng=RNG.rng(), time="t")
    assert set(part.table["who"].to_pylist()) == {"d"}
    assert set(rest.table["who"].to_pylist()) == {"a", "b", "c"}  # "a" was here first, though it also came last


def test_splits_that_cannot_be_are_refused() -> None:
    data = Dataset.of(pa.table({"n": [1], "word": ["x"]}))
    with pytest.raises(DataError, match="too few rows"):
        data.split(0.3, rng=RNG.rng())
    for share in (0.0, 1.0, -1.0, float("nan")):
        with pytest.raises(DataError, match="between 0 and 1"):
            data.split(share, rng=RNG.rng())
    with pytest.raises(DataError, match="holds no times"):
        data.split(0.3, rng=RNG.rng(), time="word")
    with pytest.raises(UnknownName, match="column 'when'"):
        data.split(0.3, rng=RNG.rng(), time="when")


def test_schema_and_tables_must_agree() -> None:
    table = pa.table({"a": [1]})
    with pytest.raises(DataError, match="schema and tables differ"):
        Dataset(Schema({}), {"rows": table})
    with pytest.raises(DataError, match="does not hold the columns"):
        Dataset(Schema({"rows": table_schema(table)}), {"rows": pa.table({"b": [1]})})


def test_bound_tables_stand_beside_each_other_once() -> None:
    one, two = Dataset.of(pa.table({"a": [1]}), name="one"), Dataset.of(pa.table({"b": [2]}), name="two")
    assert list(one.bind(two).tables) == ["one", "two"]
    with pytest.raises(DataError, match="here already\n  found: one"):
        one.bind(one)


def test_a_dataset_crosses_process_borders() -> None:
    data = family()
    assert pickle.loads(pickle.dumps(data)).digest == data.digest


SMALL = {"n": [1, 2, None], "word": ["x", None, "z"], "part": [0.5, 1.5, None]}


def test_data_comes_from_and_goes_to_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"word": ["x", None, "z"], "part": [0.5, 1.5, float("nan")]}, index=[5, 7, 9])
    data = Dataset.of(frame)
    assert data.columns.names == ["word", "part"]
    assert data.table["part"].to_pylist() == [0.5, 1.5, None]
    pandas.testing.assert_frame_equal(data.to_pandas(), frame.reset_index(drop=True), check_dtype=False)


def test_data_comes_from_and_goes_to_polars() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({**SMALL, "part": [0.5, float("nan"), None]})
    data = Dataset.of(frame)
    assert data.table["part"].to_pylist() == [0.5, None, None]
    assert data.to_polars().drop("part").equals(frame.drop("part"))


def test_data_comes_from_and_goes_to_duckdb() -> None:
    relation = duckdb.sql("SELECT * FROM (VALUES (1, 'x'), (2, NULL)) AS t(n, word)")
    data = Dataset.of(relation)
    assert data.table.to_pylist() == [{"n": 1, "word": "x"}, {"n": 2, "word": None}]
    assert data.to_duckdb().aggregate("sum(n)").fetchall() == [(3,)]


def test_data_comes_from_and_goes_to_an_arrow_stream() -> None:
    data = Dataset.of(pa.table(SMALL))
    assert pa.table(data).equals(data.table)
    assert Dataset.of(pa.RecordBatchReader.from_stream(data)).digest == data.digest
    assert Dataset.of(data.table.to_batches()[0]).digest == data.digest
    assert Dataset.of(SMALL).digest == data.digest


def test_data_comes_from_and_goes_to_hugging_face() -> None:
    datasets = pytest.importorskip("datasets")
    data = Dataset.of(datasets.Dataset.from_dict(SMALL))
    assert data.to_datasets().to_dict() == SMALL


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read as a table\n  found: int"):
        Dataset.of(7)
    with pytest.raises(DataError, match="nothing here"):
        Dataset.of(pa.table({"a": pa.array([], pa.int64())}))
    with pytest.raises(DataError, match="row 2: column a holds an infinite value"):
        Dataset.of({"a": [1.0, float("inf")]})


def test_a_missing_package_names_its_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(MissingExtra, match=r"pip install 'mintmark\[frames\]'"):
        Dataset.of(SMALL).to_polars()


def test_a_notebook_shows_cells_and_never_runs_them() -> None:
    shown = Dataset.of({"<b>": ["<script>alert(1)</script>", "x"]})._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
