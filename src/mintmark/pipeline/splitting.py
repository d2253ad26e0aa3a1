"""Two parts of a dataset between which nothing leaks: near duplicates, and rows of one group, stand on one side."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.errors import InputError
from mintmark.recipe import Split
from mintmark.seeds import Seed
from mintmark.words import coded, minhash
from mintmark.words.buckets import Buckets
from mintmark.words.growing import Shelf
from mintmark.words.jaccard import jaccard
from mintmark.words.texts import texts

TRAIN, VALIDATION = "train", "validation"
SHINGLE, RECALL = 3, 0.98
"""As `filters.near_duplicates` has them."""
BLOCK = 1000

Sides = dict[str, NDArray[np.bool_]]


def sides(tables: Iterable[pa.Table], split: Split, seed: Seed) -> Sides:
    """Which rows stand on which side, shape (rows,) each.

    Rows hang together where their texts share most of their shingles (a Jaccard similarity of at least `threshold`,
    found by MinHash and compared exactly) or their `group` is the same, and so do rows that hang together with a third.
    What hangs together is drawn by chance, whole, until the validation part is full; a piece that does not fit any more
    stays in the training part. Raises InputError where no piece fits.
    """
    heads = _hanging(tables, split)
    rows = len(heads)
    pieces, piece, sizes = np.unique(heads, return_inverse=True, return_counts=True)
    wanted = max(1, round(split.validation * rows))
    chosen = np.zeros(len(pieces), bool)
    free = wanted
    for one in seed.rng().permutation(len(pieces)).tolist():
        if sizes[one] <= free:
            chosen[one] = True
            free -= sizes[one]
        if not free:
            break
    apart = chosen[piece]
    if not apart.any() or apart.all():
        found = f"{rows:,} rows in {len(pieces):,} pieces, the smallest of {int(min(sizes, default=0)):,} rows"
        fix = "ask for a larger part, split by another column, or make more rows"
        raise InputError(f"no part of {wanted:,} rows can be kept apart", where="release.split", found=found, fix=fix)
    return {TRAIN: ~apart, VALIDATION: apart}


def _hanging(tables: Iterable[pa.Table], split: Split) -> NDArray[np.int64]:
    """For each row the first one that it hangs together with."""
    pieces, alike, seen = _Pieces(), _Alike(split.threshold), dict[object, int]()
    start = 0
    for table in tables:
        pieces.more(len(table))
        if split.group is not None:
            for place, value in enumerate(table[split.group].to_pylist(), start):
                if value is not None:
                    pieces.join(seen.setdefault(value, place), place)
        read = texts(table, split.by) if split.by else []
        for low in range(0, len(read), BLOCK):
            for one, other in alike.pairs(read[low : low + BLOCK], start + low, pieces):
                pieces.join(one, other)
        start += len(table)
    return pieces.heads


class _Pieces:
    """Rows that hang together (union–find); each piece is named after its first row."""

    def __init__(self) -> None:
        self._above: list[int] = []

    def more(self, rows: int) -> None:
        self._above += range(len(self._above), len(self._above) + rows)

    def head(self, row: int) -> int:
        while (above := self._above[row]) != row:
            self._above[row] = row = self._above[above]
        return row

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.head(one), self.head(other)))
        self._above[high] = low

    @property
    def heads(self) -> NDArray[np.int64]:
        return np.array([self.head(row) for row in range(len(self._above))], np.int64)


class _Alike:
    """Pairs of texts that are alike, each text against all before it."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._bands, self._rows = minhash.shape(threshold, RECALL)
        count = self._bands * self._rows
        self._buckets, self._shelf = Buckets(self._bands, count, minhash.fewest(threshold, count)), Shelf()
        self._numbers: list[int] = []
        self._first: dict[int, int] = {}

    def pairs(self, block: list[str | None], start: int, pieces: _Pieces) -> Iterator[tuple[int, int]]:
        """(earlier row, row); pairs that hang together already are passed over."""
        words = coded.words(block)
        fresh = []
        codes = coded.wholes(words).tolist()
        for place in np.flatnonzero(words.counts).tolist():
            first = self._first.setdefault(codes[place], start + place)
            if first == start + place:
                fresh.append(place)
            else:  # the same words: one of a kind is compared with others, or copies would cost their square
                yield first, start + place
        sets = coded.shingles(words.take(np.array(fresh, np.int64)), SHINGLE)
        signed = minhash.signatures(sets, self._bands * self._rows)
        keys, marks = minhash.bands(signed, self._bands, self._rows), minhash.marks(signed)
        before = len(self._numbers)
        self._numbers += [start + place for place in fresh]
        self._buckets.add(keys, marks)
        self._shelf.add(sets)
        for row, earlier in zip(*(side.tolist() for side in self._buckets.sharing(keys, marks)), strict=True):
            one, other = self._numbers[earlier], self._numbers[before + row]
            if one < other and pieces.head(one) != pieces.head(other):
                held = (frozenset(each.tolist()) for each in (self._shelf[earlier], sets[row]))
                if jaccard(*held) >= self._threshold:
                    yield one, other
