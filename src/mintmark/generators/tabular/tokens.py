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
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.errors import DataError
from mintmark.generators.tabular import writing
from mintmark.generators.tabular.storage import Arrays, need
from mintmark.generators.tabular.writing import Grains

Tokens = NDArray[np.int32]
Floats = NDArray[np.float64]

BINS = 256
MANY_VALUES = 400
"""Up to this many distinct values, each that is common enough is a token of its own."""
SPIKE = 0.005
"""Among more values than that, one that holds this share of the rows is."""
COMMON = 0.002
"""A value of this share of the rows is nobody's own, however few rows of a leaf show it."""
PARTS = 8
"""A bin remembers its values at this many equal steps of their distribution."""


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
    first = _token_starts(unique, counts, column, rare, bins)
    last = np.append(first[1:], len(unique)) - 1
    borders = (unique[last[:-1]] + unique[first[1:]]) / 2
    mass = np.append(np.add.reduceat(counts, first), gone).astype(np.float64)
    knots = _knots(unique, counts, first, last, borders, column, rare)
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


def _token_starts(unique: Floats, counts: NDArray[np.int64], column: Column, rare: int, bins: int) -> NDArray[np.int64]:
    """Where each token starts among the distinct values: at every spike, behind it, and at every full bin."""
    total = int(counts.sum())
    floor = rare if len(unique) <= MANY_VALUES else max(rare, SPIKE * total)
    spike = (counts >= floor) | np.isin(unique, column.specials)
    loose = int(counts[~spike].sum())
    width = max(rare, loose / bins)
    start = spike.copy()
    start[1:] |= spike[:-1]
    start[0] = True
    runs = np.flatnonzero(start)
    begun = [runs[~spike[runs] & (np.append(runs[1:], len(unique)) - runs > 1)], np.append(runs[1:], len(unique))]
    ends = dict(zip(runs.tolist(), begun[1].tolist(), strict=True))
    for at in begun[0].tolist():
        within = np.cumsum(counts[at : ends[at]])
        cut = np.floor((within - counts[at : ends[at]]) / width)
        # The last bin of a run may not be smaller than the others: it joins the one before it.
        cut = np.minimum(cut, max(0, np.floor(within[-1] / width) - 1))
        start[at + 1 : ends[at]] |= np.diff(cut) > 0
    return np.flatnonzero(start)


def _knots(unique: Floats, counts: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64],
           borders: Floats, column: Column, rare: int) -> Floats:  # fmt: skip
    """(tokens, PARTS + 1) what lies between: exact for a common value, spread out for a bin."""
    half = _half_step(column)
    below, above = np.cumsum(counts) - counts, np.cumsum(counts)
    bottom, top = _sheltered_ends(unique, counts, rare)
    rows = np.add.reduceat(counts, first)
    spike = (first == last) & ((rows >= rare) | np.isin(unique[first], column.specials))
    out = np.repeat(unique[first][:, None], PARTS + 1, axis=1)
    for token in np.flatnonzero(~spike).tolist():
        low, high = unique[first[token]] - half, unique[last[token]] + half
        if rows[token] < rare:  # too few to stand alone: drawn between its neighbours, themselves included
            low = unique[max(first[token] - 1, 0)] - half
            high = unique[min(last[token] + 1, len(unique) - 1)] + half
        else:
            low = borders[token - 1] if token and not spike[token - 1] else low
            high = borders[token] if token < len(borders) and not spike[token + 1] else high
        low, high = (bottom if token == 0 else low), (top if token == len(first) - 1 else high)
        out[token] = np.linspace(low, max(low, high), PARTS + 1)
        if rows[token] >= PARTS * rare:
            wanted = below[first[token]] + rows[token] * np.arange(1, PARTS) / PARTS
            inner = unique[np.searchsorted(above, wanted, side="right")]
            out[token, 1:-1] = np.clip(inner, low, max(low, high))
    return out


def _half_step(column: Column) -> float:
    """Half the distance between neighbouring values that rounding can tell apart."""
    if column.kind in TEMPORAL or pa.types.is_integer(column.type):
        return 0.5
    return 0.5 * 10.0**-column.decimals if column.decimals is not None else 0.0


def _sheltered_ends(unique: Floats, counts: NDArray[np.int64], rare: int) -> tuple[float, float]:
    """The means of the `rare` smallest and largest values: an outermost value belongs to somebody."""

    def end(values: Floats, many: NDArray[np.int64]) -> float:
        head = np.repeat(values[:rare], np.minimum(many[:rare], rare))[:rare]
        return float(head.mean())

    return end(unique, counts), end(unique[::-1], counts[::-1])
