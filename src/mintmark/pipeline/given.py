"""Rows that a step is given, as a file that is written once and that any process reads a slice of."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema


def write_given(path: Path, tables: Iterator[pa.Table], schema: Schema) -> None:
    """Writes the rows, with their schema in the file's own metadata."""
    name, table_schema = next(iter(schema.tables.items()))
    described = table_schema.arrow().with_metadata({"mintmark": json.dumps(schema.to_json()), "name": name})
    with pq.ParquetWriter(path, described, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(described), row_group_size=100_000)


def read_given(path: Path, start: int, rows: int) -> Dataset:
    """So many of the rows, from a place on; only the parts of the file that hold them are read."""
    file = pq.ParquetFile(path, memory_map=True)
    metadata = file.schema_arrow.metadata
    schema = Schema.from_json(json.loads(metadata[b"mintmark"]))
    first, at = 0, 0
    groups: list[int] = []
    for group in range(file.num_row_groups):
        size = file.metadata.row_group(group).num_rows
        if at + size > start and at < start + rows:
            first = at if not groups else first
            groups.append(group)
        at += size
    table = file.read_row_groups(groups).slice(start - first, rows).replace_schema_metadata(None)
    return Dataset(schema, {metadata[b"name"].decode(): table})


def given_columns(path: Path | None) -> list[str]:
    """Names of the columns that are given, where any are."""
    return pq.read_schema(path).names if path else []
