"""Columns that are copies of others, or lie on one line with them, found in training rows.

A learner that draws both apart makes rows in which miles and kilometres disagree. Enough distinct values must agree
that it is no accident.
"""

from collections.abc import Iterator, Set

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark import digest
from mintmark.data import arrays
from mintmark.data.expressions import Expression, quoted
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.generators.tabular.constraints import formula
from mintmark.generators.tabular.constraints.form import Known

FEWEST_ROWS = 20
FEWEST_VALUES = 5
"""Numbers on a line: any two values lie on one, and three seldom do by chance."""
LOOKED_AT = 1000
DIGITS = 5
"""Numbers on a line are told by their places between the first and the last, in so many digits."""


def found(known: Known, schema: TableSchema, *, apart: Set[str]) -> Iterator[tuple[str, Expression]]:
    """Columns that may be computed from an earlier one, and how; `apart` are left out."""
    first: dict[str, Column] = {}
    for column in schema.columns:
        if column.name in apart or column.kind in (Kind.TEXT, Kind.KEY) or not _writable(column.name):
            continue
        array = known[column.name]
        for mark in _marks(array, column):
            other = first.setdefault(mark, column)
            if other is column:
                continue
            expression = _expression(array, column, known[other.name], other)
            if expression is not None:
                yield column.name, expression
                break


def _writable(name: str) -> bool:
    """Can an expression name this column?"""
    return 0 < len(name) < 500 and "`" not in name


def _marks(array: pa.Array, column: Column) -> Iterator[str]:
    """What two columns have in common where one may be computed from the other."""
    if len(array) < FEWEST_ROWS:
        return
    head = array.slice(0, LOOKED_AT)
    gone = head.is_null().to_numpy(zero_copy_only=False).tobytes()
    if not column.numeric:
        if len(column.levels) > 1:
            yield digest.of_bytes(gone + "\0".join(word or "" for word in arrays.text(head).to_pylist()).encode())
        return
    numbers = arrays.numbers(head, column)
    numbers = numbers[np.isfinite(numbers)]
    if len(np.unique(numbers)) < FEWEST_VALUES or column.kind != Kind.NUMBER:
        if column.kind != Kind.NUMBER and len(np.unique(numbers)) > 1:
            yield digest.of_bytes(gone + f"{column.type}{column.step}".encode() + numbers.tobytes())
        return
    low, high = int(np.argmin(numbers)), int(np.argmax(numbers))
    low, high = min(low, high), max(low, high)
    places = np.round((numbers - numbers[low]) / (numbers[high] - numbers[low]), DIGITS) + 0.0
    yield digest.of_bytes(gone + places.tobytes())


def _expression(array: pa.Array, column: Column, other: pa.Array, source: Column) -> Expression | None:
    """How the column follows from the other, where it does in every row."""
    columns = {source.name: source}
    known = {source.name: other, column.name: array}
    plain = formula.copy(source.name)
    if _exactly(plain, known, column, columns):
        return plain
    if column.kind != Kind.NUMBER or source.kind != Kind.NUMBER or column.specials or source.specials:
        return None
    line = _line(arrays.numbers(other, source), arrays.numbers(array, column))
    if line is None:
        return None
    slope, start = line
    text = quoted(source.name) if slope == 1 else f"{quoted(source.name)} * {slope!r}"
    told = Expression.parse(text if start == 0 else f"{text} + {start!r}")
    return told if _exactly(told, known, column, columns) else None


def _exactly(expression: Expression, known: Known, column: Column, columns: dict[str, Column]) -> bool:
    made = formula.learnt(column, expression, known, columns)
    if made is None or made.kept:
        return False
    again = made.inverse(known, {})[column.name]
    return bool(arrays.text(again).equals(arrays.text(known[column.name])))


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float] | None:
    """Slope and start of the line through the outermost points, in few digits where these suffice."""
    both = np.isfinite(x) & np.isfinite(y)
    if len(np.unique(x[both])) < FEWEST_VALUES:
        return None
    low, high = int(np.nanargmin(x)), int(np.nanargmax(x))
    slope = float((y[high] - y[low]) / (x[high] - x[low]))
    for digits in (3, 6, 9, 15):
        short = float(f"{slope:.{digits}g}")
        start = float(f"{y[low] - short * x[low]:.{digits}g}")
        start = 0.0 if abs(start) <= 1e-12 * abs(y[low]) else start
        if short and np.allclose(y[both], short * x[both] + start, rtol=1e-12, atol=1e-12):
            return short, start
    return (slope, float(y[low] - slope * x[low])) if slope else None
