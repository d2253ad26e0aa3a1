"""Validity, row by row, by hand."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema as Tables
from mintmark.errors import CannotMeasure, RecipeError
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case
from mintmark.metrics.validity.constraints import Constraints
from mintmark.metrics.validity.schema import Schema

REAL = Dataset.of(
    {
        "size": pa.array([1.5, 2.5, 9.5, 4.0], pa.float64()),
        "colour": ["red", "blue", "red", "blue"],
        "note": ["a", None, "c", "d"],
    }
)


def made(**columns: object) -> Dataset:
    return Dataset.of({**dict(zip(REAL.table.schema.names, REAL.table.columns, strict=True)), **columns})


def schema(synthetic: Dataset) -> Reading:
    return Schema().measure(Case(synthetic, train=REAL), rng=np.random.default_rng(0))


def test_the_real_data_keeps_to_its_own_schema() -> None:
    assert schema(REAL).value == 1
    assert schema(REAL).details["faults"] == {}


@pytest.mark.parametrize(
    ("column", "values", "fault"),
    [
        ("size", [1.5, 99.0, 2.5, 4.0], "outside the domain"),
        ("size", [1.5, 2.25, 2.5, 4.0], "finer than the observed decimals"),
        ("size", [1.5, None, 2.5, 4.0], "missing"),
        ("colour", ["red", "mauve", "red", "blue"], "not a known level"),
        ("colour", ["red", None, "red", "blue"], "missing"),
    ],
)
def test_one_row_at_fault_of_four_is_counted_and_named(column: str, values: list[object], fault: str) -> None:
    reading = schema(made(**{column: values}))
    assert reading.value == 0.75
    assert reading.details["faults"] == {column: {fault: 1}}


def test_two_faults_in_one_row_are_one_faulty_row() -> None:
    reading = schema(made(size=[1.5, 99.0, 2.5, 4.0], colour=["red", "mauve", "red", "blue"]))
    assert reading.value == 0.75


def test_a_value_may_be_missing_where_real_ones_are() -> None:
    assert schema(made(note=[None, None, "c", "d"])).value == 1


def test_a_column_less_or_more_is_a_fault_of_every_row() -> None:
    assert schema(REAL.only(["size", "note"])).value == 0
    extra = schema(made(secret=[1, 2, 3, 4]))
    assert extra.value == 0
    assert "secret" in extra.details["faults"]


def test_words_where_numbers_were_are_a_fault_of_every_row() -> None:
    reading = schema(made(size=["big", "small", "big", "huge"]))
    assert reading.value == 0
    assert "string cannot be read as double" in reading.details["faults"]["size"]


def test_another_order_and_a_lossless_type_are_told_but_are_no_fault() -> None:
    numbers = Dataset.of({"k": pa.array([1, 2, 3, 5], pa.int64()), "c": ["a", "b", "a", "b"]})
    narrow = Dataset.of({"c": ["a", "b", "a", "b"], "k": pa.array([1, 2, 3, 5], pa.int16())})
    reading = Schema().measure(Case(narrow, train=numbers), rng=np.random.default_rng(0))
    assert reading.value == 1
    assert reading.details["notes"] == [
        "k is stored as int16, in the real data as int64",
        "the columns stand in another order",
    ]


DAYS = Dataset.of(
    {
        "day": [dt.datetime(2024, 1, 1 + k) for k in range(4)],
        "thursday": [dt.date(2024, 1, 4 + 7 * k) for k in range(4)],
        "wakes": [dt.time(6, 15 * k) for k in range(4)],
        "waits": pa.array([60, 120, 180, 300], pa.duration("s")),
    }
)


def times(**columns: object) -> Reading:
    synthetic = Dataset.of({**dict(zip(DAYS.table.schema.names, DAYS.table.columns, strict=True)), **columns})
    return Schema().measure(Case(synthetic, train=DAYS), rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("day", [dt.datetime(2024, 1, 1, 12), *(dt.datetime(2024, 1, 1 + k) for k in (0, 1, 3))]),
        ("day", pa.array([1704110400_500, *(1704067200_000 + 86400_000 * k for k in (0, 1, 3))], pa.timestamp("ms"))),
        ("day", pa.array([1704110400, *(1704067200 + 86400 * k for k in (0, 1, 3))], pa.timestamp("s"))),
        ("thursday", [dt.date(2024, 1, day) for day in (5, 4, 11, 18)]),
        ("thursday", [dt.datetime(2024, 1, day, hour) for day, hour in ((4, 1), (4, 0), (11, 0), (18, 0))]),
        ("wakes", [dt.time(6, minute) for minute in (7, 0, 15, 30)]),
        ("waits", pa.array([90_000, 60_000, 120_000, 180_000], pa.duration("ms"))),
    ],
)
def test_a_time_off_the_grid_of_the_real_ones_is_a_fault_of_its_row(column: str, values: object) -> None:
    reading = times(**{column: values})
    assert reading.details["faults"] == {column: {"off the observed grid": 1}}
    assert reading.value == 0.75


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_on_the_grid_are_none_whatever_their_unit(unit: str) -> None:
    day = DAYS.table["day"].cast(pa.timestamp(unit))
    assert times(day=day).value == 1
    late = pa.chunked_array([[*day.to_pylist()[:3], dt.datetime(2024, 2, 1)]], pa.timestamp(unit))
    assert times(day=late).details["faults"] == {"day": {"outside the domain": 1}}


def test_real_numbers_of_single_precision_keep_to_their_own_decimals() -> None:
    real = Dataset.of({"x": pa.array([1234.123, 8.5, 77.25, 912.001], pa.float32())})
    assert Schema().measure(Case(real, train=real), rng=np.random.default_rng(0)).value == 1


def test_fractions_where_all_are_whole_are_a_fault_of_their_rows_alone() -> None:
    whole = Dataset.of({"k": pa.array([1, 2, 3, 5], pa.int64())})
    made = Dataset.of({"k": pa.array([1.0, 2.5, 3.0, 5.0])})
    reading = Schema().measure(Case(made, train=whole), rng=np.random.default_rng(0))
    assert reading.details["faults"] == {"k": {"finer than the observed decimals": 1}}


def constrained(synthetic: Dataset, *texts: str) -> Reading:
    real = Dataset(Tables({"rows": replace(REAL.columns, constraints=texts)}), REAL.tables)
    return Constraints().measure(Case(synthetic, train=real), rng=np.random.default_rng(0))


def test_rows_that_break_a_constraint_are_counted_once() -> None:
    reading = constrained(REAL, "size < 9", "size < 4")
    assert reading.value == 0.5
    assert reading.details["constraints"] == [
        {"constraint": "size < 4", "broken": 2},
        {"constraint": "size < 9", "broken": 1},
    ]


def test_a_constraint_on_a_column_that_is_gone_is_broken_by_every_row() -> None:
    reading = constrained(REAL.only(["colour"]), "size < 100")
    assert reading.value == 0
    assert "no column size" in reading.details["constraints"][0]["why"]


def test_without_constraints_there_is_no_answer() -> None:
    with pytest.raises(CannotMeasure, match="no constraints were declared"):
        constrained(REAL)


def test_a_constraint_that_is_none_is_refused() -> None:
    with pytest.raises(RecipeError):
        constrained(REAL, "size <")
