"""Delimited text: encodings, separators, missing cells, and every way in which a file can be bad."""

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from mintmark.data import sources
from mintmark.data.schema import Kind
from mintmark.errors import DataError, UnknownName


def write(folder: Path, body: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def rows(folder: Path, body: str | bytes, name: str = "table.csv", **wanted: object) -> list[dict[str, object]]:
    return sources.read(write(folder, body, name), **wanted).table.to_pylist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_each_of_its_encodings(tmp_path: Path, encoding: str) -> None:
    assert rows(tmp_path, "name,n\nMüller,1\nçelik,2\n".encode(encoding)) == [
        {"name": "Müller", "n": 1},
        {"name": "çelik", "n": 2},
    ]


def test_windows_text_is_read_and_the_guess_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "name,price\nMüller,5 €\nÉcole,7 €\n".encode("cp1252"))
    data, notes = sources.read_with_notes(path)
    assert data.table["name"].to_pylist() == ["Müller", "École"]
    assert data.table["price"].to_pylist() == ["5 €", "7 €"]
    assert notes == ("the file is not UTF-8; it was read as cp1252",)


def test_a_foreign_letter_far_down_the_file_is_read_too(tmp_path: Path) -> None:
    body = b"name,n\n" + b"plain,1\n" * 200_000 + "Jürgen,2\n".encode("cp1252")
    data, notes = sources.read_with_notes(write(tmp_path, body))
    assert data.table["name"][-1].as_py() == "Jürgen"
    assert len(notes) == 1


@pytest.mark.parametrize("text", ["имя,город\nИван,Москва\nОльга,Казань\n".encode("cp1251"), b"a,b\nx\x81y,\x8d\n"])
def test_bytes_that_make_no_sense_are_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(DataError, match="encoding is not known"):
        rows(tmp_path, text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, delimiter: str) -> None:
    body = "a,b,c\n1,x y,2.5\n3,z,4.5\n".replace(",", delimiter)
    assert rows(tmp_path, body) == [{"a": 1, "b": "x y", "c": 2.5}, {"a": 3, "b": "z", "c": 4.5}]


def test_decimal_commas_between_semicolons_are_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b\n1,5;1.234,50\n2,25;12,00\n")
    data, notes = sources.read_with_notes(path)
    assert data.table.to_pylist() == [{"a": 1.5, "b": 1234.5}, {"a": 2.25, "b": 12.0}]
    assert notes == ("a: commas were read as decimal points", "b: commas were read as decimal points")


def test_thousands_are_read_only_where_nothing_else_can_be_meant(tmp_path: Path) -> None:
    body = 'sure,open\n"1,234,567","1,234"\n"2,000.50","5,678"\n'
    data, notes = sources.read_with_notes(write(tmp_path, body))
    assert data.table["sure"].to_pylist() == [1234567.0, 2000.5]
    assert data.table["open"].to_pylist() == ["1,234", "5,678"]
    assert any(note.startswith("open: stays text") for note in notes)
    assert rows(tmp_path, body, kinds={"open": "number"})[0]["open"] == 1234


def test_line_breaks_and_quotes_inside_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    assert rows(tmp_path, 'a,b\n"one\ntwo","say ""hi"""\nthree,four\n') == [
        {"a": "one\ntwo", "b": 'say "hi"'},
        {"a": "three", "b": "four"},
    ]


def test_an_empty_cell_is_missing_and_a_quoted_one_is_an_empty_text(tmp_path: Path) -> None:
    assert [row["a"] for row in rows(tmp_path, 'a,b\n,1\n"",2\nNA,3\n"NA",4\nx,5\n')] == [None, "", None, "NA", "x"]


def test_where_every_cell_is_quoted_the_quotes_tell_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path, '"a","b"\n"","1"\n"x","NA"\n"y","3"\n') == [
        {"a": None, "b": 1},
        {"a": "x", "b": None},
        {"a": "y", "b": 3},
    ]


def test_spaces_after_separators_are_not_content(tmp_path: Path) -> None:
    assert rows(tmp_path, "a, b\n1, <=50K\n2, ?\n") == [{"a": 1, "b": "<=50K"}, {"a": 2, "b": None}]


def test_missing_markers_can_be_chosen(tmp_path: Path) -> None:
    body = "country,n\nNA,-999\nDE,3\n,4\n"
    assert [row["country"] for row in rows(tmp_path, body, missing=["-999"])] == ["NA", "DE", None]
    assert [row["n"] for row in rows(tmp_path, body, missing=["-999"])] == [None, 3, 4]


def test_a_file_with_one_column_may_have_missing_cells(tmp_path: Path) -> None:
    assert [row["a"] for row in rows(tmp_path, "a\n1\n\n3\n")] == [1, None, 3]


@pytest.mark.parametrize("cells", [["hello, you", "what, now, then", "no"], ["1,5", "2,25"]])
def test_commas_in_the_only_column_separate_nothing(tmp_path: Path, cells: list[str]) -> None:
    found = rows(tmp_path, "only\n" + "\n".join(cells) + "\n")
    assert [row["only"] for row in found] == ([1.5, 2.25] if cells[0] == "1,5" else cells)


def test_a_row_may_be_longer_than_a_block(tmp_path: Path) -> None:
    found = rows(tmp_path, "a,b\n1," + "x" * 9_000_000 + "\n2,y\n")
    assert [len(str(row["b"])) for row in found] == [9_000_000, 1]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(tmp_path: Path, ending: str) -> None:
    assert rows(tmp_path, ending.join(["a,b", "1,x", "2,y"])) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_archives_may_have_several_members(tmp_path: Path) -> None:
    body = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert rows(tmp_path, body, "table.csv.gz") == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_other_addresses_are_refused() -> None:
    with pytest.raises(DataError, match="this kind of address is not read"):
        sources.read("s3://bucket/table.csv")


def test_one_row_is_read(tmp_path: Path) -> None:
    assert rows(tmp_path, "a,b\n1,x\n") == [{"a": 1, "b": "x"}]


def test_a_column_without_values_is_kept(tmp_path: Path) -> None:
    column = sources.read(write(tmp_path, "a,b\n1,\n2,NA\n")).columns["b"]
    assert (column.kind, column.levels, column.nullable, column.type) == (Kind.CATEGORY, (), True, pa.string())


def test_a_constant_column_is_kept(tmp_path: Path) -> None:
    schema = sources.read(write(tmp_path, "a,b\n7,x\n7,x\n7,x\n")).columns
    assert (schema["a"].low, schema["a"].high, schema["b"].levels) == (7.0, 7.0, ("x",))


def test_ten_thousand_categories_are_all_levels(tmp_path: Path) -> None:
    body = "shop\n" + "".join(f"shop number {i % 10_000}\n" for i in range(30_000))
    column = sources.read(write(tmp_path, body)).columns["shop"]
    assert column.kind == Kind.CATEGORY
    assert len(column.levels) == 10_000


def test_columns_without_a_name_get_one(tmp_path: Path) -> None:
    data, notes = sources.read_with_notes(write(tmp_path, ",b\n5,1\n9,2\n"))
    assert data.columns.names == ["column 1", "b"]
    assert notes == ("columns without a name were called column 1",)


def test_a_missing_header_is_suspected(tmp_path: Path) -> None:
    _, notes = sources.read_with_notes(write(tmp_path, "1,2\n3,4\n"))
    assert notes == ("the first line looks like values, but was read as column names",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"  \n\n", "is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"a,b,a\n1,2,3\n", "stand twice\n  found: a"),
        (b"a,b\n1,2\n3\n4,5\n", "line 3: rows differ in length\n  found: 1 cells where the header has 2"),
        (b"# a comment\na,b\n1,2\n", "line 2: rows differ in length\n  found: 2 cells where the header has 1: 'a,b'"),
        (b'a,b\n"x\ny",2\n3,4,5\n', "line 4: rows differ in length\n  found: 3 cells"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not text\n  found: a PNG image"),
        (b"PK\x03\x04\x14\x00", "not text\n  found: a zip archive, perhaps an Excel workbook"),
        (b"PAR1\x15\x04", "not text\n  found: a Parquet file"),
        (b"a,b\n1,\x00\n", "not text\n  found: zero bytes"),
        (b"a,b\n1,2\ninf,3\n", "row 2: column a holds an infinite value\n  found: inf"),
        (b"a,b\n1,2\n-Infinity,3\n", "row 2: column a holds an infinite value\n  found: -inf"),
    ],
)
def test_bad_files_are_told_apart(tmp_path: Path, body: bytes, message: str) -> None:
    with pytest.raises(DataError) as caught:
        rows(tmp_path, body)
    assert message in str(caught.value)
    assert "table.csv" in str(caught.value)


def test_infinities_can_be_called_missing(tmp_path: Path) -> None:
    assert [row["a"] for row in rows(tmp_path, "a,b\n1,2\ninf,3\n", missing=["inf"])] == [1, None]


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    body = gzip.compress("".join(f"{i},{i * 7919 % 1000}\n" for i in range(20_000)).encode())
    with pytest.raises(DataError, match="damaged or breaks off early"):
        rows(tmp_path, body[: len(body) // 2], "table.csv.gz")


def test_a_missing_file_brings_the_nearest_names(tmp_path: Path) -> None:
    write(tmp_path, "a\n1\n", "customers.csv")
    with pytest.raises(DataError, match=r"did you mean customers\.csv\?"):
        sources.read("custmers.csv", base=tmp_path)
    with pytest.raises(DataError, match="no folder"):
        sources.read("nowhere/at/all.csv", base=tmp_path)


def test_an_unknown_ending_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.csv, \.tsv.*\.parquet"):
        rows(tmp_path, "<a>1</a>", "table.xml")


@pytest.mark.parametrize(
    "wanted",
    [{"kinds": {"agee": "number"}}, {"drop": ["agee"]}, {"key": "agee"}, {"group": "agee"}, {"order": "agee"}],
)
def test_a_column_that_does_not_exist_brings_the_nearest(tmp_path: Path, wanted: dict[str, object]) -> None:
    with pytest.raises(UnknownName, match=r"did you mean age"):
        rows(tmp_path, "age,name\n1,a\n2,b\n", **wanted)


def test_a_kind_that_does_not_exist_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match=r"did you mean category"):
        rows(tmp_path, "age\n1\n2\n", kinds={"age": "categry"})


def test_a_key_names_each_row_once(tmp_path: Path) -> None:
    path = write(tmp_path, "code,n\nx,1\ny,2\n")
    assert sources.read(path, key="code").columns.key == "code"
    assert sources.read(path, key="code").columns["code"].kind == Kind.KEY
    with pytest.raises(DataError, match="values that repeat"):
        rows(tmp_path, "code,n\nx,1\nx,2\n", key="code")
    with pytest.raises(DataError, match="1 missing cells"):
        rows(tmp_path, "code,n\nx,1\n,2\n", key="code")


def test_group_order_and_constraints_reach_the_schema(tmp_path: Path) -> None:
    path = write(tmp_path, "who,day,n\na,2020-01-01,1\nb,2020-01-02,2\n")
    schema = sources.read(path, group="who", order="day", constraints=["n > 0"], drop=[]).columns
    assert (schema.group, schema.order, schema.constraints) == ("who", "day", ("n > 0",))


def test_dropped_columns_are_gone(tmp_path: Path) -> None:
    assert rows(tmp_path, "a,b\n1,2\n", drop=["a"]) == [{"b": 2}]
    with pytest.raises(DataError, match="nothing here"):
        rows(tmp_path, "a\n1\n", drop=["a"])
