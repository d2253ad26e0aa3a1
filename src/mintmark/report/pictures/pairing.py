"""The columns of synthetic data beside the same columns of real data."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mintmark.data.arrays import Floats
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column
from mintmark.report.numerals import percent

MOST_ROWS = 20_000
"""Rows of a table that pictures are counted from, spread evenly over it."""


FARTHEST = 1e100


@dataclass(frozen=True)
class Pair:
    """One column in both; `real` is None where there is none of the same kind to show."""

    title: str
    table: str
    column: Column
    synthetic: pa.Array
    real: pa.Array | None

    def says(self, apart: float | None) -> str:
        """What a screen reader reads of a picture of both."""
        if apart is None:
            return f"How the values of {self.title} are spread in synthetic rows"
        return f"How the values of {self.title} are spread in real and synthetic rows, which differ by {percent(apart)}"


def pairs(synthetic: Dataset, real: Dataset | None) -> Iterator[Pair]:
    """Every column, in the order of its table; names bear their table's where there are several."""
    for name, table in synthetic.tables.items():
        beside = real.tables.get(name) if real else None
        if real and beside is None and len(real.tables) == len(synthetic.tables) == 1:
            beside = real.table
        for column in synthetic.schema[name].columns:
            title = column.name if len(synthetic.tables) == 1 else f"{name}.{column.name}"
            yield Pair(title, name, column, thinned(table, column.name), _same(beside, column))


def thinned(table: pa.Table, name: str) -> pa.Array:
    """A column's values, evenly spread over the table where there are many."""
    values = table[name].combine_chunks()
    if len(values) <= MOST_ROWS:
        return values
    return values.take(pa.array(np.linspace(0, len(values) - 1, MOST_ROWS).astype(np.int64)))


def quantities(values: Floats, column: Column) -> Floats:
    """The values that are amounts: neither missing, nor codes, nor so far out that no scale holds them."""
    return values[(np.abs(values) < FARTHEST) & ~np.isin(values, column.specials)]


def _same(table: pa.Table | None, column: Column) -> pa.Array | None:
    if table is None or column.name not in table.schema.names or not table.num_rows:
        return None
    values = thinned(table, column.name)
    if values.type == column.type or not column.numeric:
        return values
    try:
        return values.cast(column.type, safe=False)
    except pa.ArrowInvalid:
        return None
    except pa.ArrowNotImplementedError:
        return None
