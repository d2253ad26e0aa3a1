"""What text recipes make: rows with text in them, and the schema that is known before any is paid for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mintmark.data.dataset import ROWS, Dataset
from mintmark.data.schema import Column, Kind, Schema, TableSchema
from mintmark.errors import ConditionError, DataError, UnknownName


def text(name: str, *, nullable: bool = False) -> Column:
    """A column of free text."""
    return Column(name, Kind.TEXT, pa.string(), nullable=nullable)


def category(name: str, levels: Iterable[str]) -> Column:
    """A column of one word of few."""
    return Column(name, Kind.CATEGORY, pa.string(), levels=tuple(levels))


def dataset(schema: TableSchema, rows: Sequence[Mapping[str, Any]], *, name: str = ROWS) -> Dataset:
    """Rows with the columns of a schema; what a row does not hold is missing."""
    columns = [pa.array([row.get(column.name) for row in rows], column.type) for column in schema.columns]
    return Dataset(Schema({name: schema}), {name: pa.Table.from_arrays(columns, schema=schema.arrow())})


@dataclass(frozen=True)
class Row:
    """One row that was made: its columns, and the request whose answer it is."""

    values: Mapping[str, Any]
    asked: str = ""


def joined(given: TableSchema, more: Sequence[Column]) -> TableSchema:
    """The schema of given rows with new columns beside theirs; ConditionError where one is there already."""
    for column in more:
        if column.name in given.names:
            raise ConditionError(f"the given rows have a column {column.name} already",
                                 fix="choose another name for what is made")  # fmt: skip
    return TableSchema((*given.columns, *more), key=given.key)


def alone(schema: TableSchema, given: TableSchema | None, what: str) -> TableSchema:
    """The schema itself; ConditionError where rows are given to a method that completes none."""
    if given is not None:
        raise ConditionError(f"{what} completes no rows", found=", ".join(given.names), fix="leave out `given`")
    return schema


def completed(given: Dataset, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> Dataset:
    """The given rows with what was made for each of them."""
    schema = joined(given.columns, columns)
    made = {column.name: pa.array([row.get(column.name) for row in rows], column.type) for column in columns}
    table = given.table
    held = [made[name] if name in made else table[name] for name in schema.names]
    return Dataset(Schema({given.name: schema}), {given.name: pa.Table.from_arrays(held, schema=schema.arrow())})


def texts(real: Dataset | None, column: str, what: str) -> list[str]:
    """The texts of a column of the training rows that are not blank; DataError where there are none."""
    if real is None:
        raise DataError(f"{what} learns from texts", found="no real data", fix="name them in `real`")
    if column not in real.columns.names:
        raise UnknownName("column", column, real.columns.names, where=what)
    found = [each for each in real.table[column].cast(pa.string()).to_pylist() if each and each.strip()]
    if not found:
        raise DataError(f"column {column} holds no text", where=what)
    return found


def holds(real: Dataset | None, *columns: str) -> Dataset | None:
    """The training rows, where they have these columns: who is given rows can do without."""
    return real if real is not None and set(columns) <= set(real.columns.names) else None


def rows_of(data: Dataset) -> list[dict[str, Any]]:
    """Rows as plain text by column, as prompts show them."""
    table = data.table
    held = {name: table[name].cast(pa.string()).to_pylist() for name in table.column_names}
    return [dict(zip(held, row, strict=True)) for row in zip(*held.values(), strict=True)]
