"""How finely the numbers of a column are written, and in which digits: heaps at round values, trailing zeros, weekdays.

People write 4,500 and not 4,483; a gauge that shows four digits says 9.742 and 17.99. A value belongs to the widest
step of a ladder (1, 10, 100 …; seconds, minutes, days) that it is a multiple of, and there to the last digit that is
left: its class. What is counted is how much likelier than chance each class is in a region of the column, never which
value was seen: a fresh number is moved to the nearest value, within its bin, of a class that is drawn by these odds.
Values that stand as tokens of their own are no part of this. Odds and counts are made to agree by iterative
proportional fitting (Deming, Stephan 1940), which is here the likelihood's maximum.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats
from scipy.special import xlogy

from mintmark.data.schema import TEMPORAL, Column
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import ladders

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT = 2.0**53
"""Numbers on the grid are counted exactly below this."""
FEWEST = 10
"""A region holds at least so many rows."""
ROOMY, MOST_REGIONS = 1_000, 16
"""A column is parted into so many regions of equal mass, where each holds this many rows; and at powers of ten."""
EVEN = 50.0
"""The last digits of one step are drawn towards equal shares as if this many more rows showed each as often."""
NEVER = 20.0
"""A class of which so many rows are expected, and none is seen, does not exist: no Sunday among bank days."""
BY_CHANCE = 1e-3
"""A column whose digits chance alone would make as uneven with this probability is left as it is."""
ROUNDS = 20


@dataclass(frozen=True)
class Grains:
    """The classes of values in each cell of a column; a cell is the part of a bin that lies in one region."""

    digits: int
    """Values are whole numbers after multiplication by 10^digits; all steps and ends are told in these."""
    ladder: Ints
    """(steps,) from 1 on, each a multiple of the one before."""
    edges: Floats
    """(cells − 1,) a value at or above edges[i] lies in a cell above i."""
    first: Ints
    """(cells,) the smallest number of a cell."""
    last: Ints
    """(cells,) the largest one; that of a value which stands alone is the smallest one too."""
    region: Ints
    """(cells,)"""
    odds: Floats
    """(regions, classes) how much likelier a value of each class is than its share of all values."""

    @cached_property
    def classes(self) -> tuple[Ints, Ints]:
        """(classes,) period and offset: a class holds offset + period × any whole number."""
        return ladders.classes(self.ladder)

    @cached_property
    def _finest(self) -> int:
        """The finest step of which there are values: where a cell has no class, they are multiples of this."""
        period, offset = self.classes
        shown = np.where(self.odds.any(axis=0), np.gcd(period, offset), period[-1])
        return int(shown.min())

    @cached_property
    def _cumulative(self) -> Floats:
        """(cells × classes,) cell number plus the share of its rows up to and with each class."""
        weight = self.odds[self.region] * ladders.points(self.first, self.last, *self.classes)
        total = weight.sum(axis=1, keepdims=True)
        share = np.cumsum(np.divide(weight, total, out=np.zeros_like(weight), where=total > 0), axis=1)
        return (np.arange(len(share))[:, None] + share).ravel()

    def write(self, values: Floats, where: Floats) -> Floats:
        """Values moved to near ones of a class that is drawn; `where` in [0, 1) says which. NaN stays NaN."""
        period, offset = self.classes
        cell = np.searchsorted(self.edges, values, side="right")
        cell[np.isnan(values)] = 0
        drawn = np.searchsorted(self._cumulative, cell + where, side="right") - cell * len(period)
        drawn = np.clip(drawn, 0, len(period) - 1)
        size, start = period[drawn], offset[drawn]
        low, high = -((start - self.first[cell]) // size), (self.last[cell] - start) // size
        scaled = np.where(np.isnan(values), 0.0, values) * 10.0**self.digits
        number = start + size * np.clip(np.rint((scaled - start) / size), low, high)
        number = np.where(low <= high, number, self._finest * np.rint(scaled / self._finest))
        return np.where(np.isnan(values), np.nan, number / 10.0**self.digits)

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        parts = {part: getattr(self, part) for part in ("ladder", "edges", "first", "last", "region", "odds")}
        return {f"{prefix}.{part}": value for part, value in parts.items()} | {
            f"{prefix}.digits": np.array(self.digits)
        }

    @classmethod
    def from_arrays(cls, stored: Arrays, prefix: str) -> "Grains":
        """The inverse; LedgerError where a value could be moved out of its cell or have no class."""
        ladder, first, last, region = (stored[f"{prefix}.{part}"].astype(np.int64)
                                       for part in ("ladder", "first", "last", "region"))  # fmt: skip
        edges, odds = (stored[f"{prefix}.{part}"].astype(np.float64) for part in ("edges", "odds"))
        digits = int(stored[f"{prefix}.digits"])
        need(
            0 <= digits <= 12 and ladder.ndim == 1 and 1 < len(ladder) <= ladders.MOST_STEPS and ladder[0] == 1, "steps"
        )
        need(bool(np.all(ladder[1:] > ladder[:-1]) and np.all(ladder[1:] % ladder[:-1] == 0)), "steps of a column")
        need(int((ladder[1:] // ladder[:-1]).max()) <= 100 and ladder[-1] < EXACT, "steps of a column")
        need(first.ndim == 1 and len(first) > 0 and first.shape == last.shape == region.shape, "cells of a column")
        need(bool(np.all(np.abs(first) < EXACT) and np.all(np.abs(last) < EXACT)), "cells of a column")
        need(edges.shape == (len(first) - 1,) and bool(np.all(np.diff(edges) >= 0)), "cells of a column")
        need(odds.ndim == 2 and odds.shape[1] == len(ladders.classes(ladder)[0]), "classes of a column")
        need(bool(np.all((region >= 0) & (region < len(odds)))), "regions of a column")
        need(bool(np.isfinite(odds).all() and np.all(odds >= 0)), "classes of a column")
        return cls(digits, ladder, edges, first, last, region, odds)


def learn(unique: Floats, counts: Ints, column: Column, borders: Floats, ends: Floats, loose: NDArray[np.bool_], *,
          rare: int) -> Grains | None:  # fmt: skip
    """How the values in bins are written; None where nothing is uneven, or where values lie on no grid.

    `unique` values, rising, and how many rows hold each; `borders` between tokens; `ends` (tokens, 2) between which a
    token's values are drawn; `loose` (tokens,) says which tokens are bins.
    """
    digits = 0 if column.kind in TEMPORAL or pa.types.is_integer(column.type) else column.decimals
    token = np.searchsorted(borders, unique, side="right")
    held = loose[token]
    if digits is None or not held.any() or np.abs(unique).max() >= EXACT / 10.0 ** (digits + 1):
        return None
    numbers, rows = np.rint(unique[held] * 10.0**digits).astype(np.int64), counts[held]
    ladder = ladders.shortened(ladders.steps(column, digits, numbers), numbers, rows, rare)
    if len(ladder) < 2:
        return None
    parts = _regions(unique[held], rows, column, 0.5 * 10.0**-digits)
    edges = np.union1d(borders, parts)
    first, last = _cells(edges, borders, ends, loose, digits)
    cell = np.searchsorted(edges, unique[held], side="right")
    region = np.searchsorted(parts, np.concatenate([edges, [np.inf]]), side="left")
    odds = _odds(
        cell,
        ladders.class_of(numbers, ladder),
        rows,
        region,
        ladders.points(first, last, *ladders.classes(ladder)),
        ladder,
        rare,
    )
    return None if odds is None else Grains(digits, ladder, edges, first, last, region, odds)


def _regions(values: Floats, rows: Ints, column: Column, half: float) -> Floats:
    """Where regions part: at powers of ten, for digits are counted from there, and at equal masses.

    Edges lie `half` a step beside the values; a power of ten belongs to those that are written with as many digits.
    """
    below = np.concatenate([[0], np.cumsum(rows)])
    many = min(MOST_REGIONS, int(below[-1]) // ROOMY)
    inner = values[np.searchsorted(below[1:], below[-1] * np.arange(1, many) / max(many, 1), side="right")]
    powers = 10.0 ** np.arange(-12, 16) if column.kind not in TEMPORAL else np.zeros(0)
    powers = powers[powers > half]
    wanted = np.unique(np.concatenate([inner - half, powers - half, half - powers]))
    kept: list[float] = []
    done = 0
    for edge, under in zip(wanted.tolist(), below[np.searchsorted(values, wanted, side="left")].tolist(), strict=True):
        if under - done >= FEWEST and below[-1] - under >= FEWEST:
            kept.append(edge)
            done = under
    return np.array(kept)


def _cells(edges: Floats, borders: Floats, ends: Floats, loose: NDArray[np.bool_], digits: int) -> tuple[Ints, Ints]:
    """The smallest and largest number of each cell."""
    low, high = np.concatenate([[-np.inf], edges]), np.concatenate([edges, [np.inf]])
    token = np.searchsorted(borders, high, side="left")
    low, high = np.maximum(low, ends[token, 0]), np.minimum(high, ends[token, 1])
    scale = 10.0**digits
    slack = 1e-9 * np.maximum(1, np.abs(low * scale))
    first, last = np.ceil(low * scale - slack).astype(np.int64), np.floor(high * scale + slack).astype(np.int64)
    last[:-1] -= last[:-1] >= edges * scale - slack[:-1]  # a number on an edge belongs to the cell above it
    alone = np.rint(ends[token, 0] * scale).astype(np.int64)
    return np.where(loose[token], first, alone), np.where(loose[token], last, alone)


def _odds(cell: Ints, kind: Ints, rows: Ints, region: Ints, points: Floats, ladder: Ints, rare: int) -> Floats | None:
    """(regions, classes), fitted so that each class is drawn as often as it was seen; None where chance explains it."""
    regions, classes = int(region.max()) + 1, points.shape[1]
    held = np.bincount(cell, rows, len(points))
    points = np.where(points.sum(axis=1, keepdims=True) > 0, points, 0.0)
    even = points * (held / np.maximum(points.sum(axis=1), 1))[:, None]

    def by_region(of_cells: Floats) -> Floats:
        out = np.zeros((regions, classes))
        np.add.at(out, region, of_cells)
        return out

    seen, expected = np.zeros((regions, classes)), by_region(even)
    np.add.at(seen, (region[cell], kind), rows)
    seen[expected == 0] = 0
    gain = 2 * float((xlogy(seen, seen / np.maximum(expected, 1e-9)) - seen + expected).sum())
    if gain < stats.chi2.isf(BY_CHANCE, max(1, int((expected > 0).sum()) - regions)):
        return None
    wanted = _smoothed(seen, expected, ladder, rare)
    odds = np.where(expected > 0, 1.0, 0.0)
    for _ in range(ROUNDS):
        weight = odds[region] * points
        drawn = by_region(weight * (held / np.maximum(weight.sum(axis=1), 1e-12))[:, None])
        odds *= np.divide(wanted, drawn, out=np.zeros_like(drawn), where=drawn > 0)
    return odds


def _smoothed(seen: Floats, expected: Floats, ladder: Ints, rare: int) -> Floats:
    """What is seen, less steps that fewer than `rare` rows of the column show, and with evener digits."""
    out = np.zeros_like(seen)
    never = (seen == 0) & (expected > NEVER)
    ends = [*np.cumsum(ladder[1:] // ladder[:-1] - 1).tolist(), seen.shape[1]]
    for start, end in pairwise([0, *ends]):
        part = slice(start, end)
        rows, even = seen[:, part].sum(axis=1, keepdims=True), np.where(never, 0.0, expected)[:, part]
        share = even / np.maximum(even.sum(axis=1, keepdims=True), 1e-12)
        if rows.sum() >= rare:
            out[:, part] = rows * (seen[:, part] + EVEN * share) / (rows + EVEN)
    return out
