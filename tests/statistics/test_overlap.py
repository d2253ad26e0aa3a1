"""A holdout that is not unseen is refused; what rows share by chance is not."""

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import DataError
from mintmark.metrics import overlap
from mintmark.seeds import Seed


def parted(kinds, unseen):
    """How many kinds of rows lie on both sides."""
    within = np.bincount(kinds, unseen, kinds.max() + 1)
    return int(((within > 0) & (within < np.bincount(kinds))).sum())


def coarse(n, seed):
    """Few columns of few values: most rows stand several times."""
    rng = np.random.default_rng(seed)
    return Dataset.of({"a": rng.integers(9, size=n), "b": rng.choice(list("xyz"), n), "c": rng.integers(7, size=n)})


def wide(n, seed):
    """No two rows are the same."""
    rng = np.random.default_rng(seed)
    return Dataset.of({f"x{j}": rng.normal(size=n) for j in range(12)})


def joined(*parts):
    return Dataset.of(pa.concat_tables([part.table for part in parts]))


def test_the_bound_is_never_below_the_exact_chance_on_all_splits_of_small_tables():
    rng = np.random.default_rng(1)
    for unseen in (2, 5, 6):
        for _ in range(6):
            kinds = np.unique(rng.integers(rng.integers(3, 10), size=12), return_inverse=True)[1]
            splits = itertools.combinations(range(12), unseen)
            found = np.array([parted(kinds, np.isin(np.arange(12), split)) for split in splits])
            for many in range(found.max() + 1):
                bound = overlap.chance(np.bincount(kinds), many, unseen)
                assert bound >= (found >= many).mean() - 1e-6


def test_the_bound_is_exact_where_every_row_stands_once_on_each_side():
    """Twenty pairs can all be parted in 2²⁰ of the C(40, 20) ways of drawing twenty rows."""
    assert overlap.chance(np.full(20, 2), 20, 20) == pytest.approx(2**20 / 137_846_528_820, rel=1e-6)


def test_random_splits_of_tables_that_repeat_themselves_pass():
    """At 1e-6 each: a false alarm in sixty splits would come once in 16,000 such tests."""
    for seed in range(60):
        train, holdout = coarse(800, seed).split(0.1 + 0.8 * (seed % 9) / 9, rng=Seed(seed).rng())
        overlap.refuse(train, holdout)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_a_few_dozen_planted_rows_of_a_wide_table_are_refused_and_named(breast, share):
    train, holdout = breast.split(share, rng=Seed(3).rng())
    both = joined(holdout, train.select(np.arange(7, 37)))
    with pytest.raises(DataError, match=f"30 of the {len(both)} holdout rows equal a training row") as caught:
        overlap.refuse(train, both)
    assert f"holdout row {len(holdout) + 1} and training row 8" in str(caught.value)
    assert "and 25 more" in str(caught.value)


def test_planted_rows_are_found_among_rows_that_repeat_themselves_by_nature():
    """500 of 4,000 rows stand twice by nature; 250 training rows are put into the holdout."""
    real = wide(3500, 1)
    train, holdout = joined(real, real.select(np.arange(500))).split(0.3, rng=Seed(1).rng())
    overlap.refuse(train, holdout)
    with pytest.raises(DataError, match="more than by chance"):
        overlap.refuse(train, joined(holdout, train.select(np.arange(250))))


def test_a_holdout_cut_from_the_training_file_is_refused():
    """The commonest mistake: the generator saw the whole file."""
    real = coarse(800, 1)
    with pytest.raises(DataError, match="equal a training row"):
        overlap.refuse(wide(800, 1), wide(800, 1).select(np.arange(200, 400)))
    with pytest.raises(DataError, match="training data again"):
        overlap.refuse(real, coarse(800, 1))


def test_a_handful_of_equal_rows_is_told_and_not_refused():
    train, holdout = wide(300, 1), wide(300, 2)
    both = joined(holdout, train.select(np.arange(3)))
    overlap.refuse(train, both)
    assert overlap.notes(train, both) == ["0.99% of the holdout rows equal a training row"]


def with_keys(data, first):
    ids = pa.array([f"P{place:06d}" for place in range(first, first + len(data))])
    return Dataset.of(data.table.append_column("id", ids))


def test_one_row_that_bears_its_key_as_well_is_refused_where_rows_are_rarely_equal():
    train, holdout = with_keys(wide(2000, 1), 0), with_keys(wide(1000, 2), 50_000)
    both = joined(holdout, train.select(np.array([11])))
    with pytest.raises(DataError, match=r"1 of the 1,001 holdout rows are training rows, their id included") as caught:
        overlap.refuse(train, both)
    assert "holdout row 1001 and training row 12" in str(caught.value)


def test_row_numbers_that_both_files_count_from_one_are_told_and_not_refused():
    """In a coarse table some rows of the same number are equal by chance."""
    for seed in range(20):
        train, holdout = with_keys(coarse(800, seed), 1), with_keys(coarse(400, seed + 100), 1)
        overlap.refuse(train, holdout)
    assert any("400 values of id stand in training data and holdout" in note for note in overlap.notes(train, holdout))


def test_the_bound_on_keys_is_never_below_the_exact_chance_on_all_ways_of_dealing_them():
    train, holdout = Dataset.of({"a": [0, 0, 1, 2, 3]}), Dataset.of({"a": [0, 1, 1, 4, 2]})
    equal = overlap.Equal.of(train, holdout)
    assert equal is not None
    dealt = [np.array(order) for order in itertools.permutations(range(5))]
    found = np.array([int(equal.agreeing(np.arange(5), order).sum()) for order in dealt])
    for many in range(1, 4):
        assert equal.chance_of_keys(many, 5) >= (found >= many).mean()


def test_a_group_with_rows_on_both_sides_is_refused():
    def visits(first):
        data = Dataset.of({"patient": [f"p{first + place // 3}" for place in range(60)], "x": list(range(60))})
        return Dataset(Schema({"rows": replace(data.columns, group="patient")}), data.tables)

    overlap.refuse(visits(0), visits(20))
    with pytest.raises(DataError, match="2 groups of patient have rows in both") as caught:
        overlap.refuse(visits(0), visits(18))
    assert "holdout row 1 and training row 55" in str(caught.value)


def test_a_split_that_keeps_groups_together_passes_and_one_that_does_not_is_refused():
    rng = np.random.default_rng(0)
    data = Dataset.of({"patient": np.repeat(np.arange(100), 4), "x": rng.normal(size=400), "y": rng.normal(size=400)})
    grouped = Dataset(Schema({"rows": replace(data.columns, group="patient")}), data.tables)
    train, holdout = grouped.split(0.3, rng=rng)
    mm.assay(train, train, holdout=holdout, metrics=["validity.schema"])
    rows = rng.permutation(400)
    with pytest.raises(DataError, match="groups of patient have rows in both"):
        mm.assay(grouped.select(rows[:200]), train, holdout=grouped.select(rows[200:]), metrics=["validity.schema"])


@pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="needs the real data sets")
def test_adult_passes_split_at_random_and_not_with_rows_planted():
    real = mm.read(Path(os.environ["MINTMARK_DATA"]) / "adult" / "adult.csv.gz")
    for columns in (real.columns.names, ["sex", "race", "workclass", "education", "age"]):
        train, holdout = real.only(columns).split(0.3, rng=Seed(1).rng())
        overlap.refuse(train, holdout)
    train, holdout = real.split(0.3, rng=Seed(1).rng())
    with pytest.raises(DataError, match="holdout rows equal a training row"):
        overlap.refuse(train, joined(holdout, train.select(np.arange(60))))
