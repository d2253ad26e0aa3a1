"""One column's noisy counts: its tokens, and the groups of tokens that the model tells apart.

A level is a token, and so is each value of a short grid. Of a longer one, and of numbers without a grid, the tokens
are common values and bins: equal parts of the domain, cut again where many rows lie, joined where few do.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import TEMPORAL, Column
from mintmark.generators.tabular.marginals import bins
from mintmark.generators.tabular.marginals.bins import Cells
from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.tokens import PARTS, Alphabet

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

GRID = 400
"""Up to this many values, each is a token of its own."""
LOOKS = (1 / 2, *[1 / 4 / bins.DEPTH] * bins.DEPTH)
"""Parts of a long column's budget for its cells and for cutting them; the rest goes to common values."""
CERTAIN = 3.0
"""Times the noise: fewer missing values than that are none."""
NO_BINS = (np.zeros(0), np.zeros((0, PARTS + 1)))
"""Borders and knots of a column without numbers."""


@dataclass(frozen=True)
class Counted:
    """A column's tokens with their noisy counts, the last of which is of missing values."""

    alphabet: Alphabet
    """Its masses are the noisy counts as they are, some below zero."""
    variance: Floats
    """(size + 1,) of the noise in each; 0 where a token cannot occur."""

    @property
    def total(self) -> tuple[float, float]:
        """The number of rows that the counts add up to, and its variance."""
        return float(self.alphabet.mass.sum()), float(self.variance.sum())


def levels(column: Column, array: arrays.Array, budget: Budget, *, rho: float) -> Counted:
    """Counts of the levels."""
    codes = known_codes(column, array)
    cells = len(column.levels) + int(column.nullable)
    noisy, sigma = budget.counts(np.bincount(codes, minlength=cells)[:cells], rho=rho, what=column.name)
    gone = float(noisy[-1]) if column.nullable else 0.0
    mass = noisy[: len(column.levels)].astype(float)
    return _finished(column, mass, np.full(len(mass), sigma**2), gone, sigma, *NO_BINS)


def numbers(column: Column, array: arrays.Array, budget: Budget, *, rho: float, delta: float) -> Counted:
    """Counts of a number's values, or of its common values and bins."""
    if column.low is None or column.high is None:
        # Nothing can be told of its values: all are missing.
        return Counted(Alphabet(replace(column, nullable=True), np.ones(1), *NO_BINS), np.zeros(1))
    values = known_values(column, array)
    spacing = grid(column)
    if spacing and round((column.high - column.low) / spacing) < GRID:
        steps = np.arange(round((column.high - column.low) / spacing) + 1)
        every = arrays.rounded(np.asarray(column.low + spacing * steps, dtype=np.float64), 12)
        cells, parts = bins.of_points(np.unique(np.append(every, column.specials)), spacing / 2), [rho]
    else:
        common = _common(column, values, budget, rho / 4, delta)
        cells = bins.of_parts(column, np.unique(np.append(common, column.specials)), spacing / 2)
        parts = [rho * part for part in LOOKS]
    return _counted(column, cells, values, budget, parts)


def presence(column: Column, array: arrays.Array, budget: Budget, *, rho: float) -> Counted:
    """How many values of a key or a text are there, and how many are missing: all that is learnt of them."""
    gone = array.null_count if column.nullable else 0
    noisy, sigma = budget.counts(np.array([len(array) - gone, gone]), rho=rho, what=f"{column.name}: missing")
    return _finished(column, noisy[:1].astype(float), np.full(1, sigma**2), float(noisy[1]), sigma, *NO_BINS)


def _common(column: Column, values: Floats, budget: Budget, rho: float, delta: float) -> Floats:
    """Values that many rows share, such as 0; which others there are stays hidden."""
    unique, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    true = {repr(float(value)): int(count) for value, count in zip(unique, counts, strict=True)}
    found = budget.common(true, rho=rho, delta=delta, what=f"{column.name}: common values")
    return np.array(sorted(float(value) for value in found))


def _counted(column: Column, cells: Cells, values: Floats, budget: Budget, parts: list[float]) -> Counted:
    """Noisy counts of the cells, which are cut again where many rows lie, as often as there are parts of the budget."""
    present = values[~np.isnan(values)]
    true = np.append(cells.tally(present), [len(values) - len(present)] if column.nullable else [])
    noisy, sigma = budget.counts(true.astype(np.int64), rho=parts[0], what=column.name)
    gone, blur = float(noisy[-1]) if column.nullable else 0.0, sigma
    cells = cells.filled(noisy[: len(cells.points)].astype(float), sigma**2)
    for rho in parts[1:]:
        finer, fresh = cells.cut(grid(column))
        if not fresh.any():
            break
        noisy, sigma = budget.counts(finer.tally(present)[fresh], rho=rho, what=f"{column.name}: finer")
        cells = finer.refined(cells, noisy.astype(float), sigma**2, fresh)
    cells = cells.joined()
    return _finished(column, cells.mass, cells.variance, gone, blur, cells.borders, cells.knots)


def _finished(column: Column, mass: Floats, variance: Floats, gone: float, blur: float, borders: Floats, knots: Floats,
              ) -> Counted:  # fmt: skip
    """With the missing values last; where noise explains them, there are none."""
    some = gone > CERTAIN * blur or not len(mass)
    alphabet = Alphabet(replace(column, nullable=some), np.append(mass, gone if some else 0.0), borders, knots)
    return Counted(alphabet, np.append(variance, blur**2 if some else 0.0))


def known_codes(column: Column, array: arrays.Array) -> Codes:
    """Places in the levels; a value outside them is "other" where there is such a level, else missing, else the first.

    Missing is the number of levels; where none may be missing, it too is taken for a value outside. What becomes of a
    row depends on that row alone, so that nothing is learnt from it.
    """
    found = arrays.codes(array, column).astype(np.int64)
    fallback = next((place for place, level in enumerate(column.levels) if level.lower() == "other"), None)
    outside = fallback if fallback is not None else len(column.levels) if column.nullable else 0
    found[found == -2] = outside
    found[found == -1] = len(column.levels) if column.nullable else outside
    return found


def known_values(column: Column, array: arrays.Array) -> Floats:
    """Numbers moved to the nearest end where they lie outside the bounds; missing is NaN where it may be."""
    values = arrays.numbers(array, column)
    low, high = column.low or 0.0, column.high or 0.0
    inside = np.clip(np.nan_to_num(values, nan=low, posinf=high, neginf=low), low, high)
    out = np.where(np.isin(values, column.specials), values, inside)
    return np.where(np.isnan(values), np.nan, out) if column.nullable else out


def grid(column: Column) -> float:
    """The distance between neighbouring values; 0 where there is none."""
    if column.kind in TEMPORAL or pa.types.is_integer(column.type):
        return 1.0
    return 10.0**-column.decimals if column.decimals is not None else 0.0
