"""CSV, TSV and their like: cells of text between separators, in whatever encoding they were saved."""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from mintmark.data.sources import opening
from mintmark.data.sources.found import Found, Request, Told
from mintmark.errors import DataError

BLOCK_BYTES = 8 << 20
SAMPLE_RECORDS = 200
CELL_CHARACTERS = 1 << 27
WIDE_BLOCK_BYTES = 1 << 29
"""For rows that are longer than a block."""
MOST = 0.9
NOTHING = "\x1f"
"""A separator that separates nothing: the file has one column."""


@dataclass(frozen=True)
class Dialect:
    """How this file writes its cells."""

    encoding: str
    delimiter: str
    names: list[str]
    spaced: bool
    """Every separator is followed by a space."""
    quoted: bool
    """Every cell is quoted, so quotes tell nothing."""
    notes: tuple[str, ...]


def find(path: Path, request: Request) -> Found:
    """All cells as text; unquoted missing markers are null, quoted ones are values."""
    dialect = _dialect(path)
    try:
        table, notes = _rows(path, dialect, dialect.encoding, request), dialect.notes
    except pa.ArrowInvalid as error:
        if "invalid UTF8" not in str(error):
            raise DataError("this file cannot be read as a table", where=str(path), found=str(error)) from error
        table, notes = _rows(path, dialect, "cp1252", request), (*dialect.notes, _guessed("cp1252"))
    if not table.num_rows:
        raise DataError("this file holds a header and no rows", where=str(path), found=", ".join(dialect.names[:8]))
    return Found(_tidied(table, dialect, request), Told.NOTHING, notes, comma=dialect.delimiter in ";\t|")


def _dialect(path: Path) -> Dialect:
    first = opening.head(path)
    encoding = _encoding(first, path)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(first)
    delimiter = _delimiter(text, path)
    records = _records(text, delimiter)
    names, notes = _names(records[0], path)
    rest = [cell for record in records for cell in record[1:]]
    spaced = bool(rest) and all(cell.startswith(" ") for cell in rest)
    if encoding == "cp1252":
        notes = [*notes, _guessed(encoding)]
    if len(records) > 1 and all(_is_number(name) for name in names):
        notes = [*notes, "the first line looks like values, but was read as column names"]
    if delimiter == NOTHING and ".txt" in path.suffixes:
        notes = [*notes, f"the first line was read as a column's name; paragraphs of text are read by text:{path.name}"]
    return Dialect(encoding, delimiter, names, spaced, _all_quoted(text, delimiter, len(names)), tuple(notes))


def _encoding(first: bytes, path: Path) -> str:
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                           (codecs.BOM_UTF16_BE, "utf-16")):  # fmt: skip
        if first.startswith(mark):
            return encoding
    seen = opening.looks_like(first)
    if seen or b"\x00" in first:
        fix = "give the table as CSV, Parquet, Arrow or JSONL, or name the file for what it is"
        raise DataError("this is not text", where=str(path), found=seen or "zero bytes", fix=fix)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return _western(first, path)
    return "utf-8"


def _western(first: bytes, path: Path) -> str:
    """Windows Latin, if that could be what these bytes are: mostly ASCII, and no byte that it leaves undefined."""
    beyond = sum(byte > 127 for byte in first) / len(first)
    control = sum(byte < 9 or 13 < byte < 32 for byte in first)
    undefined = re.search(rb"[\x81\x8d\x8f\x90\x9d]", first)
    if beyond > 0.3 or control or undefined:
        found = f"{beyond:.0%} of its bytes are beyond ASCII"
        raise DataError("this file's encoding is not known", where=str(path), found=found, fix="save it as UTF-8")
    return "cp1252"


def _delimiter(text: str, path: Path) -> str:
    """The separator that cuts most lines into equally many cells, and into most."""
    best, score = ",", (0.0, 1)
    order = "\t,;|" if ".tsv" in path.name.lower() or ".tab" in path.name.lower() else ",;\t|"
    for delimiter in order:
        widths = Counter(len(record) for record in _records(text, delimiter))
        width, count = widths.most_common(1)[0]
        if width > 1 and (count / widths.total(), width) > score:
            best, score = delimiter, (count / widths.total(), width)
    return NOTHING if _has_one_column(_records(text, best), best) else best


def _has_one_column(records: list[list[str]], delimiter: str) -> bool:
    """Do the separators lie inside the sentences, or the decimals, of the only column that the header names?"""
    header, *rest = records
    if len(header) > 1 or not rest:
        return False
    width, count = Counter(len(record) for record in rest).most_common(1)[0]
    return width == 1 or count < MOST * len(rest) or all(_is_number(delimiter.join(record)) for record in rest)


def _records(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(CELL_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = []
    for record in reader:
        if record:
            records.append(record)
        if len(records) > SAMPLE_RECORDS:
            return records[:-1]
    # The last record may have been cut where the head ends.
    return records if len(text) < opening.HEAD_BYTES // 4 or len(records) < 3 else records[:-1]


def _names(header: list[str], path: Path) -> tuple[list[str], list[str]]:
    names = [name.strip() or f"column {place}" for place, name in enumerate(header, 1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError("column names stand twice", where=str(path), found=", ".join(twice), fix="rename them")
    unnamed = [name for name, given in zip(names, header, strict=True) if not given.strip()]
    return names, [f"columns without a name were called {', '.join(unnamed)}"] if unnamed else []


def _all_quoted(text: str, delimiter: str, width: int) -> bool:
    lines = text.splitlines()[:20]
    cut = f'"{delimiter}"'
    return all(line.startswith('"') and line.endswith('"') and line.count(cut) == width - 1 for line in lines)


def _is_number(name: str) -> bool:
    return re.fullmatch(r"[+-]?\d+([.,]\d+)?", name) is not None


def _rows(path: Path, dialect: Dialect, encoding: str, request: Request) -> pa.Table:
    try:
        return _table(path, dialect, encoding, request, BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if "straddling" not in str(error):
            raise
        return _table(path, dialect, encoding, request, WIDE_BLOCK_BYTES)


def _table(path: Path, dialect: Dialect, encoding: str, request: Request, block: int) -> pa.Table:
    places = {f"f{place}": pa.string() for place in range(len(dialect.names))}
    read = arrow_csv.ReadOptions(
        autogenerate_column_names=True, block_size=block, encoding="utf8" if "utf-8" in encoding else encoding
    )
    parse = arrow_csv.ParseOptions(
        delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=len(dialect.names) > 1
    )
    convert = arrow_csv.ConvertOptions(
        column_types=places,
        null_values=["", *request.missing],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    try:
        with opening.opened(path) as file:
            table = arrow_csv.read_csv(file, read, parse, convert)
    except UnicodeDecodeError as error:
        raise DataError("this file's encoding is not known", where=str(path), fix="save it as UTF-8") from error
    except pa.ArrowInvalid as error:
        if "Expected" in str(error):
            raise _ragged(path, dialect, encoding) from error
        raise
    return table.slice(1).rename_columns(dialect.names)


def _ragged(path: Path, dialect: Dialect, encoding: str) -> DataError:
    """The first line whose cells are too many or too few."""
    with opening.opened(path) as file:
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        reader = csv.reader(text, delimiter=dialect.delimiter)
        for record in reader:
            if record and len(record) != len(dialect.names):
                row = dialect.delimiter.join(record)[:80]
                found = f"{len(record)} cells where the header has {len(dialect.names)}: {row!r}"
                return DataError("rows differ in length", where=f"{path}, line {reader.line_num}", found=found)
    return DataError("rows differ in length", where=str(path))


def _tidied(table: pa.Table, dialect: Dialect, request: Request) -> pa.Table:
    quotes_mean_nothing = dialect.quoted and not any(column.null_count for column in table.columns)
    if not dialect.spaced and not quotes_mean_nothing:
        return table
    markers = pa.array(["", *request.missing])
    columns = []
    for column in table.columns:
        words = pc.ascii_trim_whitespace(column) if dialect.spaced else column
        columns.append(pc.if_else(pc.is_in(words, value_set=markers), pa.scalar(None, pa.string()), words))
    return pa.table(columns, names=table.schema.names)


def _guessed(encoding: str) -> str:
    return f"the file is not UTF-8; it was read as {encoding}"
