"""A holdout from a file of its own: in the columns of the training data, and refused where it is not unseen."""

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column
from mintmark.errors import DataError
from mintmark.metrics import overlap


def unseen(holdout: Dataset, train: Dataset, *, where: str = "holdout") -> Dataset:
    """The holdout as the training data have it; its other columns are left out.

    DataError where it lacks a column, where values mean something else than the training data's, or where its rows are
    training rows (see `overlap.refuse`).
    """
    lacking = [name for name in train.columns.names if name not in holdout.columns.names]
    if lacking:
        fix = "give real data of the same form, or drop the columns from both"
        found = ", ".join(lacking[:20]) + (f", and {len(lacking) - 20} more" if len(lacking) > 20 else "")
        raise DataError("the holdout lacks columns of the training data", where=where, found=found, fix=fix)
    columns = [_read(holdout.table[column.name], column, where) for column in train.columns.columns]
    out = Dataset(train.schema, {train.name: pa.table(columns, schema=train.columns.arrow())})
    overlap.refuse(train, out, where=where)
    return out


def _read(values: pa.ChunkedArray, column: Column, where: str) -> pa.ChunkedArray:
    """Values in the type of the training data, where that changes none of them."""
    if values.type == column.type:
        return values
    try:
        if _coarser(values.type, column):
            raise pa.ArrowInvalid("dates hold no time of day")
        out = arrays.times(values, column.type)
        if (
            pa.types.is_boolean(column.type)
            and not pc.all(pc.equal(out.cast(values.type), values), min_count=0).as_py()
        ):
            raise pa.ArrowInvalid("some values are neither 0 nor 1")
    except (ValueError, TypeError, NotImplementedError) as error:
        raise DataError(
            f"column {column.name} holds other values than the training data's",
            where=where,
            found=f"{values.type}, and {column.type} in the training data ({error})",
            fix="write both alike, or drop the column from both",
        ) from error
    return out


def _coarser(found: pa.DataType, column: Column) -> bool:
    """Dates for moments, where not all of these are midnights."""
    if not (pa.types.is_date(found) and pa.types.is_timestamp(column.type)):
        return False
    day = 86_400 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    return column.step % day != 0
