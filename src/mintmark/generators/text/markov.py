"""Texts from a counting model of the user's own: interpolated Kneser–Ney n-grams (Kneser & Ney 1995)."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from math import ceil, exp
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import DataError
from mintmark.generators import storage
from mintmark.generators.text import tables
from mintmark.words import coded, pieces, texts
from mintmark.words.coded import Coded, Codes
from mintmark.words.successors import BEGIN, END, Floats, Ints, Successors

METHOD = "text.markov"
ORDERS = {"word": 3, "character": 6}
LONGEST = {"word": 12, "character": 60}
RARE = 2
"""The number of all pieces that too few texts hold; those that are made are numbered from 3."""
STRAY = 0.2
"""A text ends at the best place that is no further than this share from the length that was drawn for it."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Markov:
    """Texts from a counting model of the user's own: interpolated Kneser–Ney n-grams (Kneser & Ney 1995).

    Learnt in seconds, asks nobody, and reads like the corpus for a few words at a time. No passage of more than
    `longest` pieces is one of a training text, whatever is drawn. Of each text the length is drawn from the corpus;
    within a fifth of it the end stands where the model expects one.
    """

    column: str = "text"
    """The column of the training rows that holds texts."""
    pieces: Literal["word", "character"] = "word"
    order: Annotated[int | None, Field(ge=2, le=12)] = None
    """Pieces in the longest n-gram: 3 words or 6 characters where it is left out."""
    temperature: Annotated[float, Field(gt=0, le=5)] = 1.0
    """Below 1 texts keep to what is common, above 1 they stray (probabilities to the power of 1 / temperature)."""
    longest: Annotated[int | None, Field(ge=1)] = None
    """Pieces that may follow each other as they do in a training text: 12 words or 60 characters where left out."""
    rare: Annotated[int, Field(ge=1)] = 2
    """A piece that fewer texts than this hold is never made: most numbers and many names are such."""

    assumes: ClassVar[tuple[str, ...]] = (
        "What comes next depends on the few pieces before it: sentences have no plan and make no sense for long.",
        "Words that too few texts hold are never made, and words that no text holds cannot be.",
        "Passages up to the stated length, and whole texts that are no longer, may be those of real people.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Speaker":  # noqa: ARG002 (nothing is drawn)
        """Counts; DataError where there are no texts, or no piece is held by enough of them."""
        cut = [_cut(text, self.pieces) for text in tables.texts(real, self.column, METHOD)]
        held = Counter(piece for text in cut for piece in set(text))
        vocabulary = tuple(sorted(piece for piece, many in held.items() if many >= self.rare))
        if not any(map(str.strip, vocabulary)):
            raise DataError(f"no {self.pieces} of column {self.column} stands in {self.rare} texts", where=METHOD,
                            fix="give more texts, or a smaller `rare`")  # fmt: skip
        numbers = {piece: place for place, piece in enumerate(vocabulary, RARE + 1)}
        texts_ = [[numbers.get(piece, RARE) for piece in text] for text in cut]
        model = Successors.of(texts_, self.order or ORDERS[self.pieces])
        longest = self.longest or LONGEST[self.pieces]
        passages = np.unique(_passages(_folded(vocabulary), texts_, longest))
        lengths = np.sort(np.array([len(text) for text in texts_], np.int64))
        return Speaker(self, vocabulary, model, lengths, passages, longest)

    def load(self, folder: Path) -> "Speaker":
        """Reads what `Speaker.save` wrote; LedgerError where it was altered."""
        body, arrays = storage.read(folder, METHOD)
        with storage.reading(folder):
            model = Successors.from_arrays(arrays, int(body["order"]))
            vocabulary = tuple(map(str, body["vocabulary"]))
            speaker = Speaker(self, vocabulary, model, arrays["lengths"], arrays["passages"], int(body["longest"]))
            _check(speaker)
        return speaker


@plain(frozen=True)
class Speaker:
    """What follows what, how long texts are, and which passages may not be said again."""

    recipe: Markov
    vocabulary: tuple[str, ...]
    model: Successors
    lengths: Ints
    """Of the training texts, in pieces, ascending."""
    passages: Codes
    """One code for each passage of `longest` + 1 pieces in the training texts, ascending."""
    longest: int

    @cached_property
    def schema(self) -> TableSchema:
        """One column of text."""
        return TableSchema((tables.text(self.recipe.column),))

    @property
    def notes(self) -> tuple[str, ...]:
        """What is and is not held back of the training texts."""
        kind, whole = self.recipe.pieces, int((self.lengths <= self.longest).sum())
        learnt = f"{len(self.lengths):,} texts of {int(self.lengths.sum()):,} {kind}s, marks included"
        short = f"{whole:,} of these are no longer than that and may come back whole"
        return (
            f"{METHOD} learnt {learnt}; it makes none that fewer than {self.recipe.rare} texts hold.",
            f"{METHOD} returns no passage of more than {self.longest} {kind}s of a training text; {short}.",
        )

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Speaks `count` times. ConditionError where rows are given: it completes none."""
        tables.alone(self.schema, None if given is None else given.columns, METHOD)
        made: list[dict[str, str]] = []
        while len(made) < count:
            text = self._speak(rng)
            if text and not self._told(
                self._numbered(text)
            ):  # nothing but space, or pieces that read otherwise when they meet
                made.append({self.recipe.column: text})
        return tables.dataset(self.schema, made)

    def perplexity(self, unseen: Sequence[str]) -> float:
        """Among how many equally likely pieces it might as well guess, for each of these texts and its end.

        Pieces that too few training texts hold count as one. Raises DataError where there is no text.
        """
        numbered = [self._numbered(text) for text in unseen]
        if not numbered:
            raise DataError("there is no text to be guessed", where=METHOD)
        guesses = sum(len(text) + 1 for text in numbered)
        return exp(sum(map(self.model.surprise, numbered)) / guesses)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        body = {"order": self.model.order, "longest": self.longest, "vocabulary": list(self.vocabulary)}
        arrays = {**self.model.to_arrays(), "lengths": self.lengths, "passages": self.passages}
        storage.write(folder, METHOD, body, arrays)

    def _speak(self, rng: np.random.Generator) -> str:
        length = int(self.lengths[rng.integers(len(self.lengths))])
        least, most = max(1, ceil(length * (1 - STRAY))), int(length * (1 + STRAY))
        said: list[int] = []
        ends: list[float] = []
        while len(said) < max(most, least):
            piece = self._next(said, rng)
            if piece is None:
                break
            said.append(piece)
            if len(said) >= least:
                ends.append(self.model.probability(END, said))
        if ends:
            chances = np.cumsum(ends)
            said = said[: least + int(np.searchsorted(chances, rng.random() * chances[-1], "right"))]
        return "".join(self.vocabulary[piece - RARE - 1] for piece in said).strip()

    def _next(self, said: Sequence[int], rng: np.random.Generator) -> int | None:
        """A piece that ends no passage of a training text; None where every piece would."""
        known, share, factor = self.model.following(said)
        power = 1 / self.recipe.temperature
        weights = np.where(known > RARE, share, 0.0) ** power
        others = self._common.copy()
        others[known] = 0.0
        others *= factor**power
        while True:
            sums = np.cumsum(np.concatenate([weights, others]))
            if not sums[-1] > 0:
                return None
            place = min(int(np.searchsorted(sums, rng.random() * sums[-1], "right")), len(sums) - 1)
            piece = int(known[place]) if place < len(known) else place - len(known)
            if not self._told([*said[-self.longest :], piece]):
                return piece
            weights[known == piece] = 0.0
            others[piece] = 0.0

    def _told(self, said: Sequence[int]) -> bool:
        """Does a passage of these pieces stand in a training text?"""
        if len(said) <= self.longest or not len(self.passages):
            return False
        codes = _passages(self._codes, [said], self.longest)
        places = np.minimum(np.searchsorted(self.passages, codes), len(self.passages) - 1)
        return bool((self.passages[places] == codes).any())

    @cached_property
    def _common(self) -> Floats:
        """Each piece's weight whatever is before it; none for what is never made."""
        out: Floats = self.model.common ** (1 / self.recipe.temperature)
        out[: RARE + 1] = 0.0
        return out

    @cached_property
    def _codes(self) -> Codes:
        return _folded(self.vocabulary)

    def _numbered(self, text: str) -> list[int]:
        return [self._numbers.get(piece, RARE) for piece in _cut(text, self.recipe.pieces)]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {piece: place for place, piece in enumerate(self.vocabulary, RARE + 1)}


def _cut(text: str, kind: str) -> list[str]:
    # A first word is the same word as in the middle, and stands apart from what it comes to follow.
    return pieces.words(f" {text.strip()}") if kind == "word" else pieces.characters(text.strip())


def _folded(vocabulary: Sequence[str]) -> Codes:
    """A code for each number: the same for pieces that differ in capitals or in the space before them."""
    plain_ = [texts.plain(piece).strip() for piece in vocabulary]
    known = [hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest() for piece in plain_]
    return np.concatenate([np.arange(RARE + 1, dtype=np.uint64), np.frombuffer(b"".join(known), np.uint64)])


def _passages(codes: Codes, numbered: Sequence[Sequence[int]], longest: int) -> Codes:
    """A code for every `longest` + 1 pieces that follow each other."""
    starts = np.cumsum([0, *map(len, numbered)])
    flat = np.fromiter((number for text in numbered for number in text), np.int64, int(starts[-1]))
    return coded.grams(Coded(codes[flat], starts), longest + 1).codes


def _check(speaker: Speaker) -> None:
    """ValueError where the parts of a model do not fit each other."""
    top = len(speaker.vocabulary) + RARE
    sound = (
        all(int(level.pieces.max()) <= top and not (level.pieces == BEGIN).any() for level in speaker.model.levels)
        and len(speaker.model.common) == top + 1
        and speaker.lengths.dtype == np.int64
        and len(speaker.lengths) > 0
        and int(speaker.lengths.min()) > 0
        and int(speaker.lengths.max()) < 10_000_000
        and speaker.passages.dtype == np.uint64
        and speaker.longest > 0
        and any(map(str.strip, speaker.vocabulary))
    )
    if not sound:
        raise ValueError("its parts do not fit each other")
