"""Exact duplicates: the same words again, whatever their case and punctuation; the first stays."""

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
from mintmark.words.coded import spans
from mintmark.words.texts import Column, plain, texts


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ExactDuplicates:
    """Of rows with the same text the first is kept, and rows that repeat a training text are dropped.

    Two texts are the same if they have the same words in the same order (`words`: case, punctuation, white space and
    compatible letter forms do not count), or the same characters (`characters`). Texts without words are compared by
    their characters. Rows without text are not compared. Digests of 128 bits are remembered, about 150 bytes a row.
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
    first: dict[bytes, int] = field(default_factory=dict)
    """The row that each digest was seen in first; −1 is a training row."""
    count: int = 0

    def learn(self, real: Dataset | None) -> None:
        """Counts training texts as seen."""
        for text in training(real, self.column):
            self.first[self._digest(text)] = -1

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what was there before."""
        dropped: dict[int, Dropped] = {}
        for place, text in enumerate(texts(rows, self.column)):
            if text is None or not text.strip():
                continue
            earlier = self.first.setdefault(self._digest(text), self.count + place)
            if earlier != self.count + place:
                dropped[place] = ("exact duplicate", whose(earlier))
        self.count += len(rows)
        return Sifted.of(len(rows), dropped)

    def _digest(self, text: str) -> bytes:
        folded = plain(text)
        words = [folded[begin:end] for begin, end in spans(text)] if self.words else []
        kept = "\0".join(words) if words else text.strip()
        return blake2b(kept.encode("utf-8", "surrogatepass"), digest_size=16).digest()
