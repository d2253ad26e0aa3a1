"""Rows that are about the same entity: which they are, and what goes on from row to row within one."""

import numpy as np
from numpy.typing import NDArray

from mintmark.data.masked import Masked

Ints = NDArray[np.int64]


def entities(column: Masked) -> tuple[Ints, Ints]:
    """Where each entity first stands, and which entity each row belongs to."""
    texts = np.array(texts_of(column), dtype=object)
    _, first, entity = np.unique(texts.astype(str), return_index=True, return_inverse=True)
    return first, entity.ravel()


def runs(rows: int, mean: float, rng: np.random.Generator) -> Ints:
    """Entity of each row, in succession: 1 + Poisson(mean − 1) rows each."""
    if not rows:
        return np.zeros(0, np.int64)
    sizes = 1 + rng.poisson(mean - 1, size=rows)
    return np.repeat(np.arange(rows), sizes)[:rows]


def within(entity: Ints) -> Ints:
    """Place of each row in its entity, in the order of rows."""
    order = np.argsort(entity, kind="stable")
    starts = np.flatnonzero(np.diff(entity[order], prepend=-1))
    out = np.empty(len(entity), np.int64)
    out[order] = np.arange(len(entity)) - np.repeat(starts, np.diff(np.append(starts, len(entity))))
    return out


def running(how: str, column: Masked, entity: Ints) -> Masked:
    """In each entity, in the order of rows: the value before (`previous`), or the sum so far."""
    order = np.argsort(entity, kind="stable")
    fresh = np.diff(entity[order], prepend=-1) != 0
    out, missing = column.values.copy(), column.missing.copy()
    if how == "previous":
        out[order[1:]], missing[order[1:]] = column.values[order[:-1]], column.missing[order[:-1]]
        missing[order[fresh]] = True
        return Masked(out, missing)
    values = np.where(column.missing, 0, column.values).astype(np.float64)[order]
    total = np.cumsum(values)
    starts = np.flatnonzero(fresh)
    before = np.repeat(total[starts] - values[starts], np.diff(np.append(starts, len(order))))
    out = np.empty(len(order))
    out[order] = total - before
    return Masked.of(out)


def texts_of(column: Masked) -> list[str]:
    """Values as the recipe writes them; whole numbers without a point, truths in small letters."""
    values = column.values.tolist()
    words = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v).lower() if isinstance(v, bool)
             else str(v) for v in values]  # fmt: skip
    return ["missing" if gone else word for word, gone in zip(words, column.missing.tolist(), strict=True)]


def take(column: Masked, rows: Ints) -> Masked:
    """The values of these rows."""
    return Masked(column.values[rows], column.missing[rows], column.levels)
