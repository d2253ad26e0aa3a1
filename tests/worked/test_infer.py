"""Kinds and domains, told from values that a person can check."""

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data import infer
from mintmark.data.schema import Kind
from mintmark.errors import DataError


def kind(values: object, name: str = "x") -> Kind:
    return infer.column(name, pa.chunked_array([pa.array(values)])).kind


MANY = list(range(100))


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("x", [1, 2, 1, 3] * 10, Kind.NUMBER),
        ("sex", [1, 2] * 20, Kind.NUMBER),
        ("x", [0.5, 1.5], Kind.NUMBER),
        ("x", [True, False], Kind.BOOLEAN),
        ("x", [dt.date(2020, 1, 1)], Kind.DATE),
        ("x", [dt.datetime(2020, 1, 1)], Kind.DATETIME),
        ("x", [dt.time(1)], Kind.TIME),
        ("x", [dt.timedelta(1)], Kind.DURATION),
        ("latitude", [52.5, 48.1], Kind.GEO),
        ("Lng", [13, 11], Kind.GEO),
        ("pickup_longitude", [-73.9, 40.7], Kind.GEO),
        ("long", [1234.5, 13.0], Kind.NUMBER),
        ("how_long", [12.5, 13.0], Kind.NUMBER),
        ("flat", [12.5, 13.0], Kind.NUMBER),
        ("x", MANY, Kind.KEY),
        ("x", [i + 1 for i in MANY], Kind.KEY),
        ("year", [1900 + i for i in MANY], Kind.NUMBER),
        ("x", [*MANY[:-1], None], Kind.NUMBER),
        ("customer_id", [7 * i for i in MANY], Kind.KEY),
        ("CustomerID", [7 * i for i in MANY], Kind.KEY),
        ("paid", [7 * i for i in MANY], Kind.NUMBER),
        ("users_id", [i // 2 for i in range(400)], Kind.KEY),
        ("district_id", [i % 77 for i in range(400)], Kind.CATEGORY),
        ("x", ["a", "b", "a"], Kind.CATEGORY),
        ("x", [f"town {i % 300}" for i in range(900)], Kind.CATEGORY),
        ("x", [f"sentence number {i}" for i in range(900)], Kind.TEXT),
        ("x", [f"{'a very long review ' * 5}{i % 150}" for i in range(900)], Kind.TEXT),
        ("x", [f"KX{i:06d}" for i in range(900)], Kind.KEY),
        ("code", [f"00{i % 50:03d}" for i in range(900)], Kind.CATEGORY),
        ("x", ["low", "high", "medium"] * 9, Kind.ORDERED),
        ("x", ["good", "bad"] * 9, Kind.CATEGORY),
        ("x", ['{"a": 1}', "[]"] * 9, Kind.TEXT),
        ("x", [[1], [2]], Kind.TEXT),
        ("x", pa.array([None, None], pa.string()), Kind.CATEGORY),
        ("x", pa.array([None, None]), Kind.CATEGORY),
        ("x", pa.array(["b", "a"]).dictionary_encode(), Kind.CATEGORY),
    ],
)
def test_kinds_are_told_from_names_and_values(name: str, values: object, expected: Kind) -> None:
    assert kind(values, name) == expected


def test_an_ordered_dictionary_brings_its_order() -> None:
    type_ = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    values = pa.DictionaryArray.from_arrays(pa.array([0, 2, 1], pa.int8()), ["c", "a", "b"]).cast(type_)
    column = infer.column("x", pa.chunked_array([values]))
    assert (column.kind, column.levels) == (Kind.ORDERED, ("c", "a", "b"))


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        (["Large", "Small", "Medium"], ("Small", "Medium", "Large")),
        (["10", "9", "-1"], ("-1", "9", "10")),
        (["11-20", "6-10", "1-5"], ("1-5", "6-10", "11-20")),
        ([10, 9, -1], ("-1", "9", "10")),
        (["grade b", "grade a"], ("grade a", "grade b")),
    ],
)
def test_an_order_that_is_only_said_is_the_natural_one(values: list[object], levels: tuple[str, ...]) -> None:
    assert infer.column("x", pa.chunked_array([pa.array(values)]), Kind.ORDERED).levels == levels


def test_levels_stand_by_falling_frequency_and_then_by_name() -> None:
    for values in (["b", "a", "c", "c"], ["c", "b", "c", "a"]):
        assert infer.column("x", pa.chunked_array([values]), Kind.CATEGORY).levels == ("c", "a", "b")


def test_the_step_of_moments_is_their_grid() -> None:
    moments = [dt.datetime(2020, 1, 1, 10, 15), dt.datetime(1960, 1, 1, 10, 30)]
    column = infer.column("x", pa.chunked_array([pa.array(moments, pa.timestamp("us"))]))
    assert column.step == 15 * 60 * 1_000_000
    assert column.low == -(3653 * 24 * 4) + 42  # quarters of an hour since 1970


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([1.0, 2.0], 0), ([1.5, 2.25], 2), ([0.1 + 0.2, 1.0], 1), ([math.pi, 1.0], None), ([1e15 + 0.5, 1.0], 0)],
)
def test_decimals_are_those_that_were_observed(values: list[float], decimals: int | None) -> None:
    assert infer.column("x", pa.chunked_array([values])).decimals == decimals


@pytest.mark.parametrize(
    ("code", "share", "specials"),
    [(-999, 0.05, (-999.0,)), (9999, 0.05, (9999.0,)), (-1, 0.05, (-1.0,)), (-999, 0.001, ()), (101, 0.05, ())],
)
def test_codes_are_values_of_nines_far_away_and_common(code: int, share: float, specials: tuple[float, ...]) -> None:
    values = np.arange(2000) % 100
    values[: int(share * 2000)] = code
    column = infer.column("x", pa.chunked_array([values]))
    assert column.specials == specials
    assert column.low == (0.0 if specials else min(0.0, code))


def test_the_first_column_that_names_each_row_is_the_key() -> None:
    table = pa.table({"shop_id": [i // 2 for i in range(300)], "id": [f"K{i:07d}" for i in range(300)]})
    assert infer.table_schema(table).key == "id"


def test_values_that_nothing_reads_are_refused_with_the_column_and_its_type() -> None:
    spans = pa.array([(1, 2, 3)] * 9, pa.month_day_nano_interval())
    with pytest.raises(DataError, match=r"column span holds values that cannot be read") as caught:
        infer.column("span", pa.chunked_array([spans]))
    assert "month_day_nano_interval" in str(caught.value)
    assert "leave the column out" in str(caught.value)
