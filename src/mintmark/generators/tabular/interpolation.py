"""Training rows as points among their neighbours: what rows are interpolated between."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from mintmark.generators.tabular.tokens import Floats, Tokens

Ints = NDArray[np.int64]

MISMATCH = 0.5**0.5
"""Two rows of different categories then lie one standard deviation of a number apart (Chawla et al. 2002, 6.1)."""
MOST_LEVELS = 100
"""Categories that are told apart in distances, the most frequent ones; all others count as one."""


@dataclass(frozen=True)
class Crowd:
    """Rows by their values: numbers as they are, NaN where missing, and codes of categories."""

    numbers: Floats
    """(n, numeric columns)"""
    specials: NDArray[np.bool_]
    """(n, numeric columns) is it a code, and no quantity?"""
    codes: Tokens
    """(n, discrete columns); the highest code of a column, `missing`, is a missing value."""
    missing: Tokens
    """(discrete columns,)"""

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def quantities(self) -> Floats:
        """Numbers, NaN for codes as well."""
        return np.where(self.specials, np.nan, self.numbers)

    def take(self, rows: Ints) -> "Crowd":
        """These rows."""
        return Crowd(self.numbers[rows], self.specials[rows], self.codes[rows], self.missing)

    @cached_property
    def _scale(self) -> tuple[Floats, Floats, Floats]:
        """Largest size, centre and spread of each number: sizes first, so that no square overflows."""
        found = self.quantities
        if not len(found) or not found.shape[1]:
            return (np.ones(found.shape[1]),) * 3
        size = np.nan_to_num(np.nanmax(np.abs(np.where(np.isnan(found), 0.0, found)), axis=0))
        size = np.where(size > 0, size, 1.0)
        known = ~np.isnan(found)
        count = np.maximum(known.sum(axis=0), 1)
        small = np.where(known, found / size, 0.0)
        centre = small.sum(axis=0) / count
        spread = np.sqrt((np.where(known, small - centre, 0.0) ** 2).sum(axis=0) / count)
        return size, centre, np.where(spread > 0, spread, 1.0)

    def points(self, rows: "Crowd", numbers: list[int], codes: list[int]) -> Floats:
        """Rows in standard deviations of this crowd, by some of its columns, shape (len(rows), axes).

        What has no quantity stands at the centre, and apart by one mismatch from what has one.
        """
        size, centre, spread = (part[numbers] for part in self._scale)
        found = rows.quantities[:, numbers]
        gone = np.isnan(found)
        blocks = [np.where(gone, 0.0, (np.where(gone, 0.0, found) / size - centre) / spread)]
        blocks.append(gone[:, self._gappy(numbers)] * 1.0)
        blocks += [_shown(rows.codes[:, place], self._frequent(place)) for place in codes]
        whole = np.column_stack(blocks)
        return whole if whole.shape[1] else np.zeros((len(rows), 1))

    def _gappy(self, numbers: list[int]) -> list[int]:
        return [at for at, place in enumerate(numbers) if np.isnan(self.quantities[:, place]).any()]

    def _frequent(self, place: int) -> Ints:
        counts = np.bincount(self.codes[:, place])
        return np.argsort(-counts, kind="stable")[: min(MOST_LEVELS, int((counts > 0).sum()))]

    def nearest(self, asked: "Crowd", most: int, numbers: list[int], codes: list[int]) -> Ints:
        """The rows of this crowd that lie nearest to those asked, nearest first, shape (len(asked), most)."""
        search = NearestNeighbors(n_neighbors=most, algorithm="brute").fit(self.points(self, numbers, codes))
        return np.asarray(search.kneighbors(self.points(asked, numbers, codes), return_distance=False), dtype=np.int64)

    def neighbours(self, most: int) -> Ints:
        """The other rows nearest to each row, shape (n, most)."""
        found = self.nearest(self, most + 1, *self.every)
        own = found == np.arange(len(self))[:, None]
        # Of rows that are all alike, a row may not be among its own nearest: then the last of them gives way.
        own[~own.any(axis=1), -1] = True
        return found[~own].reshape(len(self), most)

    @property
    def every(self) -> tuple[list[int], list[int]]:
        """All columns, numeric and discrete, by their places."""
        return list(range(self.numbers.shape[1])), list(range(self.codes.shape[1]))


def between(first: Floats, second: Floats, step: Floats) -> Floats:
    """Places on the segments from `first` to `second`, shapes (rows, columns); `step` in [0, 1), one a row.

    Where either end has no number, the first is kept: what is missing in a row stays missing.
    """
    made = np.where(first == second, first, first * (1 - step[:, None]) + second * step[:, None])
    return np.where(np.isnan(made), first, made)


def majority(own: Tokens, others: Tokens, allowed: NDArray[np.bool_]) -> Tokens:
    """The code that most neighbours bear, shape (rows,); the nearer ones decide a tie. −1 where none is allowed.

    `others` is (rows, neighbours), nearest first. A row's own missing value (the last code) stays missing.
    """
    gone = len(allowed) - 1
    votes = (others[:, :, None] == others[:, None, :]).sum(axis=2)
    votes = np.where(allowed[others] & (others != gone), votes, 0)
    best = votes.argmax(axis=1)[:, None]
    out = np.take_along_axis(others, best, axis=1)[:, 0]
    out = np.where(np.take_along_axis(votes, best, axis=1)[:, 0] > 0, out, np.where(allowed[own], own, -1))
    return np.where(own == gone, own, out).astype(np.int32)


def _shown(codes: Tokens, frequent: Ints) -> Floats:
    return np.asarray((codes[:, None] == frequent) * MISMATCH, dtype=np.float64)
