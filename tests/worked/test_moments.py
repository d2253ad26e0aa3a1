"""Moments close behind others: found where all rows show it, and kept as exact as the distance is."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.generators.tabular.constraints.arranging import arrange
from mintmark.generators.tabular.constraints.obeying import Obeying
from mintmark.generators.tabular.trees import Trees
from mintmark.seeds import Seed

MONTH = 30 * 86_400


def rng(*path):
    return Seed(9).child(*path).rng()


def moments(seconds):
    start = dt.datetime(2024, 1, 1)
    return pa.array([None if each < 0 else start + dt.timedelta(seconds=int(each)) for each in seconds],
                    pa.timestamp("us"))  # fmt: skip


@pytest.fixture(scope="module")
def trips():
    draw = rng("trips")
    start, far = draw.integers(0, MONTH, 1500), draw.random(1500) < 0.3
    minutes = np.where(far, draw.normal(40, 4, 1500), draw.normal(10, 2, 1500)).clip(0)
    return Dataset.of(pa.table({"start": moments(start), "end": moments(start + np.rint(60 * minutes)), "far": far}))


def test_an_end_that_follows_its_start_is_learnt_as_their_distance(trips):
    (form,) = arrange(trips).forms
    assert form.said == "end is learnt as its distance from start"
    made = Obeying(Trees(boosted=False)).fit(trips, rng=rng("f")).sample(2000, rng=rng("s")).table
    lasts = (made["end"].cast(pa.int64()).to_numpy() - made["start"].cast(pa.int64()).to_numpy()) / 60e6
    far = np.array(made["far"].to_pylist())
    assert lasts.min() >= 0
    assert np.median(lasts[far]) == pytest.approx(40, abs=2)
    assert np.median(lasts[~far]) == pytest.approx(10, abs=1)


def test_nothing_is_found_where_one_end_precedes_its_start(trips):
    table = trips.table.to_pydict()
    table["end"][7] = table["start"][7] - dt.timedelta(seconds=1)
    assert arrange(Dataset.of(pa.table(table))).forms == ()


def test_moments_far_behind_and_targets_are_left_as_they_are(trips):
    draw = rng("far")
    start = draw.integers(0, MONTH, 1000)
    later = Dataset.of(pa.table({"start": moments(start), "end": moments(start + draw.integers(0, MONTH, 1000))}))
    assert arrange(later).forms == ()
    assert arrange(trips, avoid=["end"]).forms == ()


def test_of_several_starts_the_nearest_one_is_taken():
    draw = rng("stages")
    first = draw.integers(0, MONTH, 1000)
    second = first + draw.integers(0, 7200, 1000)
    third = second + draw.integers(0, 600, 1000)
    third[:100] = -1  # missing
    data = Dataset.of(pa.table({"third": moments(third), "first": moments(first), "second": moments(second)}))
    assert {form.column.name: form.reads for form in arrange(data).forms} == {
        "second": ("first",),
        "third": ("second",),
    }
    made = Obeying(Trees(boosted=False)).fit(data, rng=rng("f")).sample(1000, rng=rng("s")).table
    ticks = {name: made[name].cast(pa.int64()).to_numpy(zero_copy_only=False) for name in made.column_names}
    there = ~np.isnan(ticks["third"].astype(float))
    assert np.mean(there) == pytest.approx(0.9, abs=0.03)
    assert np.all(ticks["second"] >= ticks["first"])
    assert np.all(ticks["third"][there] >= ticks["second"][there])
