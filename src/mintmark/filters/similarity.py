"""Similarity to seeds: not so near that a text was learnt by heart, not so far that it is off the topic."""

from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import NO_TEXT, Dropped, Sifted
from mintmark.filters.training import needed
from mintmark.words.encoders import Encoder
from mintmark.words.encoding import Named, encoder
from mintmark.words.texts import Column, is_blank, short, texts

BLOCK = 256


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Similarity:
    """The cosine to the nearest training text lies between `least` (below: off the topic) and `most` (above: a copy).

    The encoders are those of `near_meaning`, and what a good bound is hangs on the encoder: look at the figures that
    the dropped rows show, or at those of the training texts among themselves, before you set one.
    """

    column: Column
    least: float = Field(0.0, ge=-1, le=1)
    most: float = Field(1.0, ge=-1, le=1)
    seeds: Column | None = None
    """The column of the training rows; the same as `column` where it is left out."""
    encoder: Named = "auto"

    streams: ClassVar[bool] = True

    @model_validator(mode="after")
    def _ordered(self) -> "Similarity":
        if self.most < self.least:
            raise ValueError(f"most ({self.most}) is less than least ({self.least})")
        return self

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Near":
        """Encodes the training texts; DataError where there are none, InputError as for any encoder."""
        seeds = needed(real, self.seeds or self.column, "similarity")
        return Near(self, seeds, encoder(self.encoder, seeds, rng, "similarity"))


class Near:
    """The directions of the seeds."""

    def __init__(self, filter_: Similarity, seeds: list[str], encoder: Encoder) -> None:
        """Of these seeds."""
        self._filter, self._seeds, self._encoder = filter_, seeds, encoder
        self._vectors = np.concatenate(
            [encoder.encode(seeds[start : start + BLOCK]) for start in range(0, len(seeds), BLOCK)]
        )

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is too near or too far."""
        read = texts(rows, self._filter.column)
        dropped: dict[int, Dropped] = {}
        for start in range(0, len(read), BLOCK):
            block = read[start : start + BLOCK]
            cosines = np.round(self._encoder.encode([text or "" for text in block]) @ self._vectors.T, 4)
            nearest = cosines.argmax(axis=1)
            for place, text in enumerate(block):
                told = self._judge(text, float(cosines[place, nearest[place]]), int(nearest[place]))
                if told:
                    dropped[start + place] = told
        return Sifted.of(len(rows), dropped)

    def _judge(self, text: str | None, cosine: float, seed: int) -> Dropped | None:
        if is_blank(text):
            return NO_TEXT
        shown = f"cosine {cosine:.2f} with the nearest: {short(self._seeds[seed])}"
        if cosine < self._filter.least:
            return "too far from the seeds", shown
        return ("too near to a seed", shown) if cosine > self._filter.most else None
