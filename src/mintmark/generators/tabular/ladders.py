"""Ladders of steps that numbers are multiples of, and the classes of numbers that these make."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.schema import TEMPORAL, Column, Kind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_STEPS = 10

_SPANS = (1, 10, 60, 3_600, 86_400)
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def steps(column: Column, digits: int, numbers: Ints) -> Ints:
    """Steps from the finest to the widest that could matter."""
    if column.kind in TEMPORAL:
        return _of_moments(column)
    most = min(MOST_STEPS, 1 + int(np.log10(max(1, int(np.abs(numbers).max())))), digits + 6)
    return 10 ** np.arange(most, dtype=np.int64)


def shortened(ladder: Ints, numbers: Ints, rows: Ints, rare: int) -> Ints:
    """The ladder without the widest steps, of which fewer than `rare` rows are multiples."""
    multiples = np.array([rows[numbers % step == 0].sum() for step in ladder])
    return ladder[: max(1, int((multiples >= rare).sum()))]


def classes(ladder: Ints) -> tuple[Ints, Ints]:
    """Period and offset of each class: the digits but 0 of each step, and last the multiples of the widest."""
    pairs = [(wide, digit * step) for step, wide in zip(ladder[:-1].tolist(), ladder[1:].tolist(), strict=True)
             for digit in range(1, wide // step)]  # fmt: skip
    period, offset = zip(*pairs, (int(ladder[-1]), 0), strict=True)
    return np.array(period, np.int64), np.array(offset, np.int64)


def class_of(numbers: Ints, ladder: Ints) -> Ints:
    """The class of each number."""
    out = np.full(len(numbers), int((ladder[1:] // ladder[:-1] - 1).sum()))
    start = 0
    left = np.ones(len(numbers), dtype=bool)
    for step, wide in zip(ladder[:-1].tolist(), ladder[1:].tolist(), strict=True):
        digit = numbers // step % (wide // step)
        here = left & (digit > 0)
        out[here] = start + digit[here] - 1
        left &= digit == 0
        start += wide // step - 1
    return out


def points(first: Ints, last: Ints, period: Ints, offset: Ints) -> Floats:
    """(cells, classes) how many numbers of each class a cell holds."""
    low, high = first[:, None], last[:, None]
    return np.maximum(0, (high - offset) // period + (offset - low) // period + 1).astype(np.float64)


def _of_moments(column: Column) -> Ints:
    """Of whole days the week; else seconds, tens, minutes, hours and days, as far as the grid tells them apart."""
    unit = 1 if pa.types.is_date32(column.type) else _UNITS[getattr(column.type, "unit", "ms")]
    tick = column.step if pa.types.is_date32(column.type) else column.step / unit / 86_400
    if tick == 1:  # day 0 is a Thursday
        return np.array([1, 7]) if column.kind in (Kind.DATE, Kind.DATETIME) else np.array([1])
    if pa.types.is_date32(column.type):
        return np.array([1])
    spans = [span * unit // column.step for span in _SPANS if span * unit % column.step == 0]
    steps = [1]
    for span in spans:
        if span > steps[-1] and span % steps[-1] == 0 and span // steps[-1] <= 100:
            steps.append(span)
    return np.array(steps, dtype=np.int64)
