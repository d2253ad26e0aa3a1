"""Arrow columns as numbers or codes and back, value by value."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data import arrays, infer
from mintmark.data.schema import Column, Kind

EVERY = [
    pa.array([1, None, -3], pa.int8()),
    pa.array([1, None, 2**32 - 1], pa.uint32()),
    pa.array([2**53, None, -(2**53)], pa.int64()),
    pa.array([0.5, None, -1e300]),
    pa.array([0.5, None, 2.25], pa.float32()),
    pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(5, 2)),
    pa.array([Decimal("0.5"), None, Decimal("-0.9")], pa.decimal128(1, 1)),
    pa.array([dt.date(1912, 6, 23), None, dt.date(9999, 12, 31)]),
    pa.array([dt.date(1912, 6, 23), None], pa.date64()),
    pa.array([dt.datetime(1, 1, 1), None, dt.datetime(9999, 12, 31, 23, 59, 59)], pa.timestamp("s")),
    pa.array([dt.datetime(1850, 1, 1, 3), None, dt.datetime(2500, 1, 1, 4, 5)], pa.timestamp("us")),
    pa.array([1_600_000_000 * 10**9, None], pa.timestamp("ns", "UTC")),
    pa.array([dt.time(23, 59, 59), None], pa.time32("s")),
    pa.array([1, None, 86_399_999_999], pa.time64("us")),
    pa.array([dt.timedelta(days=-3), None, dt.timedelta(hours=50)], pa.duration("ms")),
]


def test_decimals_of_many_digits_come_back_as_near_as_a_float_is_and_within_the_type() -> None:
    largest = Decimal("9" * 36 + ".99")
    values = pa.array(
        [Decimal("12345678901234567890123456789.12"), None, largest, largest.copy_negate()], pa.decimal128(38, 2)
    )
    column = infer.column("x", pa.chunked_array([values]))
    back = arrays.from_numbers(arrays.numbers(values, column), column)
    assert back.type == values.type
    assert back[1].as_py() is None
    for one, other in zip(back.drop_null().to_pylist(), values.drop_null().to_pylist(), strict=True):
        assert float(one) == pytest.approx(float(other), rel=1e-15)


@pytest.mark.parametrize("values", EVERY, ids=lambda values: str(values.type))
def test_every_numeric_type_comes_back_exactly(values: pa.Array) -> None:
    column = infer.column("x", pa.chunked_array([values]))
    back = arrays.from_numbers(arrays.numbers(values, column), column)
    assert back.equals(values)
    assert np.isnan(arrays.numbers(values, column)[1])


@pytest.mark.parametrize(
    "values",
    [
        pa.array(["a", None, "b", ""]),
        pa.array(["a", None, "b"], pa.large_string()),
        pa.array(["a", None, "b"]).dictionary_encode(),
        pa.array([3, None, -1]),
        pa.array([0.1, None, 1234567.0, 1e22]),
        pa.array([0.1, None], pa.float32()),
        pa.array([True, None, False]),
        pa.array([dt.date(2020, 1, 1), None]),
        pa.array([Decimal("1.50"), None], pa.decimal128(5, 2)),
        pa.array([None, None], pa.string()),
    ],
    ids=lambda values: str(values.type),
)
def test_every_type_with_levels_comes_back_exactly(values: pa.Array) -> None:
    kind = Kind.BOOLEAN if pa.types.is_boolean(values.type) else Kind.CATEGORY
    column = infer.column("x", pa.chunked_array([values]), kind)
    codes = arrays.codes(values, column)
    assert codes[1] == -1
    assert arrays.from_codes(codes, column).to_pylist() == values.to_pylist()
    assert arrays.from_codes(codes, column).type == values.type


def test_codes_are_places_among_the_levels() -> None:
    column = Column("x", Kind.CATEGORY, pa.string(), levels=("b", "a"))
    assert arrays.codes(pa.array(["a", "b", None, "new"]), column).tolist() == [1, 0, -1, -2]


def test_every_batch_of_a_dictionary_bears_the_same_levels() -> None:
    type_ = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    column = Column("x", Kind.ORDERED, type_, levels=("low", "mid", "high"))
    batch = arrays.from_codes(np.array([2, -1, 0]), column)
    assert (batch.type, batch.dictionary.to_pylist()) == (type_, ["low", "mid", "high"])
    assert batch.to_pylist() == ["high", None, "low"]


def test_rounding_leaves_what_is_too_large_for_decimals() -> None:
    assert arrays.rounded(np.array([1e305, 0.126]), 2).tolist() == [1e305, 0.13]


def test_numbers_of_a_slice_are_those_of_the_slice() -> None:
    values = pa.chunked_array([[1, 2, None], [4, 5]]).slice(1, 3)
    column = infer.column("x", values)
    np.testing.assert_array_equal(arrays.numbers(values, column), [2, np.nan, 4])


def test_numbers_are_rounded_and_kept_within_their_domain() -> None:
    column = Column("x", Kind.NUMBER, pa.int64(), low=0, high=10, specials=(-999.0,))
    assert arrays.from_numbers(np.array([-5, 3.6, 11, -999, np.nan]), column).to_pylist() == [0, 4, 10, -999, None]
    column = Column("x", Kind.NUMBER, pa.float64(), decimals=1)
    assert arrays.from_numbers(np.array([0.26, 1e9 + 0.16]), column).to_pylist() == [0.3, 1000000000.2]


def test_moments_count_steps_of_their_grid() -> None:
    column = Column("x", Kind.DATETIME, pa.timestamp("us"), step=60_000_000)
    assert arrays.from_numbers(np.array([0.0, 1.4, -1.0]), column).to_pylist() == [
        dt.datetime(1970, 1, 1), dt.datetime(1970, 1, 1, 0, 1), dt.datetime(1969, 12, 31, 23, 59),
    ]  # fmt: skip


@pytest.mark.parametrize("type_", [pa.int8(), pa.uint8(), pa.int64(), pa.uint64()])
def test_what_a_type_cannot_hold_becomes_its_limit(type_: pa.DataType) -> None:
    limits = np.iinfo(type_.to_pandas_dtype())
    back = arrays.from_numbers(np.array([-1e30, 1e30]), Column("x", Kind.NUMBER, type_))
    assert back.to_pylist() == [limits.min, limits.max]
