"""Word list: texts that hold words or phrases that you do not want, such as insults."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.sources.opening import resolved
from mintmark.errors import DataError
from mintmark.filters.filter import Dropped
from mintmark.filters.judging import Each
from mintmark.models.means import NOTHING, Means
from mintmark.words.coded import spans
from mintmark.words.texts import Column, plain, short

OBSCENE = Path(__file__).with_name("obscene.txt")


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class WordList:
    """Whole words and phrases, whatever their case; punctuation between the words of a phrase does not matter.

    Give `words`, a `file` with one on each line, or both; without either, 21 English obscenities that come with
    Mintmark are looked for. A list knows no context: it drops quotations and harmless senses, and misses what is said
    in other words. It is a floor and no measure of toxicity.
    """

    column: Column
    words: tuple[str, ...] = ()
    file: str | None = None

    streams: ClassVar[bool] = True

    @property
    def files(self) -> tuple[str, ...]:
        """What it reads."""
        return (self.file,) if self.file else ()

    def open(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Means = NOTHING) -> Each:  # noqa: ARG002
        """Reads the file; DataError where it cannot be read or holds no word."""
        own = [line for file in self.files for line in _lines(resolved(file, workshop.base))]
        listed = [*self.words, *own] or list(_lines(OBSCENE))
        return Each(self.column, Listed(listed).judge)


class Listed:
    """A list, as one pattern over words joined by single spaces."""

    def __init__(self, listed: Iterable[str]) -> None:
        """Of words and phrases."""
        phrases = sorted({_joined(phrase) for phrase in listed} - {""}, key=lambda phrase: (-len(phrase), phrase))
        if not phrases:
            raise DataError("the list holds no word", fix="one word or phrase on each line")
        self._pattern = re.compile(f" ({'|'.join(map(re.escape, phrases))}) ")

    def judge(self, text: str | None) -> Dropped | None:
        """The first of its words that a text holds."""
        match = self._pattern.search(f" {_joined(text or '')} ")
        if not match:
            return None
        words = f" {_joined(text or '')} "
        return f"holds a listed word: {match[1]}", short(words[max(0, match.start() - 40) : match.end() + 40])


def _joined(text: str) -> str:
    folded = plain(text)
    return " ".join(folded[begin:end] for begin, end in spans(text))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("the word list cannot be read", where=str(path), found=str(error)) from error
