"""Decontamination: texts that hold passages of the benchmarks by which a model will be judged."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.sources import read
from mintmark.errors import DataError
from mintmark.filters.filter import Dropped, Sifted
from mintmark.models.means import NOTHING, Means
from mintmark.words import coded
from mintmark.words.coded import Coded
from mintmark.words.encoders import Encoder
from mintmark.words.encoding import Named, encoder
from mintmark.words.lookup import Lookup
from mintmark.words.passages import passage, share_within
from mintmark.words.texts import Column, short, texts

BLOCK = 1000


class Benchmark(BaseModel):
    """A benchmark's file, and which of its columns hold what must not be trained on (all of text where left out)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Decontamination:
    """Named benchmarks that you supply; a text that repeats a passage of one is dropped, and the passage is shown.

    Three looks, from the surest to the widest. (1) A run of `words` words stands in both (Brown et al. 2020, GPT-3:
    13; an item with fewer words matches a text that is nothing else). (2) A run of `near` words stands in both, and
    more than `share` of the item's words are in the text in runs of the same order (Ben Allal et al. 2024, Cosmopedia:
    10 and 0.5; None turns it off). (3) Where `alike` is set: a cosine of at least that with an item, under an encoder
    (see `near_meaning`); it finds paraphrases, and texts that are about the same. Translations are found by none.
    """

    column: Column
    benchmarks: Annotated[Mapping[str, Benchmark | str], Field(min_length=1)]
    words: int = Field(13, ge=3, le=100)
    near: int | None = Field(10, ge=3, le=100)
    share: float = Field(0.5, ge=0, lt=1)
    alike: float | None = Field(None, gt=0, le=1)
    encoder: Named = "auto"

    streams: ClassVar[bool] = True

    @property
    def files(self) -> tuple[str, ...]:
        """What it reads."""
        return tuple(source if isinstance(source, str) else source.file for source in self.benchmarks.values())

    def open(
        self,
        real: Dataset | None,  # noqa: ARG002
        *,
        rng: np.random.Generator,
        workshop: Means = NOTHING,
    ) -> "Clean":
        """Reads the benchmarks; DataError where one cannot be read or holds no text."""
        base = workshop.base
        items = [(name, text) for name, source in self.benchmarks.items() for text in _items(name, source, base)]
        learnt = [text for _, text in items]
        lens = encoder(self.encoder, learnt, rng, "decontamination") if self.alike else None
        return Clean(self, items, lens)


class Clean:
    """The benchmarks' items, by their runs of words."""

    def __init__(self, filter_: Decontamination, items: list[tuple[str, str]], lens: Encoder | None) -> None:
        """Of (benchmark, text)."""
        self._filter, self._items, self._lens = filter_, items, lens
        self._words = coded.words([text for _, text in items])
        self._long = Lookup(coded.grams(self._words, filter_.words))
        self._near = Lookup(coded.grams(self._words, filter_.near)) if filter_.near else None
        brief = np.flatnonzero((self._words.counts < filter_.words) & (self._words.counts > 0))
        self._brief = dict(zip(coded.wholes(self._words)[brief].tolist(), brief.tolist(), strict=True))
        self._vectors = lens.encode([text for _, text in items]) if lens else None

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what holds a passage of a benchmark."""
        read_ = [text or "" for text in texts(rows, self._filter.column)]
        dropped: dict[int, Dropped] = {}
        for start in range(0, len(read_), BLOCK):
            block = read_[start : start + BLOCK]
            words = coded.words(block)
            found = self._whole(words) | self._passages(block, words)
            found |= {place: told for place, told in self._close(words).items() if place not in found}
            found |= {place: told for place, told in self._meant(block).items() if place not in found}
            dropped |= {start + place: told for place, told in found.items()}
        return Sifted.of(len(rows), dropped)

    def _whole(self, words: Coded) -> dict[int, Dropped]:
        """Texts that are a short item, and nothing else."""
        if not self._brief:
            return {}
        codes = coded.wholes(words).tolist()
        hits = {place: self._brief[code] for place, code in enumerate(codes) if code in self._brief}
        return {place: self._told("is an item of", item, short(self._items[item][1])) for place, item in hits.items()}

    def _passages(self, block: list[str], words: Coded) -> dict[int, Dropped]:
        """Texts that share a long run of words, each with the first run that it shares."""
        grams = coded.grams(words, self._filter.words)
        places, items = self._long.find(grams.codes)
        out: dict[int, Dropped] = {}
        owners = np.searchsorted(grams.starts, places, side="right") - 1
        for text, first in zip(*(each.tolist() for each in np.unique(owners, return_index=True)), strict=True):
            run = places[first : first + _run(places[first:][owners[first:] == text])]
            begin, count = int(run[0] - grams.starts[text]), len(run) + self._filter.words - 1
            out[text] = self._told("repeats a passage of", int(items[first]), passage(block[text], begin, count))
        return out

    def _close(self, words: Coded) -> dict[int, Dropped]:
        """Texts of which most of an item is part, in pieces."""
        if self._near is None or self._filter.near is None:
            return {}
        grams = coded.grams(words, self._filter.near)
        places, items = self._near.find(grams.codes)
        owners = np.searchsorted(grams.starts, places, side="right") - 1
        out: dict[int, Dropped] = {}
        for text, item in sorted(set(zip(owners.tolist(), items.tolist(), strict=True))):
            if text not in out:
                share = share_within(words[text].tolist(), self._words[item].tolist())
                if share > self._filter.share:
                    shown = f"{share:.0%} of: {short(self._items[item][1])}"
                    out[text] = self._told("is close to an item of", item, shown)
        return out

    def _meant(self, block: list[str]) -> dict[int, Dropped]:
        """Texts that say what an item says."""
        if self._lens is None or self._vectors is None or self._filter.alike is None:
            return {}
        cosines = np.round(self._lens.encode(block) @ self._vectors.T, 4)
        nearest = cosines.argmax(axis=1).tolist()
        out: dict[int, Dropped] = {}
        for place, item in enumerate(nearest):
            if cosines[place, item] >= self._filter.alike:
                shown = f"cosine {cosines[place, item]:.2f} with: {short(self._items[item][1])}"
                out[place] = self._told("means what an item says of", item, shown)
        return out

    def _told(self, how: str, item: int, shown: str) -> Dropped:
        return f"{how} {self._items[item][0]}", shown


def _run(places: np.ndarray) -> int:
    """How many places follow each other from the first on."""
    gaps = np.flatnonzero(np.diff(places) != 1)
    return int(gaps[0]) + 1 if len(gaps) else len(places)


def _items(name: str, source: Benchmark | str, base: Path | None) -> list[str]:
    source = Benchmark(file=source) if isinstance(source, str) else source
    table = read(source.file, base=base).table
    read_ = [each.name for each in table.schema if pa.types.is_string(each.type) or pa.types.is_large_string(each.type)]
    columns = source.columns or tuple(read_)
    found = [text for column in columns for text in texts(table, column) if text and text.strip()]
    if not found:
        raise DataError(f"benchmark {name} holds no text", where=source.file, found=", ".join(table.column_names))
    return found
