"""The holdout never reaches a generator."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mintmark.data.dataset import Dataset
from mintmark.pipeline.plan import plan
from mintmark.recipe import Recipe


def table() -> pa.Table:
    """200 rows; each row has a level of its own and a number of its own, so any leak shows."""
    return pa.table({"c": [f"level-{i // 2}" for i in range(200)], "x": [float(i) for i in range(200)]})


def planned(holdout: object = 0.3, **real: object):
    body = {"name": "t", "seed": 3, "real": {"from": "memory", "holdout": holdout, **real},
            "steps": {"rows": {"make": "tabular.independent"}}}  # fmt: skip
    return plan(Recipe.model_validate(body), base=Path(), real=Dataset.of(table()))


def test_train_and_holdout_share_no_row_and_lose_none():
    made = planned()
    train, unseen = made.train.table, made.holdout.table
    assert pc.any(pc.is_in(unseen["x"], value_set=train["x"].combine_chunks())).as_py() is False
    assert sorted(train["x"].to_pylist() + unseen["x"].to_pylist()) == table()["x"].to_pylist()


def test_levels_and_bounds_are_told_from_the_training_rows_alone():
    made = planned(columns={"c": "category"})
    seen = set(made.train.table["c"].to_pylist())
    assert set(made.train.columns["c"].levels) == seen
    assert len(seen) < 100
    assert made.train.columns["x"].low == min(made.train.table["x"].to_pylist())
    assert made.train.columns["x"].high == max(made.train.table["x"].to_pylist())


@pytest.mark.parametrize("ordered", [True, False])
def test_words_of_a_dictionary_that_only_the_holdout_holds_do_not_reach_the_training_rows(ordered):
    words = [f"town-{i:03}" for i in range(200)]
    column = pa.DictionaryArray.from_arrays(pa.array(range(200), pa.int16()), pa.array(words), ordered=ordered)
    body = {"name": "t", "real": {"from": "memory"}, "steps": {"rows": {"make": "tabular.independent"}}}
    made = plan(Recipe.model_validate(body), real=Dataset.of(pa.table({"town": column, "n": range(200)})))
    seen = set(made.train.table["town"].to_pylist())
    assert set(made.train.columns["town"].levels) <= seen
    assert set(made.train.table["town"].chunk(0).dictionary.to_pylist()) == seen
    assert made.train.table["town"].type == column.type


def test_rows_of_one_group_stand_on_one_side():
    made = planned(group="c")
    assert set(made.train.table["c"].to_pylist()) & set(made.holdout.table["c"].to_pylist()) == set()


def test_with_time_the_holdout_is_the_future():
    made = planned(time="x")
    assert max(made.train.table["x"].to_pylist()) < min(made.holdout.table["x"].to_pylist())


def test_the_split_depends_on_the_seed_alone():
    assert planned().holdout.digest == planned().holdout.digest
