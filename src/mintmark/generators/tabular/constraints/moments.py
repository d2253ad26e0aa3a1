"""Moments that follow others closely, found in training rows: a trip ends minutes after it starts.

A learner draws a moment from a bin: among the trips of a month, within hours. Start and end drawn apart make trips of a
day, and ends before starts. Learnt as its distance from the start, the end is as exact as that distance.
"""

from collections.abc import Iterator, Mapping, Set

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.expressions import Expression, quoted
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.generators.tabular.constraints.form import Known

FEWEST_ROWS = 50
CLOSE = 0.05
"""A distance may spread by this part of how much the moments themselves do."""
MOST = 20
"""Columns of moments that are looked at."""
MIDDLE = (0.02, 0.98)
"""What spreads are taken between: a few trips may last for days."""


def found(known: Known, schema: TableSchema, *, apart: Set[str]) -> Iterator[tuple[str, Expression]]:
    """Columns that lie close behind another one in all rows, and the nearest of those; `apart` are left out."""
    moments = [column for column in schema.columns
               if column.kind in (Kind.DATE, Kind.DATETIME) and column.name not in apart
               and 0 < len(column.name) < 500 and "`" not in column.name][:MOST]  # fmt: skip
    ticks = {column.name: _ticks(known[column.name], column) for column in moments}
    for column in moments:
        near = [(spread, other.name) for other in moments if other is not column and other.type == column.type
                and (spread := _spread_behind(ticks, column.name, other.name)) is not None]  # fmt: skip
        if near:
            yield column.name, Expression.parse(quoted(min(near)[1]))


def _ticks(array: pa.Array, column: Column) -> NDArray[np.float64]:
    """Moments in units of the column's type."""
    return arrays.numbers(array, column) * column.step


def _spread_behind(ticks: Mapping[str, NDArray[np.float64]], name: str, other: str) -> float | None:
    """How much the distance spreads; None where it is no narrower than the moments, or is negative in any row."""
    distance = ticks[name] - ticks[other]
    there = ~np.isnan(distance)
    if there.sum() < FEWEST_ROWS or distance[there].min() < 0 or not distance[there].any():
        return None
    spreads = [float(np.ptp(np.quantile(values[there], MIDDLE))) for values in (distance, ticks[name])]
    return spreads[0] if spreads[0] <= CLOSE * spreads[1] else None
