"""Whatever values there are, they come back: through arrays, through every file form, through any cut into chunks."""

import math
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mintmark.data import arrays, content, files, infer, sources
from mintmark.data.schema import Kind

DAYS = (-719_162, 2_932_896)  # 0001-01-01 to 9999-12-31
MICROSECONDS = (DAYS[0] * 86_400_000_000, (DAYS[1] + 1) * 86_400_000_000 - 1)

ELEMENTS = {
    pa.int64(): st.integers(-(2**53), 2**53),
    pa.int16(): st.integers(-(2**15), 2**15 - 1),
    pa.uint8(): st.integers(0, 255),
    pa.float64(): st.floats(allow_nan=False, allow_infinity=False),
    pa.float32(): st.floats(allow_nan=False, allow_infinity=False, width=32),
    pa.date32(): st.integers(*DAYS),
    pa.timestamp("s"): st.integers(MICROSECONDS[0] // 10**6, MICROSECONDS[1] // 10**6),
    pa.timestamp("ms"): st.integers(MICROSECONDS[0] // 1000, MICROSECONDS[1] // 1000),
    pa.time32("s"): st.integers(0, 86_399),
    pa.time64("us"): st.integers(0, 86_399_999_999),
    pa.duration("us"): st.integers(-(2**52), 2**52),
}
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def made(values: list[int | float | None], type_: pa.DataType) -> pa.Array:
    if pa.types.is_floating(type_) or pa.types.is_integer(type_):
        return pa.array(values, type_)
    return pa.array(values, pa.int32() if type_.bit_width == 32 else pa.int64()).cast(type_)


@pytest.mark.parametrize("type_", ELEMENTS, ids=str)
@given(data=st.data())
@QUICK
def test_numbers_come_back(type_: pa.DataType, data: st.DataObject) -> None:
    values = made(data.draw(st.lists(st.none() | ELEMENTS[type_], min_size=1, max_size=30)), type_)
    column = infer.column("x", pa.chunked_array([values]), arrays.kind_of(type_) or Kind.NUMBER)
    back = arrays.from_numbers(arrays.numbers(values, column), column)
    assert back.type == type_
    if pa.types.is_floating(type_):
        # What was rounded to its observed decimals comes back to the last digit that a float holds.
        relative = 1e-6 if pa.types.is_float32(type_) else 1e-12
        for mine, theirs in zip(back.to_pylist(), values.to_pylist(), strict=True):
            assert mine == theirs or math.isclose(mine, theirs, rel_tol=relative, abs_tol=relative)
    else:
        assert back.equals(values)


@given(values=st.lists(st.none() | WORDS, min_size=1, max_size=30))
@QUICK
def test_codes_come_back(values: list[str | None]) -> None:
    array = pa.array(values, pa.string())
    column = infer.column("x", pa.chunked_array([array]), Kind.CATEGORY)
    assert arrays.from_codes(arrays.codes(array, column), column).equals(array)


@given(values=st.lists(st.none() | WORDS, min_size=1, max_size=30), cut=st.integers(0, 30))
@QUICK
def test_no_cut_changes_the_digest(values: list[str | None], cut: int) -> None:
    table = pa.table({"x": pa.array(values, pa.string()), "n": range(len(values))})
    cuts = [table.slice(0, cut), table.slice(cut)] if cut <= len(values) else [table]
    encoded = [t.set_column(0, "x", t["x"].dictionary_encode()) for t in cuts]
    assert content.of_tables(cuts, table.schema) == content.of_tables([table], table.schema)
    assert content.of_tables(encoded, encoded[0].schema) == content.of_tables([table], table.schema)


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl"])
@given(data=st.data())
@QUICK
def test_files_come_back(form: str, tmp_path: Path, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    column = lambda element: st.lists(st.none() | element, min_size=count, max_size=count)  # noqa: E731
    table = pa.table({
        "word": pa.array(data.draw(column(WORDS)), pa.string()),
        "n": pa.array(data.draw(column(ELEMENTS[pa.int64()])), pa.int64()),
        "x": pa.array(data.draw(column(ELEMENTS[pa.float64()])), pa.float64()),
        "day": made(data.draw(column(ELEMENTS[pa.date32()])), pa.date32()),
    })  # fmt: skip
    path = files.write([table], table.schema, tmp_path / f"rows.{form}", form=form, raw=True).path
    # Only text that is said to be text is kept from looking like a number.
    back = sources.read(path, kinds={"word": "text", "day": "date", "x": "number", "n": "number"}).table
    assert back.to_pylist() == table.to_pylist()
    if form in {"parquet", "arrow"}:
        assert content.of_tables([back], back.schema) == content.of_tables([table], table.schema)
