"""Origins of rows, kept by runs, say of every row what a list with a line for each row would say."""

import dataclasses
import itertools
import pickle

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mintmark.data.dataset import Dataset
from mintmark.data.infer import table_schema
from mintmark.data.origin import ORIGINS, Making, Origins, packed, unpacked
from mintmark.data.schema import Link, Schema
from mintmark.errors import DataError
from mintmark.seeds import Seed

WORLD = Making("real", depth=0, real_share=1.0, data="sha256:w", basis="stated")
MADE = Making("synthetic", depth=1, real_share=1.0, step="rows", generator="tabular.trees", seed="1/rows")
BLEND = Making("augmented", depth=1, real_share=1.0, step="more", given=WORLD, where='{"a": 1}')
AGAIN = Making("synthetic", depth=2, real_share=0.25, step="rows", teacher="t", prompt="p")
NOBODY = Making("unknown")
ALL = (WORLD, MADE, BLEND, AGAIN, NOBODY)

RUNS = st.lists(st.tuples(st.sampled_from(ALL), st.integers(0, 5), st.integers(-1, 2), st.integers(0, 9)), max_size=8)

CALM = settings(max_examples=60, deadline=None, derandomize=True)


def of(runs):
    return Origins.concat([Origins.of(making, rows, shard=shard, first=first) for making, rows, shard, first in runs])


def rows_of(runs):
    """The same, a line for each row."""
    return [(making, shard, first + n) for making, rows, shard, first in runs for n in range(rows)]


def told(origins):
    found = [origins.at(row) for row in range(len(origins))]
    return [(one.making, -1 if one.shard is None else one.shard, one.row) for one in found]


@CALM
@given(RUNS)
def test_every_row_is_told_as_a_list_of_rows_tells_it(runs):
    assert told(of(runs)) == rows_of(runs)


@CALM
@given(RUNS, st.data())
def test_taken_rows_are_those_that_were_asked_for(runs, data):
    rows = rows_of(runs)
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=20)) if rows else []
    taken = of(runs).take(np.array(places, np.int64))
    assert told(taken) == [rows[place] for place in places]
    start, count = data.draw(st.tuples(st.integers(0, 30), st.integers(0, 30)))
    assert told(of(runs).slice(start, count)) == rows[start : start + count]


@CALM
@given(RUNS, RUNS, RUNS)
def test_put_together_they_stand_one_below_the_other(one, other, third):
    whole = Origins.concat([of(one), of(other), of(third)])
    assert told(whole) == [*rows_of(one), *rows_of(other), *rows_of(third)]
    assert whole == Origins.concat([of(one), Origins.concat([of(other), of(third)])])


@CALM
@given(RUNS)
def test_there_are_as_few_runs_as_can_be(runs):
    rows = rows_of(runs)
    breaks = [(a, b) for a, b in itertools.pairwise(rows) if (a[0], a[1], a[2] + 1) != b]
    assert len(of(runs).rows) == (len(breaks) + 1 if rows else 0)
    assert set(of(runs).makings) == {making for making, _, _ in rows}


@CALM
@given(RUNS)
def test_what_is_packed_comes_back(runs):
    origins = of(runs)
    assert unpacked(packed({"rows": origins})).get("rows", of([])) == origins
    assert told(pickle.loads(pickle.dumps(origins))) == rows_of(runs)
    assert [Making.from_json(making.to_json()) for making in origins.makings] == list(origins.makings)


@CALM
@given(RUNS)
def test_shares_are_those_that_counting_gives(runs):
    rows, origins = rows_of(runs), of(runs)
    for origin in ORIGINS:
        counted = sum(making.origin == origin for making, _, _ in rows)
        assert origins.shares.get(origin, 0.0) == (counted / len(rows) if rows else 0.0)
        assert origins.mask(origin).tolist() == [making.origin == origin for making, _, _ in rows]


def test_a_million_rows_in_ten_shards_are_ten_runs():
    parts = [Origins.of(MADE, 100_000, shard=n, first=n * 100_000) for n in range(10)]
    assert len(Origins.concat(parts).rows) == 10
    assert len(packed({"rows": Origins.concat(parts)})) < 10_000


def test_depth_and_shares_on_a_graph_by_hand():
    """World → a (depth 1); A = 1/4 world + 3/4 a; b learnt from A (depth 2); B = 1/2 world + 1/3 b + 1/6 A.

    Of A's rows 1/4 are real; all it stands on is, for a was learnt from real rows alone. b stands on A, of which 1/4 is
    real. In B, 1/2 + 1/6 · 1/4 = 13/24 of the rows are real, 1/6 · 3/4 = 1/8 lie one generation from the world and 1/3
    two; of what they stand on 1/2 · 1 + 1/3 · 1/4 + 1/6 · 1 = 3/4 is real.
    """
    a = Origins.of(MADE, 300)
    big_a = Origins.concat([Origins.of(WORLD, 100), a])
    assert (big_a.depth, big_a.real_share, big_a.standing) == (1, 1 / 4, 1.0)
    b = Origins.of(dataclasses.replace(AGAIN, depth=big_a.depth + 1, real_share=big_a.real_share), 800)
    big_b = Origins.concat([Origins.of(WORLD, 1200), b, big_a])
    assert big_b.depth == 2
    assert big_b.depths == {0: 13 / 24, 1: 1 / 8, 2: 1 / 3}
    assert big_b.shares == {"real": 13 / 24, "synthetic": 11 / 24}
    assert big_b.real_share == 13 / 24
    assert big_b.standing == 3 / 4


def test_one_row_of_which_nobody_knows_leaves_the_whole_unknown():
    origins = Origins.concat([Origins.of(WORLD, 999), Origins.of(NOBODY, 1)])
    assert (origins.depth, origins.real_share, origins.standing) == (None, None, None)
    assert origins.shares["real"] == 0.999


@pytest.mark.parametrize("places", [[3], [-1]])
def test_a_row_that_is_not_there_is_named(places):
    with pytest.raises(DataError, match="no such row"):
        Origins.of(MADE, 3).take(np.array(places))


def test_an_origin_that_is_none_is_refused():
    with pytest.raises(DataError, match="no origin"):
        Making("genuine")


@pytest.mark.parametrize(
    ("column", "value", "wrong"),
    [
        ("start", [0, 3], "gaps"),
        ("rows", [0, 4], "gaps"),
        ("first", [0, -4], "gaps"),
        ("rows", ["many", "few"], "no table of origins"),
        ("origin", ["real", "true"], "no origin"),
        ("given", ["{", None], "what was given"),
        ("given", ['{"origin": "real", "exec": 1}', None], "how a row was made"),
        ("given", ["[1]", None], "how a row was made"),
        ("given", ['{"origin": "real", "seed": ["1"]}', None], "how a row was made"),
        ("given", ['{"given":' * 900 + "{}" + "}" * 900, None], "how a row was made|what was given|no origin"),
        ("depth", [-1, None], "how a row was made"),
        ("real_share", [float("nan"), None], "how a row was made"),
    ],
)
def test_a_table_that_was_altered_is_refused(column, value, wrong):
    side = Origins.concat([Origins.of(MADE, 2), Origins.of(WORLD, 4)]).to_arrow()
    side = side.set_column(side.column_names.index(column), column, pa.array(value))
    with pytest.raises(DataError, match=wrong):
        Origins.from_arrow(side)


def test_a_table_that_lacks_a_column_and_bytes_that_are_none_are_refused():
    with pytest.raises(DataError, match="no table of origins"):
        Origins.from_arrow(Origins.of(MADE, 2).to_arrow().drop_columns(["seed"]))
    with pytest.raises(DataError, match="no table of origins"):
        unpacked(b"not Arrow at all")


def family():
    """Shops with clients, and where the rows of both came from."""
    tables = {"shops": pa.table({"shop": [1, 2, 3]}), "clients": pa.table({"shop": [1, 2, 2, 3], "n": [5, 6, 7, 8]})}
    shops, clients = (table_schema(table) for table in tables.values())
    schema = Schema({"shops": dataclasses.replace(shops, key="shop"),
                     "clients": dataclasses.replace(clients, parents=(Link("shop", "shops"),))})  # fmt: skip
    origins = {"shops": Origins.of(WORLD, 3), "clients": Origins.concat([Origins.of(WORLD, 1), Origins.of(MADE, 3)])}
    return Dataset(schema, tables, origins=origins)


def test_selected_rows_keep_their_origins_and_so_do_those_that_hang_from_them():
    picked = family().select(np.array([2, 1]))
    assert told(picked.origins["shops"]) == [(WORLD, -1, 2), (WORLD, -1, 1)]
    assert picked.tables["clients"]["n"].to_pylist() == [6, 7, 8]
    assert told(picked.origins["clients"]) == [(MADE, -1, 0), (MADE, -1, 1), (MADE, -1, 2)]


def test_parted_and_bound_rows_keep_their_origins():
    table = pa.table({"n": np.arange(40)})
    data = Dataset(Schema({"rows": table_schema(table)}), {"rows": table},
                   origins={"rows": Origins.concat([Origins.of(WORLD, 25), Origins.of(MADE, 15)])})  # fmt: skip
    for part in data.split(0.3, rng=Seed(1).rng()):
        numbers = part.table["n"].to_pylist()
        assert told(part.origins["rows"]) == [(WORLD, -1, n) if n < 25 else (MADE, -1, n - 25) for n in numbers]
        assert part.only(["n"]).origins["rows"] == part.origins["rows"]
    more = Dataset(Schema({"more": table_schema(table)}), {"more": table}, origins={"more": Origins.of(AGAIN, 40)})
    assert data.bind(more).origins["more"] == more.origins["more"]
    assert data.bind(more).origins["rows"] == data.origins["rows"]
    assert pickle.loads(pickle.dumps(data)).origins["rows"] == data.origins["rows"]


def test_origins_change_no_digest_and_must_be_those_of_the_rows():
    bare = dataclasses.replace(family(), origins={})
    assert family().digest == bare.digest
    with pytest.raises(DataError, match="not those of its rows"):
        dataclasses.replace(bare, origins={"shops": Origins.of(WORLD, 2)})
