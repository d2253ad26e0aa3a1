"""Columns as small alphabets: levels, common values and quantile bins become tokens, and tokens become fresh values.

A number is a token of its own only where at least `rare` rows share it; all others lie in bins of at least `rare` rows
and are drawn afresh within them. A category that fewer than `rare` rows show has no mass. So no rare value is replayed.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import Column, Kind
from mintmark.errors import DataError
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import cutting, writing
from mintmark.generators.tabular.writing import Grains

Tokens = NDArray[np.int32]
Floats = NDArray[np.float64]

BINS = 256
COMMON = 0.002
"""A value of this share of the rows is nobody's own, however few rows of a leaf show it."""
PARTS = cutting.PARTS


@dataclass(frozen=True)
class Alphabet:
    """One column's tokens: 0 … size − 1 are values in order, `size` is missing."""

    column: Column
    mass: Floats
    """(size + 1,) training rows behind each token; rare categories have none."""
    borders: Floats
    """(size − 1,) numbers only: a value at or above borders[i] has a token above i."""
    knots: Floats
    """(size, PARTS + 1) numbers only: what a token's values lie between, at equal steps of their distribution."""
    grains: Grains | None = None
    """Numbers only: how finely those within bins are written, where that is uneven."""

    @property
    def size(self) -> int:
        """How many tokens stand for values."""
        return len(self.mass) - 1

    @cached_property
    def common(self) -> NDArray[np.bool_]:
        """(size + 1,) numbers: is it one value, and so frequent that showing it says nothing of a single row?"""
        point = np.append(self.knots[:, 0] == self.knots[:, -1], True)
        return point & (self.mass >= COMMON * self.mass.sum())

    @cached_property
    def cumulative(self) -> Floats:
        """(size + 2,) the share of rows below each token."""
        return np.concatenate([[0.0], np.cumsum(self.mass)]) / self.mass.sum()

    @cached_property
    def rank(self) -> Floats:
        """(size + 1,) each token's middle rank among all rows, between 0 and 1."""
        return (self.cumulative[:-1] + self.cumulative[1:]) / 2

    def encode(self, array: arrays.Array) -> Tokens:
        """Tokens of values, shape (n,); DataError for a category that is not among the levels."""
        if self.column.discrete:
            return _codes(array, self.column)
        values = arrays.numbers(array, self.column)
        found = np.searchsorted(self.borders, values, side="right").astype(np.int32)
        found[np.isnan(values)] = self.size
        return found

    def draw(self, count: int, rng: np.random.Generator) -> Tokens:
        """Tokens by their training mass."""
        return self.among(np.zeros(count, np.int64), np.full(count, self.size), rng.random(count))

    def among(self, first: NDArray[Any], last: NDArray[Any], where: Floats) -> Tokens:
        """Tokens between two (inclusive), by their training mass; `where` in [0, 1) says which."""
        return _among(self.cumulative, first, last, where)

    def apart(self, first: NDArray[Any], last: NDArray[Any], where: Floats) -> Tokens:
        """The same for rows that show none of the common values: numbers, which are between uncommon tokens."""
        return _among(self._uncommon, first, last, where)

    @cached_property
    def _uncommon(self) -> Floats:
        """(size + 2,) the share of rows below each token, common values left out."""
        mass = self.mass if self.column.discrete else np.where(self.common, 0.0, self.mass)
        return np.concatenate([[0.0], np.cumsum(mass)]) / self.mass.sum()

    def decode(self, tokens: Tokens, rng: np.random.Generator) -> pa.Array:
        """Values of tokens in the column's exact storage type; numbers are drawn within their bin."""
        if self.column.discrete:
            # What is never drawn is in no dictionary either: files hold all of it, and it names who is rare.
            kept = np.flatnonzero(self.mass[:-1])
            known = replace(self.column, levels=tuple(self.column.levels[place] for place in kept.tolist()))
            return arrays.from_codes(np.where(tokens == self.size, -1, np.searchsorted(kept, tokens)), known)
        return number_array(self.written(self.values(tokens, rng.random(len(tokens))), rng), self.column)

    def written(self, values: Floats, rng: np.random.Generator) -> Floats:
        """Numbers moved, within their bins, to near ones that are written as real ones are."""
        return self.grains.write(values, rng.random(len(values))) if self.grains else values

    def values(self, tokens: Tokens, where: Floats) -> Floats:
        """Numbers of tokens; `where` in [0, 1) is the place within the token. Missing is NaN."""
        step = where * PARTS
        part = step.astype(np.int64)
        step -= part
        flat = np.minimum(tokens, self.size - 1) * (PARTS + 1) + part
        knots = self.knots.ravel()
        out = knots[flat] * (1 - step) + knots[flat + 1] * step if self.size else np.full(len(tokens), np.nan)
        out[tokens == self.size] = np.nan
        return out

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        out = {f"{prefix}.mass": self.mass, f"{prefix}.borders": self.borders, f"{prefix}.knots": self.knots}
        return out | (self.grains.to_arrays(f"{prefix}.grains") if self.grains else {})

    @classmethod
    def from_arrays(cls, column: Column, stored: Arrays, prefix: str) -> "Alphabet":
        """The inverse of `to_arrays`; LedgerError where the arrays cannot belong to this column."""
        mass, borders, knots = (stored[f"{prefix}.{part}"].astype(np.float64) for part in ("mass", "borders", "knots"))
        size = len(mass) - 1
        need(mass.ndim == 1 and bool(np.all(mass >= 0)) and mass.sum() > 0, f"mass of {column.name}")
        if column.discrete:
            need(size == len(column.levels), f"levels of {column.name}")
        else:
            need(borders.shape == (max(0, size - 1),) and bool(np.all(np.diff(borders) >= 0)), f"bins of {column.name}")
            need(knots.shape == (size, PARTS + 1) and bool(np.isfinite(knots).all()), f"bins of {column.name}")
        written = Grains.from_arrays(stored, f"{prefix}.grains") if f"{prefix}.grains.odds" in stored else None
        need(written is None or column.numeric, f"grains of {column.name}")
        return cls(column, mass, borders, knots, written)


def _among(cumulative: Floats, first: NDArray[Any], last: NDArray[Any], where: Floats) -> Tokens:
    low, high = cumulative[first], cumulative[np.asarray(last) + 1]
    found = np.searchsorted(cumulative, low + where * (high - low), side="right") - 1
    return np.clip(found, first, last).astype(np.int32)


def shared(column: Column, array: arrays.Array, *, rare: int) -> bool:
    """Are there levels that enough rows share to be made again? Where a column is empty, nothing speaks against it."""
    counts = np.bincount(_codes(array, column), minlength=len(column.levels) + 1)[:-1]
    return column.kind == Kind.BOOLEAN or not counts.any() or bool(counts.max() >= rare)


def learn(column: Column, array: arrays.Array, *, rare: int, bins: int = BINS) -> Alphabet:
    """The alphabet of a column with levels or distances."""
    if column.discrete:
        return _learn_levels(column, array, rare)
    values = arrays.numbers(array, column)
    present = np.clip(values[~np.isnan(values)], *_finite_range(values))
    gone = float(len(values) - len(present))
    if not len(present):
        return Alphabet(column, np.array([max(gone, 1.0)]), np.zeros(0), np.zeros((0, PARTS + 1)))
    unique, counts = np.unique(present, return_counts=True)
    first = cutting.starts(unique, counts, column, rare, bins)
    last = np.append(first[1:], len(unique)) - 1
    borders = cutting.middle(unique[last[:-1]], unique[first[1:]])
    mass = np.append(np.add.reduceat(counts, first), gone).astype(np.float64)
    knots = cutting.knots(unique, counts, first, last, borders, column, rare)
    loose = knots[:, 0] < knots[:, -1]
    written = writing.learn(unique, counts, column, borders, knots[:, [0, -1]], loose, rare=rare)
    return Alphabet(column, mass, borders, knots, written)


def number_array(values: Floats, column: Column) -> pa.Array:
    """Numbers in storage; a column of floats that knows no null keeps its NaN."""
    missing = np.isnan(values)
    if column.nullable or not missing.any():
        return arrays.from_numbers(values, column)
    if pa.types.is_floating(column.type):
        filled = arrays.from_numbers(np.where(missing, 0.0, values), column).to_numpy(zero_copy_only=False).copy()
        filled[missing] = np.nan
        return pa.array(filled, type=column.type, from_pandas=False)
    raise DataError(f"column {column.name} holds missing values that its schema does not allow")


def _codes(array: arrays.Array, column: Column) -> Tokens:
    found = arrays.codes(array, column)
    if (found == -2).any():
        raise DataError(f"column {column.name} holds values that are not among its levels")
    found[found == -1] = len(column.levels)
    return found


def _learn_levels(column: Column, array: arrays.Array, rare: int) -> Alphabet:
    counts = np.bincount(_codes(array, column), minlength=len(column.levels) + 1).astype(np.float64)
    if column.kind != Kind.BOOLEAN:
        common = counts >= rare
        common[-1] = True
        counts[~common] = 0
    if counts.sum() == 0:
        counts[-1] = 1
    return Alphabet(column, counts, np.zeros(0), np.zeros((0, PARTS + 1)))


def _finite_range(values: Floats) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
