"""Exact duplicates: the same words again, whatever their case and punctuation; the first stays."""

from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from hashlib import blake2b
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import Dropped, Sifted
from mintmark.filters.training import training, whose
from mintmark.words import coded
from mintmark.words.texts import Column, is_blank, texts

BLOCK = 1000


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ExactDuplicates:
    """Of rows with the same text the first is kept, and rows that repeat a training text are dropped.

    Two texts are the same if they have the same words in the same order (`words`: case, punctuation, white space and
    compatible letter forms do not count), or the same characters (`characters`). Texts without words are compared by
    their characters. Rows without text are not compared. Digests of 64 bits are remembered, about 150 bytes a row: that
    any two of a million different texts have the same happens once in 37 million runs.
    """

    column: Column
    same: Literal["words", "characters"] = "words"
    against: bool = True
    """Whether texts of the training rows count as seen, where they have the column."""

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Seen":  # noqa: ARG002
        """Reads the training texts, where there are any."""
        seen = Seen(self.column, self.same == "words")
        if self.against:
            seen.learn(real)
        return seen


@plain_dataclass
class Seen:
    """Every text that was let through, by its digest."""

    column: Column
    words: bool
    first: dict[int, int] = field(default_factory=dict)
    """The row that each digest was seen in first; −1 is a training row."""
    count: int = 0

    def learn(self, real: Dataset | None) -> None:
        """Counts training texts as seen."""
        self.first.update(dict.fromkeys(self._digests(training(real, self.column)), -1))

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what was there before."""
        read = texts(rows, self.column)
        dropped: dict[int, Dropped] = {}
        for place, (text, digest) in enumerate(zip(read, self._digests(read), strict=True), self.count):
            if not is_blank(text):
                earlier = self.first.setdefault(digest, place)
                if earlier != place:
                    dropped[place - self.count] = ("exact duplicate", whose(earlier))
        self.count += len(rows)
        return Sifted.of(len(rows), dropped)

    def _digests(self, read: Sequence[str | None]) -> list[int]:
        """Of the words where there are any, else of the characters; the two never meet."""
        out: list[int] = []
        for start in range(0, len(read), BLOCK):
            block = read[start : start + BLOCK]
            words = coded.words(block if self.words else [None] * len(block))
            pairs = zip(block, coded.wholes(words).tolist(), words.counts.tolist(), strict=True)
            out += [code if count else _characters(text or "") for text, code, count in pairs]
        return out


def _characters(text: str) -> int:
    """Negative: digests of words are not."""
    digest = blake2b(text.strip().encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return -1 - int.from_bytes(digest, "big")
