"""What is written to disk: Parquet, Arrow, CSV, JSON Lines and chats, in bounded memory, whole or not at all."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv
from pyarrow import ipc

from mintmark import digest, disk
from mintmark.data import chat, guarding, plain
from mintmark.data.chat import Roles
from mintmark.digest import Digest
from mintmark.errors import DataError, UnknownName

Form = Literal["parquet", "arrow", "csv", "jsonl"]

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
"""A file name that is the same file on every system, hides nothing and leads nowhere else."""

ROW_GROUP = 1 << 17
LINES = 1 << 14
"""So many lines of JSON are put together at once."""

Out = IO[bytes]
Counts = Counter[str]


@dataclass(frozen=True)
class Written:
    """A file that is on disk, and what was done to its cells on the way."""

    path: Path
    digest: Digest
    """Of the file's bytes."""
    rows: int
    guarded: Mapping[str, int] = field(default_factory=dict)
    """How many cells of each column were kept from being formulas; a guarded column name counts as one."""


def write(
    batches: Iterable[pa.Table],
    schema: pa.Schema,
    path: Path,
    *,
    form: Form | str,
    raw: bool = False,
    roles: Roles | None = None,
) -> Written:
    """Writes batches of rows to one file as they come; several times the size of a batch is all that is held.

    The file appears under its name when it is complete and on disk, and never otherwise. `raw` leaves text that looks
    like a formula as it is; `roles` say which columns hold a conversation, for the forms of `chat`. Raises
    UnknownName for a form, DataError for an unsafe name, batches of another schema or a row that is no conversation,
    and StorageError where the disk is full or closed.
    """
    write = WRITERS.get(form) if roles is None or form not in chat.FORMS else _chat(form, roles)
    if write is None:
        raise UnknownName("file form", form, [*WRITERS, *(chat.FORMS if roles is not None else ())])
    if not SAFE_NAME.fullmatch(path.name):
        fix = "use up to 64 of a-z, 0-9, _, . and -, beginning with a letter or digit"
        raise DataError("this file name is not safe", found=repr(path.name), fix=fix)
    counts: Counts = Counter()
    with disk.storage(path), disk.draft(path.parent) as draft:
        with draft.open("wb") as file:
            rows = write(_matching(batches, schema), schema, file, None if raw else counts)
        written = digest.of_file(draft)
        disk.publish(draft, path)
    return Written(path, written, rows, dict(counts))


def _matching(batches: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    for batch in batches:
        if batch.schema.names != schema.names:
            found = ", ".join(batch.schema.names)
            raise DataError("a batch does not hold the columns of its schema", found=found)
        yield batch.cast(schema)


def _parquet(batches: Iterator[pa.Table], schema: pa.Schema, file: Out, counts: Counts | None) -> int:  # noqa: ARG001
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(batch, row_group_size=ROW_GROUP)
            rows += batch.num_rows
    return rows


def _arrow(batches: Iterator[pa.Table], schema: pa.Schema, file: Out, counts: Counts | None) -> int:  # noqa: ARG001
    rows = 0
    # A dictionary that grows from batch to batch is written anew, which the file format allows only as a delta.
    options = ipc.IpcWriteOptions(compression="zstd", unify_dictionaries=True, emit_dictionary_deltas=True)
    with ipc.new_stream(file, schema, options=options) as writer:
        for batch in batches:
            writer.write_table(batch)
            rows += batch.num_rows
    return rows


def _csv(batches: Iterator[pa.Table], schema: pa.Schema, file: Out, counts: Counts | None) -> int:
    names = [_guarded_name(name, counts) for name in schema.names]
    # Names are quoted only where they must be, so that a reader can tell quotes that mean something.
    file.write((",".join(map(_cell, names)) + "\n").encode())
    rows, options = 0, arrow_csv.WriteOptions(include_header=False)
    for batch in batches:
        arrow_csv.write_csv(_guarded(plain.table(batch), counts), file, options)
        rows += batch.num_rows
    return rows


def _jsonl(batches: Iterator[pa.Table], schema: pa.Schema, file: Out, counts: Counts | None) -> int:  # noqa: ARG001
    rows = 0
    for batch in batches:
        for start in range(0, batch.num_rows, LINES):
            file.write(plain.json_lines(plain.table(batch.slice(start, LINES))))
        rows += batch.num_rows
    return rows


def _chat(form: str, roles: Roles) -> "Writer":
    def write(batches: Iterator[pa.Table], schema: pa.Schema, file: Out, counts: Counts | None) -> int:  # noqa: ARG001
        rows = 0
        for batch in batches:
            for start in range(0, batch.num_rows, LINES):
                file.write(chat.lines(batch.slice(start, LINES), form, roles, first=rows + start))
            rows += batch.num_rows
        return rows

    return write


def _guarded(table: pa.Table, counts: Counts | None) -> pa.Table:
    if counts is None:
        return table
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            words, count = guarding.guarded(table.column(place))
            if count:
                counts[column.name] += count
                table = table.set_column(place, column.name, words)
    return table


def _guarded_name(name: str, counts: Counts | None) -> str:
    safe = name if counts is None else guarding.guarded_name(name)
    if counts is not None and safe != name:
        counts[name] += 1
    return safe


def _cell(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search(r'[",\r\n;\t|]|^\s|\s$|^$', name) else name


Writer = Callable[[Iterator[pa.Table], pa.Schema, Out, Counts | None], int]

WRITERS: Mapping[str, Writer] = {
    "parquet": _parquet,
    "arrow": _arrow,
    "csv": _csv,
    "jsonl": _jsonl,
}
"""What writes each form."""

assert set(WRITERS) == set(get_args(Form))
