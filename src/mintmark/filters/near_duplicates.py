"""Near duplicates: texts that share most of their phrases with an earlier one (MinHash, verified exactly)."""

from typing import ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.ahead import ahead
from mintmark.filters.filter import Dropped, Sifted
from mintmark.filters.training import training, whose
from mintmark.words import coded, minhash
from mintmark.words.buckets import Buckets, Marks
from mintmark.words.coded import Coded, Places
from mintmark.words.growing import Growing, Shelf
from mintmark.words.slots import Slots
from mintmark.words.texts import Column, texts
from mintmark.words.twins import Twins

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
        sets = Twins(coded.shingles(coded.words(block), self._shingle), self._threshold).sets
        self._remember(sets, *self._signed(sets), np.full(len(block), -1))

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is alike to something that was there before."""
        read = texts(rows, self._column)
        dropped: dict[int, Dropped] = {}
        starts = range(0, len(read), BLOCK)
        for start, run in zip(starts, ahead(self._read, (read[at : at + BLOCK] for at in starts)), strict=True):
            for place, told in self._sifted(run).items():
                dropped[start + place] = told
            self._count += run.size
        return Sifted.of(len(rows), dropped)

    def _read(self, block: list[str | None]) -> "_Run":
        """All that can be said of a block without knowing what was let through."""
        words = coded.words(block)
        there = np.flatnonzero(words.counts)
        # Copies within the block go with the first of them: only that one is compared with others.
        first, copy_of = _firsts(coded.wholes(words)[there])
        found = Twins(coded.shingles(words.take(there[first]), self._shingle), self._threshold)
        keys, marks = self._signed(found.sets)
        return _Run(len(block), there, there[first], copy_of, keys, marks, _meeting(keys), found)

    def _sifted(self, run: "_Run") -> dict[int, Dropped]:
        """What is dropped of a block; the rest is remembered."""
        twins = self._twins(run)
        kept = np.setdiff1d(np.arange(len(run.rows)), list(twins))
        self._remember(run.found.sets.take(kept), run.keys[kept], run.marks[kept], self._count + run.rows[kept])
        out: dict[int, Dropped] = {}
        for place, head in zip(run.there.tolist(), run.copy_of.tolist(), strict=True):
            if head in twins:
                out[place] = (REASON, twins[head])
            elif place != run.rows[head]:
                out[place] = (REASON, _told(int(self._count + run.rows[head]), 1.0))
        return out

    def _twins(self, run: "_Run") -> dict[int, str]:
        """The texts that are alike to one that is kept, each with the first of these."""
        found = run.found
        found.among(self._shelf, *self._buckets.sharing(run.keys, run.marks))
        shelved = np.flatnonzero(found.of >= 0)
        free = run.meeting[found.of[run.meeting] < 0]
        within = self._empty()
        within.add(run.keys[free], run.marks[free])
        text, earlier = within.sharing(run.keys[free], run.marks[free])
        before = earlier < text
        found.within(free[text[before]], free[earlier[before]])
        fresh = np.setdiff1d(np.flatnonzero(found.of >= 0), shelved)
        rows = np.empty(len(run.rows), np.int64)
        rows[shelved], rows[fresh] = self._whose.array[found.of[shelved]], self._count + run.rows[found.of[fresh]]
        return {text: _told(int(rows[text]), how) for text, how in enumerate(found.how.tolist()) if how}

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


class _Run(NamedTuple):
    """A block of texts, as far as it can be told without the others; texts are those that hold words, copies once."""

    size: int
    there: Places
    """Places in the block at which there are words."""
    rows: Places
    """The place of each text."""
    copy_of: Places
    """Which text stands at each of `there`."""
    keys: coded.Codes
    marks: Marks
    meeting: Places
    """Texts that share a key with another one of the block."""
    found: Twins


def _meeting(keys: coded.Codes) -> Places:
    """The texts that share a key with another one."""
    owner = np.arange(keys.size) // keys.shape[1]
    first = owner[Slots(keys.ravel()).first]
    return np.union1d(owner[first != owner], first[first != owner])


def _firsts(codes: coded.Codes) -> tuple[Places, Places]:
    """The places at which a code stands for the first time, in order, and which of these each code is like."""
    first, like = np.unique(codes, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)
    return first[order], np.argsort(order)[like]


def _told(row: int, likeness: float) -> str:
    return f"Jaccard {likeness:.2f} with {whose(row)}"
