"""Novelty: no closer than so much to any text before it, by ROUGE-L (Self-Instruct)."""

from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import Dropped, Sifted
from mintmark.filters.training import training, whose
from mintmark.words import coded
from mintmark.words.rouge import Pool
from mintmark.words.texts import Column, short, texts


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Novelty:
    """A new task must differ from each in the pool: ROUGE-L of at most `most` (Wang et al. 2023, Self-Instruct: 0.7).

    The pool holds the training texts (seeds) and every text that was let through. The comparison is exact: a bound
    that costs little (no subsequence is longer than the words in common) spares most of the pool. Texts without words
    are not compared.
    """

    column: Column
    most: float = Field(0.7, ge=0, le=1)
    against: bool = True
    """Whether training texts are in the pool from the start, where they have the column."""

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Novel":  # noqa: ARG002
        """Reads the training texts, where there are any."""
        return Novel(self.column, self.most, training(real, self.column) if self.against else [])


class Novel:
    """The pool."""

    def __init__(self, column: Column, most: float, seeds: list[str]) -> None:
        """Of these seeds."""
        self._column, self._most, self._pool = column, most, Pool()
        self._texts = list(seeds)
        self._rows = [-1] * len(seeds)
        self._count = 0
        words = coded.words(seeds)
        for place in range(len(words)):
            self._pool.add(words[place])

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is too close to the pool, and puts into it what is not."""
        read = texts(rows, self._column)
        words = coded.words(read)
        dropped: dict[int, Dropped] = {}
        for place, text in enumerate(read):
            mine = words[place]
            if text is None or not len(mine):
                continue
            found = self._pool.nearest(mine, over=self._most, first=True)
            if found:
                score, twin = found
                dropped[place] = (
                    "too close to another text",
                    f"ROUGE-L {score:.2f} with {whose(self._rows[twin])}: {short(self._texts[twin])}",
                )
            else:
                self._pool.add(mine)
                self._texts.append(short(text))
                self._rows.append(self._count + place)
        self._count += len(rows)
        return Sifted.of(len(rows), dropped)
