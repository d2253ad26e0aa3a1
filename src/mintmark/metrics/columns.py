"""How far one column of two tables is apart: by distribution functions if it is a number, else by shares of levels."""

from collections.abc import Sequence

import numpy as np

from mintmark.metrics.cells import Cut, Places, block_counts
from mintmark.metrics.features import Floats


def distances(
    cut: Cut, sides: tuple[Floats, Floats], blocks: Sequence[Places], weights: Sequence[Floats]
) -> tuple[float, Floats]:
    """The distance of two columns, shape (n,) and (m,), and its bootstrap draws, shape (draws,).

    `blocks` and `weights` of both sides are those of `intervals.blocks` and `intervals.block_weights`.
    """
    cells, size = counted(cut, sides)
    counts = [block_counts(places, size, block) for places, block in zip(cells, blocks, strict=True)]
    drawn = [_shares(weight @ count) for weight, count in zip(weights, counts, strict=True)]
    if cut.column.discrete:
        return float(total_variation(*(_shares(count.sum(axis=0)) for count in counts))), total_variation(*drawn)
    return kolmogorov(*sides), np.abs(np.cumsum(drawn[0] - drawn[1], axis=-1)).max(axis=-1)


def kolmogorov(X: Floats, Y: Floats) -> float:
    """The widest gap of two distribution functions (Smirnov 1939), with missing as the lowest value; exact."""
    known = [np.sort(side[~np.isnan(side)]) for side in (X, Y)]
    missing = [len(side) - len(values) for side, values in zip((X, Y), known, strict=True)]
    at = np.sort(np.concatenate(known))
    ours, theirs = (
        (gone + np.searchsorted(values, at, "right")) / (gone + len(values))
        for values, gone in zip(known, missing, strict=True)
    )
    return float(np.abs(ours - theirs).max(initial=abs(missing[0] / len(X) - missing[1] / len(Y))))


def total_variation(p: Floats, q: Floats) -> Floats:
    """½ Σ |p − q| of shares, shape (…, cells)."""
    return np.abs(p - q).sum(axis=-1) / 2


def counted(cut: Cut, sides: tuple[Floats, Floats]) -> tuple[tuple[Places, Places], int]:
    """The cell of each value of both columns, and how many cells there are; of a number in increasing order.

    Each point that cuts a number has a cell of its own, beside those of what lies between points: in one with it, a
    synthetic 4 would pass for the real 5 above it. Missing values come first.
    """
    if cut.column.discrete:
        return (cut.place(sides[0]), cut.place(sides[1])), cut.size
    return (_steps(cut, sides[0]), _steps(cut, sides[1])), 2 * len(cut.points) + 2


def _steps(cut: Cut, values: Floats) -> Places:
    place = np.searchsorted(cut.points, values, "left") + np.searchsorted(cut.points, values, "right") + 1
    return np.where(np.isnan(values), 0, place)


def _shares(counts: Floats) -> Floats:
    return counts / counts.sum(axis=-1, keepdims=True)
