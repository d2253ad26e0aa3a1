"""Which parts of the data a filter thinned out: levels and ends of which far fewer rows are left than of the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import stats

from mintmark.words import coded

LEVELS = 50
"""A column of more different values has no levels."""
END = 0.05
"""The share of rows that is an end of a column of numbers, or of a text's length."""
ALPHA = 0.01
"""The chance that anything is named where rows were left out at random."""


@dataclass(frozen=True)
class Tail:
    """A part of the rows, and how much of it is left."""

    column: str
    part: str
    """Which rows: a level, or an end."""
    before: float
    """Their share of all rows."""
    after: float
    """Their share of the rows that were kept."""


def pruned(rows: pa.Table, keep: NDArray[np.bool_], columns: Sequence[str] | None = None) -> list[Tail]:
    """The parts that were halved or worse, more than chance explains, the worst first.

    Levels of columns with few values, the lowest and highest twentieth of numbers, and of the number of words of texts.
    Chance: the hypergeometric distribution, with as many rows left out at random (Bonferroni over all parts looked at).
    """
    parts = [part for name in columns or rows.column_names for part in _parts(name, rows[name])]
    count, kept = len(rows), int(keep.sum())
    found = []
    for column, part, inside in parts:
        before, after = int(inside.sum()), int((inside & keep).sum())
        chance = float(stats.hypergeom.cdf(after, count, before, kept))
        if kept and after / kept <= before / count / 2 and chance < ALPHA / len(parts):
            found.append(Tail(column, part, before / count, after / kept))
    return sorted(found, key=lambda tail: (tail.after / tail.before, tail.column, tail.part))


Part = tuple[str, str, NDArray[np.bool_]]


def _parts(name: str, values: pa.ChunkedArray) -> Iterator[Part]:
    held = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_integer(held) or pa.types.is_floating(held):
        yield from _ends(name, "values", values.cast(pa.float64()).to_numpy())
        return
    if not (pa.types.is_string(held) or pa.types.is_large_string(held) or pa.types.is_boolean(held)):
        return
    words = values.cast(pa.string()) if pa.types.is_boolean(held) else values.cast(held)
    levels = pc.unique(words)
    if len(levels) <= LEVELS:
        for level in levels.to_pylist():
            same = pc.is_null(words) if level is None else pc.fill_null(pc.equal(words, level), False)
            yield name, "missing" if level is None else f"is {level}", same.to_numpy()
    elif not pa.types.is_boolean(held):
        yield from _ends(name, "texts, in words", coded.words(words.to_pylist()).counts.astype(np.float64))


def _ends(name: str, what: str, numbers: NDArray[np.float64]) -> Iterator[Part]:
    there = numbers[~np.isnan(numbers)]
    if len(there):
        low, high = np.quantile(there, [END, 1 - END])
        yield name, f"lowest {what} (up to {low:.6g})", numbers <= low
        yield name, f"highest {what} (from {high:.6g})", numbers >= high
