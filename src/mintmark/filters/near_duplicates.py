"""Near duplicates: texts that share most of their phrases with an earlier one (MinHash, verified exactly)."""

from collections.abc import Container, Iterator
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import Dropped, Sifted
from mintmark.filters.training import training, whose
from mintmark.words import coded, minhash
from mintmark.words.buckets import Buckets, Marks
from mintmark.words.coded import Coded, Places
from mintmark.words.growing import Growing, Shelf
from mintmark.words.jaccard import jaccard
from mintmark.words.texts import Column, texts

REASON = "near duplicate"
BLOCK = 1000
"""Texts that are worked on at once: their numbers fit a processor's cache."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class NearDuplicates:
    """Of texts that are alike the first is kept, and rows that are alike to a training text are dropped.

    Alike means a Jaccard similarity of at least `threshold` between the sets of their shingles (runs of `shingle`
    words; a shorter text is one shingle). Candidates come from MinHash signatures (Broder 1997) in bands, which find a
    pair at the threshold with a probability of at least `recall`, and pairs above it more surely. Each candidate is
    compared exactly: nothing is dropped that is not alike. Texts without words are not compared.

    It remembers what it let through: about 16 bytes for each band and 8 for each shingle of a row. Time grows with the
    number of candidates: where most texts follow one template, with the square of the rows.
    """

    column: Column
    threshold: float = Field(0.8, gt=0, le=1)
    shingle: int = Field(3, ge=1, le=20)
    recall: float = Field(0.98, gt=0, lt=1)
    against: bool = True
    """Whether texts of the training rows count as seen, where they have the column."""

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Alike":  # noqa: ARG002
        """Reads the training texts, where there are any."""
        alike = Alike(self.column, self.threshold, self.shingle, self.recall)
        learnt = training(real, self.column) if self.against else []
        for start in range(0, len(learnt), BLOCK):
            alike.learn(learnt[start : start + BLOCK])
        return alike


class Alike:
    """Signatures and shingles of every text that was let through."""

    def __init__(self, column: Column, threshold: float, shingle: int, recall: float) -> None:
        """Of nothing yet."""
        self._column, self._threshold, self._shingle = column, threshold, shingle
        self._bands, self._rows = minhash.shape(threshold, recall)
        self._buckets = self._empty()
        self._shelf = Shelf()
        self._whose = Growing(np.int64)
        self._count = 0

    def learn(self, block: list[str]) -> None:
        """Counts training texts as seen, whether they are alike or not."""
        sets = coded.shingles(coded.words(block), self._shingle)
        self._remember(sets, *self._signed(sets), np.full(len(block), -1))

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is alike to something that was there before."""
        read = texts(rows, self._column)
        dropped: dict[int, Dropped] = {}
        for start in range(0, len(read), BLOCK):
            for place, told in self._block(read[start : start + BLOCK]).items():
                dropped[start + place] = told
        return Sifted.of(len(rows), dropped)

    def _block(self, block: list[str | None]) -> dict[int, Dropped]:
        words = coded.words(block)
        there = np.flatnonzero(words.counts)
        # Copies within the block go with the first of them: only that one is compared with others.
        first, copy_of = _firsts(coded.wholes(words)[there])
        rows = there[first]
        sets = coded.shingles(words.take(rows), self._shingle)
        keys, marks = self._signed(sets)
        twins = self._twins(sets, keys, marks, self._count + rows)
        kept = np.setdiff1d(np.arange(len(rows)), list(twins))
        self._remember(sets.take(kept), keys[kept], marks[kept], self._count + rows[kept])
        out: dict[int, Dropped] = {}
        for place, head in zip(there.tolist(), copy_of.tolist(), strict=True):
            if head in twins:
                out[place] = (REASON, twins[head])
            elif place != rows[head]:
                out[place] = (REASON, _told(int(self._count + rows[head]), 1.0))
        self._count += len(block)
        return out

    def _twins(self, sets: Coded, keys: coded.Codes, marks: Marks, numbers: Places) -> dict[int, str]:
        """The texts that are alike to one that is kept, each with the first of these."""
        twins: dict[int, str] = {}
        rows = self._whose.array
        for text, earlier, how in self._alike(sets, self._shelf, self._buckets.sharing(keys, marks), twins):
            twins[text] = _told(int(rows[earlier]), how)
        free = np.setdiff1d(np.arange(len(sets)), list(twins))
        within = self._empty()
        within.add(keys[free], marks[free])
        text_, earlier_ = within.sharing(keys[free], marks[free])
        before = earlier_ < text_
        for text, earlier, how in self._alike(sets, sets, (free[text_[before]], free[earlier_[before]]), twins):
            if earlier not in twins:
                twins[text] = _told(int(numbers[earlier]), how)
        return twins

    def _alike(
        self, sets: Coded, others: Coded | Shelf, pairs: tuple[Places, Places], done: Container[int]
    ) -> Iterator[tuple[int, int, float]]:
        """Which of these pairs are alike, in order, and how much; texts that are done are passed over."""
        last, held = -1, frozenset[int]()
        for text, earlier in zip(*(side.tolist() for side in pairs), strict=True):
            if text in done:
                continue
            if text != last:
                last, held = text, frozenset(sets[text].tolist())
            how = jaccard(held, frozenset(others[earlier].tolist()))
            if how >= self._threshold:
                yield text, earlier, how

    def _empty(self) -> Buckets:
        count = self._bands * self._rows
        return Buckets(self._bands, count, minhash.fewest(self._threshold, count))

    def _signed(self, sets: Coded) -> tuple[coded.Codes, Marks]:
        """Keys and marks of each text."""
        signed = minhash.signatures(sets, self._bands * self._rows)
        return minhash.bands(signed, self._bands, self._rows), minhash.marks(signed)

    def _remember(self, sets: Coded, keys: coded.Codes, marks: Marks, numbers: Places) -> None:
        self._buckets.add(keys, marks)
        self._shelf.add(sets)
        self._whose.add(numbers)


def _firsts(codes: coded.Codes) -> tuple[Places, Places]:
    """The places at which a code stands for the first time, in order, and which of these each code is like."""
    first, like = np.unique(codes, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)
    return first[order], np.argsort(order)[like]


def _told(row: int, likeness: float) -> str:
    return f"Jaccard {likeness:.2f} with {whose(row)}"
