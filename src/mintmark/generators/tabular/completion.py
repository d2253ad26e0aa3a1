"""What is given, checked against what was learnt: parts of rows that a sampler completes."""

import numpy as np
import pyarrow as pa

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Schema, TableSchema
from mintmark.errors import ConditionError, InputError


def parts(given: Dataset | None, *, name: str, schema: TableSchema, count: int) -> dict[str, pa.Array]:
    """The given columns in their exact storage types; empty where nothing is given.

    Raises InputError for a number of rows that is none; ConditionError for what is no dataset, a table or column that
    is not the sampler's, a value outside a column's domain, and a number of rows that differs from `count`.
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 0:
        raise InputError("a count is a whole number, 0 or more", found=repr(count))
    if given is None:
        return {}
    if not isinstance(given, Dataset):
        raise ConditionError("what is given is a Dataset", found=type(given).__name__,
                             fix="give mintmark.Dataset.of(…), with the columns that are known")  # fmt: skip
    if set(given.tables) != {name}:
        raise ConditionError(f"only parts of rows of {name} can be given here", found=", ".join(given.tables))
    table = given.table
    unknown = [column for column in table.column_names if column not in schema.names]
    if unknown:
        raise ConditionError(
            "there is no such column", found=", ".join(unknown), fix=f"give: {', '.join(schema.names)}"
        )
    if table.num_rows != count:
        raise ConditionError(f"{count} rows are asked, but parts of {table.num_rows} are given",
                             fix=f"ask for {table.num_rows}")  # fmt: skip
    return {column: _checked(table[column], schema[column]) for column in table.column_names}


def assemble(made: dict[str, pa.Array], *, name: str, schema: TableSchema) -> Dataset:
    """The finished rows in the order and storage types of the schema."""
    columns = [made[column.name] for column in schema.columns]
    return Dataset(Schema({name: schema}), {name: pa.Table.from_arrays(columns, schema=schema.arrow())})


def _checked(values: pa.ChunkedArray, column: Column) -> pa.Array:
    flat = values.combine_chunks()
    if flat.null_count and not column.nullable:
        raise ConditionError(f"column {column.name} is never missing, but is given so")
    if column.discrete:
        _check_levels(flat, column)
    try:
        stored = flat if flat.type == column.type else _cast(flat, column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ConditionError(f"what is given for {column.name} is no {column.type}", found=str(error)) from error
    if column.numeric:
        _check_range(stored, column)
    return stored


def _cast(flat: pa.Array, column: Column) -> pa.Array:
    return arrays.from_text(arrays.text(flat), column.type) if column.discrete else flat.cast(column.type)


def _check_levels(flat: pa.Array, column: Column) -> None:
    unknown = np.flatnonzero(arrays.codes(flat, column) == -2)
    if len(unknown):
        found = sorted({str(arrays.text(flat)[int(row)]) for row in unknown[:1000]})[:5]
        known = ", ".join(column.levels[:20]) + (" …" if len(column.levels) > 20 else "")
        raise ConditionError(f"column {column.name} has no such value", found=", ".join(found), fix=f"give: {known}")


def _check_range(stored: pa.Array, column: Column) -> None:
    values = arrays.numbers(stored, column)
    low, high = column.low, column.high
    inside = np.isnan(values) | np.isin(values, column.specials)
    inside |= (values >= (-np.inf if low is None else low)) & (values <= (np.inf if high is None else high))
    if not inside.all():
        found = stored[int(np.flatnonzero(~inside)[0])]
        raise ConditionError(f"column {column.name} has no such value", found=str(found),
                             fix=f"give values from {low:g} to {high:g}")  # fmt: skip
