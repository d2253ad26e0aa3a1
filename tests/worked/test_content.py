"""A table's digest names its content: whatever is no content does not change it, and whatever is does."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data import content

BASE = pa.table({
    "n": [1, None, 3, 4],
    "word": ["a", "", None, "bc"],
    "true": [True, None, False, True],
    "day": [dt.date(2020, 1, 1), None, dt.date(1960, 1, 1), dt.date(2020, 1, 1)],
    "list": [[1], None, [], [2, 3]],
})  # fmt: skip


def name(table: pa.Table) -> str:
    return content.of_tables([table], table.schema)


def changed(column: str, values: list[object]) -> pa.Table:
    place = BASE.schema.names.index(column)
    return BASE.set_column(place, column, pa.array(values, BASE.schema.field(column).type))


def under_nulls() -> pa.Table:
    """The same values over other bytes where values are missing."""
    n = pa.Array.from_buffers(pa.int64(), 4, [pa.py_buffer(b"\x0d"), pa.py_buffer(np.array([1, 77, 3, 4]))])
    return BASE.set_column(0, "n", n)


SAME = {
    "chunks": pa.concat_tables([BASE.slice(0, 1), BASE.slice(1, 2), BASE.slice(3)]),
    "empty chunks": pa.concat_tables([BASE.slice(0, 0), BASE, BASE.slice(0, 0)]),
    "an offset": pa.concat_tables([BASE, BASE]).combine_chunks().slice(4),
    "an odd offset": pa.concat_tables([BASE.slice(1), BASE]).combine_chunks().slice(3),
    "a dictionary": BASE.set_column(1, "word", BASE["word"].dictionary_encode()),
    "long strings": BASE.set_column(1, "word", BASE["word"].cast(pa.large_string())),
    "metadata": BASE.replace_schema_metadata({"written": "today"}),
    "bytes under nulls": under_nulls(),
}


@pytest.mark.parametrize("case", SAME)
def test_how_a_table_is_stored_is_no_content(case: str) -> None:
    assert SAME[case].to_pylist() == BASE.to_pylist()
    assert name(SAME[case]) == name(BASE)


def test_batches_fed_one_by_one_agree_with_the_whole() -> None:
    for size in (1, 2, 3):
        cuts = [BASE.slice(start, size) for start in range(0, 4, size)]
        assert content.of_tables(cuts, BASE.schema) == name(BASE)


OTHER = {
    "a value": changed("n", [1, None, 3, 5]),
    "a null for a value": changed("n", [None, None, 3, 4]),
    "a zero for a null": changed("n", [1, 0, 3, 4]),
    "an empty text for a null": changed("word", ["a", "", "", "bc"]),
    "a null for an empty text": changed("word", ["a", None, None, "bc"]),
    "a letter moved to the next cell": changed("word", ["ab", "", None, "c"]),
    "false for a null": changed("true", [True, False, False, True]),
    "a day": changed("day", [dt.date(2020, 1, 2), None, dt.date(1960, 1, 1), dt.date(2020, 1, 1)]),
    "an empty list for a null": changed("list", [[1], [], [], [2, 3]]),
    "a name": BASE.rename_columns(["m", *BASE.schema.names[1:]]),
    "a type": BASE.set_column(0, "n", BASE["n"].cast(pa.int32())),
    "the order of columns": BASE.select(list(reversed(BASE.schema.names))),
    "the order of rows": BASE.take([1, 0, 2, 3]),
    "a row less": BASE.slice(0, 3),
    "no rows": BASE.slice(0, 0),
}


def test_every_change_of_content_has_its_own_digest() -> None:
    names = {name(BASE), *(name(table) for table in OTHER.values())}
    assert len(names) == len(OTHER) + 1


@pytest.mark.parametrize(
    "type_",
    [pa.uint8(), pa.float32(), pa.timestamp("ns"), pa.decimal128(9, 2), pa.duration("s"), pa.binary(), pa.binary(2),
     pa.null(), pa.struct([("a", pa.date32())]), pa.string_view(), pa.time32("s")],
    ids=str,
)  # fmt: skip
def test_every_type_has_a_digest_that_ignores_chunks(type_: pa.DataType) -> None:
    table = pa.table({"x": pa.nulls(5, type_)})
    assert name(table) == name(pa.concat_tables([table.slice(0, 2), table.slice(2)]))
