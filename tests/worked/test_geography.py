"""Pairs of coordinates: those that lie nowhere are moved to where real ones are, and no box ends at anybody's place."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import LedgerError
from mintmark.generators.tabular import geography
from mintmark.generators.tabular.geography import Places
from mintmark.generators.tabular.independent import Independent
from mintmark.seeds import Seed


def rng(*path):
    return Seed(10).child(*path).rng()


@pytest.fixture(scope="module")
def shores():
    """Two shores of a river that runs from south-west to north-east: coordinates drawn apart lie in it."""
    draw = rng("shores")
    along, side = draw.uniform(0, 0.5, 2000), np.where(draw.random(2000) < 0.5, 0.05, -0.05)
    across = side + draw.normal(0, 0.005, 2000)
    return Dataset.of(pa.table({"latitude": np.round(40.5 + along + across, 5),
                                "longitude": np.round(-74.2 + along - across, 5)}))  # fmt: skip


def off(table):
    """How far each place is from the middle of the river."""
    return np.abs((table["latitude"].to_numpy() - 40.5) - (table["longitude"].to_numpy() + 74.2)) / 2


def test_nobody_lives_in_the_river(shores):
    assert {column.kind for column in shores.columns.columns} == {Kind.GEO}
    made = Independent().fit(shores, rng=rng("f")).sample(2000, rng=rng("s")).table
    assert np.mean(off(shores.table) < 0.03) == 0
    assert np.mean(off(made) < 0.03) < 0.05  # 0.21 without places
    assert np.mean(off(made) > 0.08) < 0.02  # 0.49 without places


def test_places_near_a_box_stay_and_others_come_into_it():
    one = Places(("a", "b"), np.array([[[0.0, 0.0], [2.0, 4.0]]]))
    points = np.array([[1.0, 1.0], [2.9, 5.9], [3.1, 1.0], [50.0, 50.0], [np.nan, 1.0]])
    moved = one.settle(points, rng("settle"))
    assert moved[:2].tolist() == points[:2].tolist()
    assert np.all((moved[2:4] >= 0) & (moved[2:4] <= [2, 4]))
    assert np.isnan(moved[4, 0])


def test_few_rows_are_parted_at_the_widest_gap_and_boxes_end_between_their_outermost_rows():
    """Worked: ten rows at 0 … 9 and twelve at 100 … 111, all at the same height."""
    first = np.concatenate([np.arange(10.0), np.arange(100.0, 112.0)])
    boxes = np.stack(geography._boxes(np.column_stack([first, np.full(22, 7.0)]), 10))
    assert boxes.tolist() == [[[0.5, 7.0], [8.5, 7.0]], [[100.5, 7.0], [110.5, 7.0]]]


def test_boxes_hold_ten_rows_or_more(shores):
    (found,) = geography.learn(shores.table, shores.columns)
    points = np.column_stack([shores.table[name].to_numpy() for name in found.names])
    assert len(found.boxes) > 50
    inside = [np.all((points >= low) & (points <= high), axis=1).sum() for low, high in found.boxes]
    assert min(inside) >= 10 - 4  # less the outermost one at each of four ends


def test_a_given_coordinate_is_kept(shores):
    sampler = Independent().fit(shores, rng=rng("f"))
    given = Dataset.of(pa.table({"latitude": np.full(500, 40.75)}))
    assert sampler.sample(500, rng=rng("s"), given=given).table["latitude"].to_pylist() == [40.75] * 500


@pytest.mark.parametrize("boxes", [np.zeros((0, 2, 2)), np.full((1, 2, 2), np.nan), np.array([[[1.0, 1], [0, 0]]])])
def test_boxes_that_hold_no_place_are_refused(shores, boxes):
    with pytest.raises(LedgerError):
        Places.rebuild(["latitude", "longitude"], boxes, shores.columns)
