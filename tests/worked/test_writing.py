"""How numbers are written: classes counted by hand, planted heaps, and what may never be made."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import LedgerError
from mintmark.generators.tabular import ladders, tokens, writing
from mintmark.generators.tabular.independent import Independent
from mintmark.generators.tabular.writing import Grains
from mintmark.seeds import Seed

LADDER = np.array([1, 10, 100, 1000])


def rng(*path):
    return Seed(8).child(*path).rng()


def alphabet(values):
    data = Dataset.of(pa.table({"x": values}))
    return tokens.learn(data.columns["x"], data.table["x"], rare=5)


def made(values, count=20_000):
    data = Dataset.of(pa.table({"x": values}))
    return Independent().fit(data, rng=rng("fit")).sample(count, rng=rng("sample")).table["x"]


def significant(values, digits):
    places = digits - 1 - np.floor(np.log10(values)).astype(int)
    return np.array([round(value, place) for value, place in zip(values.tolist(), places.tolist(), strict=True)])


def test_a_number_belongs_to_the_widest_step_and_the_digit_that_is_left():
    period, offset = ladders.classes(LADDER)
    told = {int(number): (int(period[kind]), int(offset[kind]))
            for number, kind in zip(NUMBERS, ladders.class_of(NUMBERS, LADDER), strict=True)}  # fmt: skip
    assert told == {4483: (10, 3), 4480: (100, 80), 4500: (1000, 500), 4000: (1000, 0), 0: (1000, 0), -7: (10, 3),
                    -20: (100, 80)}  # fmt: skip
    assert all((number - start) % size == 0 for number, (size, start) in told.items())


NUMBERS = np.array([4483, 4480, 4500, 4000, 0, -7, -20])


def test_numbers_of_a_class_are_counted_exactly():
    first, last = np.array([-25, 4483, 7, 9]), np.array([1003, 4483, 5, 10])
    found = ladders.points(first, last, *ladders.classes(LADDER))
    for cell, (low, high) in enumerate(zip(first, last, strict=True)):
        kinds = ladders.class_of(np.arange(low, high + 1), LADDER)
        assert found[cell].tolist() == np.bincount(kinds, minlength=28).tolist()


def test_numbers_without_heaps_are_left_alone():
    assert alphabet(rng("even").integers(0, 100_000, 3000)).grains is None
    assert alphabet(rng("smooth").normal(size=3000)).grains is None  # on no grid at all


def test_numbers_of_four_digits_have_decimals_by_their_size():
    real = significant(np.exp(rng("size").normal(2.2, 0.8, 1500)), 4)
    found = np.array(made(real).to_pylist())
    small, large = found[found < 10], found[found >= 10]
    assert np.mean(np.round(small, 2) != small) == pytest.approx(0.9, abs=0.03)
    assert np.mean(np.round(large, 2) != large) < 0.01  # but for one bin that lies on both sides of 10
    assert np.mean(np.round(large, 1) != large) == pytest.approx(np.mean(np.round(real, 1)[real >= 10] !=
                                                                        real[real >= 10]), abs=0.03)  # fmt: skip


def test_heaps_are_made_again_and_in_their_digits():
    draw = rng("heaps")
    amount = draw.gamma(2, 3000, 4000)
    real = np.where(draw.random(4000) < 0.3, np.rint(amount), np.rint(amount / 500) * 500).astype(int)
    found = np.array(made(real).to_pylist())
    for step in (10, 100, 500, 1000):
        assert np.mean(found % step == 0) == pytest.approx(np.mean(real % step == 0), abs=0.02), step
    assert np.quantile(found, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(real, [0.1, 0.5, 0.9]), rel=0.1)


def test_more_decimals_than_five_rows_show_are_never_made():
    real = np.round(rng("odd").uniform(1, 9, 1000), 1) + 0.0
    real[:500] = np.round(rng("odd2").uniform(1, 9, 500), 2)
    real[:4] += 0.003
    assert alphabet(real).column.decimals == 3
    found = np.array(made(real).to_pylist())
    assert np.array_equal(np.round(found, 2), found)


def test_no_sunday_is_made_where_there_is_none():
    days = np.arange(15_000, 18_000)
    days = rng("days").choice(days[(days + 3) % 7 < 5], 3000)  # Monday is 0
    real = pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())
    assert {day.weekday() for day in real.to_pylist()} == {0, 1, 2, 3, 4}
    assert {day.weekday() for day in made(real).to_pylist()} == {0, 1, 2, 3, 4}


def test_times_are_whole_minutes_as_often_as_real_ones():
    draw = rng("times")
    seconds = draw.integers(0, 30 * 86_400, 4000)
    seconds = np.where(draw.random(4000) < 0.6, seconds // 900 * 900, seconds)
    start = dt.datetime(2024, 1, 1)
    real = pa.array([start + dt.timedelta(seconds=int(each)) for each in seconds], pa.timestamp("s"))
    found = made(real, 4000).cast(pa.int64()).to_numpy()
    assert np.mean(found % 900 == 0) == pytest.approx(np.mean(seconds % 900 == 0), abs=0.04)


def test_a_number_stays_in_its_bin_and_what_is_missing_stays_missing():
    draw = rng("bin")
    real = np.rint(draw.gamma(2, 3000, 3000) / 50).astype(int) * 50
    real[:1000] = np.rint(draw.gamma(2, 3000, 1000))
    found = alphabet(real)
    token = rng("token").integers(0, found.size, 20_000).astype(np.int32)
    smooth = found.values(token, draw.random(20_000))
    assert np.array_equal(np.searchsorted(found.borders, found.written(smooth, draw), side="right"),
                          np.searchsorted(found.borders, smooth, side="right"))  # fmt: skip
    assert np.isnan(found.written(np.array([np.nan]), draw)).all()


def test_odds_are_fitted_until_each_class_is_drawn_as_often_as_it_is_wanted():
    """Worked: 11 to 20 and 21 to 30 hold 40 and 60 rows, of which 30 are multiples of 10."""
    first, last, ladder = np.array([11, 21]), np.array([20, 30]), np.array([1, 10])
    numbers, rows = np.array([12, 20, 25, 30]), np.array([30, 10, 40, 20])
    points = ladders.points(first, last, *ladders.classes(ladder))
    kinds, region = ladders.class_of(numbers, ladder), np.array([0, 0])
    odds = writing._odds(np.array([0, 0, 1, 1]), kinds, rows, region, points, ladder, rare=5)
    told = Grains(0, ladder, np.array([20.5]), first, last, np.array([0, 0]), odds)
    values = np.repeat([15.0, 25.0], [40_000, 60_000])
    assert np.mean(told.write(values, rng("ipf").random(100_000)) % 10 == 0) == pytest.approx(0.3, abs=0.005)


@pytest.mark.parametrize("fault", [
    {"ladder": np.array([1, 7, 10])}, {"odds": np.full((1, 10), -1.0)}, {"region": np.array([0, 1])},
    {"edges": np.array([2.0, 1.0])}, {"digits": np.array(99)}, {"first": np.array([2**60, 0])},
])  # fmt: skip
def test_grains_that_could_not_be_drawn_from_are_refused(fault):
    sound = Grains(1, np.array([1, 10]), np.array([20.5]), np.array([11, 21]), np.array([20, 30]), np.array([0, 0]),
                   np.ones((1, 10)))  # fmt: skip
    stored = sound.to_arrays("g")
    assert Grains.from_arrays(stored, "g").odds.tolist() == sound.odds.tolist()
    with pytest.raises(LedgerError):
        Grains.from_arrays(stored | {f"g.{name}": value for name, value in fault.items()}, "g")
