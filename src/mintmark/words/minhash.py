"""MinHash signatures and their bands: texts that share many shingles are found without comparing all with all.

The smallest of a set's numbers under a random order is that of another set with a probability of their Jaccard
similarity (Broder 1997). Sets that agree in all `rows` numbers of one of `bands` bands are candidates (Indyk & Motwani
1998; Leskovec, Rajaraman & Ullman, Mining of Massive Datasets, chapter 3).
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mintmark.seeds import Seed
from mintmark.words.coded import Coded, Codes, mixed

MOST_BANDS = 12
"""More bands find little that fewer do not, and each costs memory for every text."""

_ORDERS = Seed(0).child("words", "minhash")


def shape(threshold: float, recall: float) -> tuple[int, int]:
    """How many bands of how many rows find a pair *at* the threshold with a probability of at least `recall`.

    As many rows as can be, for they spare candidates that are far from alike. A pair of similarity s is found with
    probability 1 − (1 − sʳ)ᵇ.
    """
    for rows in range(10, 1, -1):
        bands = math.ceil(math.log1p(-recall) / math.log1p(-(threshold**rows))) if threshold < 1 else 1
        if bands <= MOST_BANDS:
            return bands, rows
    return math.ceil(math.log1p(-recall) / math.log1p(-threshold)), 1


def signatures(sets: Coded, count: int) -> NDArray[np.uint64]:
    """The smallest number of each set in `count` random orders, shape (count, texts); of an empty set the largest."""
    out = np.full((count, len(sets)), np.iinfo(np.uint64).max, np.uint64)
    there = np.flatnonzero(sets.counts)
    if not len(there):
        return out
    factors = _ORDERS.rng().integers(0, 2**63, count, np.uint64) * np.uint64(2) + np.uint64(1)
    ordered = np.empty_like(sets.codes)
    for place, factor in enumerate(factors):
        np.multiply(sets.codes, factor, out=ordered)
        out[place, there] = np.minimum.reduceat(ordered, sets.starts[there])
    return out


def fewest(threshold: float, count: int) -> int:
    """In how many of `count` numbers a pair at the threshold agrees at least, but for 1 pair in 10,000."""
    return int(stats.binom.ppf(1e-4, count, threshold))


def marks(signed: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """The last byte of each number, shape (texts, count): enough to see how often two texts agree."""
    return np.ascontiguousarray(signed.T.astype(np.uint8))


def bands(signed: NDArray[np.uint64], count: int, rows: int) -> Codes:
    """One code for each band of each text, shape (texts, count): equal where all its rows are."""
    out = np.empty((signed.shape[1], count), np.uint64)
    for band in range(count):
        total = np.full(signed.shape[1], band + 1, np.uint64)
        for row in range(rows):
            total = mixed(total ^ signed[band * rows + row])
        out[:, band] = total
    return out
