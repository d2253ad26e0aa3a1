"""Cells of text and the types that whole columns of them are given."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from mintmark.data import sources
from mintmark.data.schema import Kind
from mintmark.errors import DataError

DAY, MOMENT = pa.date32(), pa.timestamp("us")


def column(folder: Path, *cells: str, kind: str | None = None) -> pa.ChunkedArray:
    path = folder / "table.csv"
    body = "x;y\n" + "".join(f"{cell};{place}\n" for place, cell in enumerate(cells))
    path.write_text(body.replace(";", "|"), encoding="utf-8")
    return sources.read(path, kinds={"x": kind} if kind else None).table["x"]


@pytest.mark.parametrize(
    ("cells", "type_", "values"),
    [
        (["1", "-2", "+3"], pa.int64(), [1, -2, 3]),
        (["9007199254740993", "1"], pa.int64(), [9007199254740993, 1]),
        (["18446744073709551615", "1"], pa.uint64(), [18446744073709551615, 1]),
        (["99999999999999999999999", "1"], pa.string(), ["99999999999999999999999", "1"]),
        (["-1", "18446744073709551615"], pa.string(), ["-1", "18446744073709551615"]),
        (["1.50", "2", "1e3", ".5"], pa.float64(), [1.5, 2.0, 1000.0, 0.5]),
        (["1.5", "NaN", "nan"], pa.float64(), [1.5, None, None]),
        (["00501", "10001"], pa.string(), ["00501", "10001"]),
        (["0x1F", "0x2F"], pa.string(), ["0x1F", "0x2F"]),
        (["0", "10"], pa.int64(), [0, 10]),
        (["0.5", "-0.25"], pa.float64(), [0.5, -0.25]),
        ([" 1", "2 "], pa.int64(), [1, 2]),
        (["1", "2", "x"], pa.string(), ["1", "2", "x"]),
        (["1_000", "2"], pa.string(), ["1_000", "2"]),
        (["true", "False", ""], pa.bool_(), [True, False, None]),
        (["yes", "no"], pa.bool_(), [True, False]),
        (["T", "F"], pa.bool_(), [True, False]),
        (["f", "f"], pa.string(), ["f", "f"]),
        (["true", "true"], pa.bool_(), [True, True]),
        (["yes", "false"], pa.string(), ["yes", "false"]),
        (["0", "1"], pa.int64(), [0, 1]),
        (["inf", "nothing"], pa.string(), ["inf", "nothing"]),
    ],
)
def test_numbers_codes_and_truths(tmp_path: Path, cells: list[str], type_: pa.DataType, values: list[object]) -> None:
    found = column(tmp_path, *cells)
    assert (found.type, found.to_pylist()) == (type_, values)


@pytest.mark.parametrize(
    ("cells", "type_", "first"),
    [
        (["2021-04-03", "1912-06-23"], DAY, dt.date(2021, 4, 3)),
        (["0001-01-01", "9999-12-31"], DAY, dt.date(1, 1, 1)),
        (["2021-04-03 10:20:30", "2021-04-03 10:20"], MOMENT, dt.datetime(2021, 4, 3, 10, 20, 30)),
        (["1850-04-03T10:20:30.25", "2500-01-01T00:00:00"], MOMENT, dt.datetime(1850, 4, 3, 10, 20, 30, 250000)),
        (["31.12.2020", "01.02.2021"], DAY, dt.date(2020, 12, 31)),
        (["01.02.2021", "03.04.2021"], DAY, dt.date(2021, 2, 1)),
        (["31/12/2020", "01/02/2021"], DAY, dt.date(2020, 12, 31)),
        (["1/2/2021", "12/31/2020"], DAY, dt.date(2021, 1, 2)),
        (["12/31/2020 11:59 PM", "1/2/2021 12:00 am"], MOMENT, dt.datetime(2020, 12, 31, 23, 59)),
        (["2020/12/31", "2021/1/2"], DAY, dt.date(2020, 12, 31)),
        (["5 Jan 2020", "17-December-2021"], DAY, dt.date(2020, 1, 5)),
        (["Sept 5, 2020", "May 17 2021"], DAY, dt.date(2020, 9, 5)),
        (["10:20", "23:59:59"], pa.time32("s"), dt.time(10, 20)),
        (["9:05 pm", "12:00 AM"], pa.time32("s"), dt.time(21, 5)),
        (["10:20:30.5", "00:00:00"], pa.time64("us"), dt.time(10, 20, 30, 500000)),
        (["30:00:00", "01:30:15"], pa.duration("us"), dt.timedelta(hours=30)),
        (["2 days 03:00:00", "0 days 00:00:01.5"], pa.duration("us"), dt.timedelta(days=2, hours=3)),
        (["-PT90S", "P1DT2H"], pa.duration("us"), dt.timedelta(seconds=-90)),
    ],
)
def test_times_as_people_write_them(tmp_path: Path, cells: list[str], type_: pa.DataType, first: object) -> None:
    found = column(tmp_path, *cells, "")
    assert (found.type, found[0].as_py(), found[2].as_py()) == (type_, first, None)


def test_zones_become_utc(tmp_path: Path) -> None:
    found = column(tmp_path, "2021-04-03T10:00:00+02:00", "2021-04-03T10:00:00Z")
    assert found.type == pa.timestamp("us", "UTC")
    assert [value.hour for value in found.to_pylist()] == [8, 10]


@pytest.mark.parametrize(
    "cells",
    [
        ["03/04/2021", "05/06/2021"],  # either order
        ["13/01/2021", "01/13/2021"],  # both orders
        ["2021-02-30", "2021-01-01"],  # no such day
        ["25:99", "10:00"],  # no such time
        ["31 Juin 2020", "1 Mai 2020"],  # months in no English
        ["2021-04-03", "soon"],
    ],
)
def test_what_could_be_two_dates_or_none_stays_text(tmp_path: Path, cells: list[str]) -> None:
    found = column(tmp_path, *cells)
    assert (found.type, found.to_pylist()) == (pa.string(), cells)


def test_an_open_order_of_day_and_month_is_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("day,n\n03/04/2021,1\n05/06/2021,2\n", encoding="utf-8")
    _, notes = sources.read_with_notes(path)
    assert notes[0].startswith("day: stays text: every day and month is 12 or less")


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("category", ["1", "02"], ["1", "02"]),
        ("text", ["2021-01-01", "x"], ["2021-01-01", "x"]),
        ("boolean", ["0", "1"], [False, True]),
        ("boolean", ["Y", "n"], [True, False]),
        ("number", ["007", "1"], [7, 1]),
        ("date", ["20210403", "20210404"], [dt.date(2021, 4, 3), dt.date(2021, 4, 4)]),
        ("datetime", ["2021-04-03", "2021-04-04"], [dt.datetime(2021, 4, 3), dt.datetime(2021, 4, 4)]),
        ("date", ["2021-04-03 00:00:00", ""], [dt.date(2021, 4, 3), None]),
        ("duration", ["00:01:30", "00:00:01"], [dt.timedelta(seconds=90), dt.timedelta(seconds=1)]),
        ("key", ["7", "9"], [7, 9]),
        ("key", ["007", "009"], ["007", "009"]),
        ("geo", ["1.5", "2"], [1.5, 2.0]),
    ],
)
def test_a_kind_that_is_said_decides(tmp_path: Path, kind: str, cells: list[str], values: list[object]) -> None:
    assert column(tmp_path, *cells, kind=kind).to_pylist() == values


@pytest.mark.parametrize("kind", ["number", "boolean", "date", "datetime", "time", "duration"])
def test_a_cell_that_is_not_of_its_kind_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match=rf"column x cannot be read as {kind}\n  found: 'blue'"):
        column(tmp_path, "blue", "green", kind=kind)


def test_the_first_wrong_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 3: column x cannot be read as number\n  found: 'blue'"):
        column(tmp_path, "1", "", "blue", kind="number")


def test_a_column_of_json_is_text(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('x,y\n"{""a"": 1}",1\n"[1, 2]",2\n', encoding="utf-8")
    data = sources.read(path)
    assert data.columns["x"].kind == Kind.TEXT
    assert data.table["x"].to_pylist() == ['{"a": 1}', "[1, 2]"]
