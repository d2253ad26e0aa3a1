"""Questions about documents, each answered by a passage that stands there word for word (Rajpurkar et al. 2016)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, TableSchema
from mintmark.errors import RecipeError
from mintmark.generators.text import corpus, prompts, rounds, tables
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.chunks import chunks
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.words.texts import plain as folded

METHOD = "text.question"
COUNTED = "pairs that their passage proves"
FIELDS = ("question", "answer", "span")


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Question:
    """Questions about documents, each answered by a passage that stands there word for word (Rajpurkar et al. 2016).

    Documents come from the training rows or, with `given`, from the rows of an earlier step; long ones are cut into
    pieces that overlap. A pair of question and answer is kept where its span stands in the piece, but for blanks and
    line breaks, and holds the answer: all its numbers and a share of `supported` of its words. With `given` each row
    gets one pair, about a piece of its document that is drawn.
    """

    model: Definition
    document: str = "text"
    """The column with documents."""
    pairs: Annotated[int, Field(ge=1, le=20)] = 3
    """That one prompt asks for."""
    characters: Annotated[int, Field(ge=100)] = 4000
    """Of a piece, at most."""
    overlap: Annotated[int, Field(ge=0)] = 400
    """Characters that follow each other in two pieces: a passage of so many is never cut through."""
    supported: Annotated[float, Field(gt=0, le=1)] = 0.8
    samples: Annotated[int, Field(ge=1)] = 10
    """How often each piece is asked about, at most."""
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """For each given row."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 1024
    prompt: str | None = None
    """In place of `prompts/question.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "What the documents say is right: an answer is proved by its document alone.",
        "Answers stand in one passage: what takes two passages, or a conclusion, is not asked.",
        "That the words of an answer stand in its passage does not prove that they answer the question.",
    )
    origin: ClassVar[str] = "augmented"
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if 2 * self.overlap >= self.characters:
            found = f"{self.overlap} of {self.characters}"
            raise RecipeError("pieces overlap by half of their length or more", where="overlap", found=found,
                              fix="less than half of `characters`")  # fmt: skip

    @property
    def asks(self) -> str:
        """What the model is asked, with places for what it is shown."""
        return prompts.chosen(self.prompt, "question").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Questioner":  # noqa: ARG002 (nothing is drawn)
        """Reads documents, where there are any; without them it takes `given`."""
        return Questioner(self, corpus.learn(real, self.document, METHOD))

    def load(self, folder: Path) -> "Questioner":
        """Reads what `Questioner.save` wrote; LedgerError where it was altered."""
        return Questioner(self, corpus.load(folder, METHOD, "documents"))


@plain(frozen=True)
class Questioner:
    """The documents, and the way of asking."""

    recipe: Question
    documents: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """Passage (the piece that was shown), question, answer and the span that proves it."""
        return TableSchema(tuple(map(tables.text, ("passage", *FIELDS))))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, _ADDED)

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks until enough pairs are proved; GenerationError where hardly any is, or all pieces have been asked of."""
        schema = self.schema_with(None if given is None else given.columns)
        number = int(rng.integers(2**31))
        with asking(self.recipe.model, workshop, METHOD) as desk:
            judge = _Judge(desk, self.recipe)
            if given is None:
                pieces = self._pieces()
                turns = rounds.in_turn(pieces, rng.permutation(len(pieces)).tolist(), self.recipe.samples,
                                       lambda piece, turn: self._request(piece, self.recipe.pairs, number + turn),
                                       )  # fmt: skip
                rows = desk.until(count, turns, judge.each, each=self.recipe.pairs)
            else:
                rows = self._each(desk, judge, given, rng, number)
        workshop.counted(COUNTED, judge.proved, judge.judged)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every pair were proved: for an estimate."""
        if given is not None:
            shown = self._shown(given, np.random.default_rng(0))
            return [self._request(piece, 1, 0) for piece in shown if piece]
        pieces = self._pieces() if self.documents else ["x" * self.recipe.characters]
        each = self.recipe.pairs if self.documents else 1
        asked = -(-count // each)
        return [self._request(pieces[place % len(pieces)], each, place // len(pieces)) for place in range(asked)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        corpus.save(folder, METHOD, "documents", self.documents)

    def _pieces(self) -> list[str]:
        recipe = self.recipe
        documents = corpus.need(self.documents, "documents", recipe.document, METHOD)
        cut = (chunks(each, recipe.characters, recipe.overlap) for each in documents)
        return list(dict.fromkeys(piece for pieces in cut for piece in pieces))

    def _each(self, desk: Asker, judge: "_Judge", given: Dataset, rng: np.random.Generator, number: int) -> list[Row]:
        shown = self._shown(given, rng)
        for piece in shown:
            if piece is None:
                desk.drop(Dropped("no document"))
        requests = [self._request(piece, 1, 0) if piece else None for piece in shown]
        one = rounds.singly(lambda place, reply: judge.one(str(shown[place]), reply))
        rows = rounds.each(desk, requests, one, tries=self.recipe.tries, sample=number)
        return [row or Row({}) for row in rows]

    def _shown(self, given: Dataset, rng: np.random.Generator) -> list[str | None]:
        """A piece of each row's document; None where there is none."""
        recipe = self.recipe
        tables.texts(given, recipe.document, METHOD)
        shown: list[str | None] = []
        for row in tables.rows_of(given):
            pieces = chunks(row[recipe.document] or "", recipe.characters, recipe.overlap)
            shown.append(pieces[rng.integers(len(pieces))] if pieces else None)
        return shown

    def _request(self, piece: str, pairs: int, sample: int) -> Request:
        recipe = self.recipe
        wanted = "a question with its answer" if pairs == 1 else f"{pairs} different questions with their answers"
        messages = prompts.chosen(recipe.prompt, "question").fill(
            {"document": prompts.enclosed(piece), "pairs": wanted}
        )
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       schema=_schema(pairs), sample=sample)  # fmt: skip


class _Judge:
    """Looks for proof in pieces, and remembers what was asked of them."""

    def __init__(self, desk: Asker, recipe: Question) -> None:
        self._desk, self._recipe = desk, recipe
        self._asked: set[str] = set()
        self.judged = self.proved = 0

    def each(self, piece: str, reply: Reply) -> Iterable[Row]:
        """All pairs of an answer that are proved, and new."""
        for row in self._proved(piece, reply):
            question = " ".join(_words(row.values["question"]))
            if question in self._asked:
                self._desk.drop(Dropped("the same question as before", "", row.values["question"]))
                continue
            self._asked.add(question)
            yield row

    def one(self, piece: str, reply: Reply) -> Row:
        """The first pair that is proved; Dropped, once more, where none is."""
        return next(self._proved(piece, reply, last=True))

    def _proved(self, piece: str, reply: Reply, *, last: bool = False) -> Iterator[Row]:
        pairs = reply.value["pairs"]
        for place, pair in enumerate(pairs, 1):
            self.judged += 1
            try:
                need_proof(piece, pair, self._recipe.supported)
            except Dropped as dropped:
                if last and place == len(pairs):
                    raise
                self._desk.drop(dropped)
                continue
            self.proved += 1
            values = {name: " ".join(pair[name].split()) for name in FIELDS}
            yield Row({"passage": piece, **values}, reply.key)


def need_proof(piece: str, pair: Mapping[str, str], supported: float) -> None:
    """Raises Dropped where the span does not stand in the piece, or does not hold the answer."""
    question, answer, span = (" ".join(pair[name].split()) for name in FIELDS)
    told = f"Q: {question}\nA: {answer}\nSpan: {span}"
    if not (question and answer and span):
        raise Dropped("a part of a pair is empty", "", told)
    if span not in " ".join(piece.split()):
        raise Dropped("the span does not stand in the document", span, told)
    words, proof = _words(answer), set(_words(span))
    lacking = [word for word in words if word not in proof]
    if not words or any(re.search(r"\d", word) for word in lacking):
        raise Dropped("the span does not hold the answer's numbers" if words else "no answer", ", ".join(lacking), told)
    if 1 - len(lacking) / len(words) < supported:
        raise Dropped("the span does not hold the answer", ", ".join(lacking), told)
    if f" {' '.join(words)} " in f" {' '.join(_words(question))} ":
        raise Dropped("the question gives its answer away", "", told)


def _words(text: str) -> list[str]:
    """Words, folded; a number with its separators is one word: 3.5 is not supported by a 3 and a 5."""
    return re.findall(r"\d+(?:[.,:/]\d+)*|\w+", folded(text))


def _schema(pairs: int) -> Mapping[str, Any]:
    each = {"type": "object", "properties": {name: {"type": "string", "minLength": 1} for name in FIELDS},
            "required": list(FIELDS), "additionalProperties": False}  # fmt: skip
    return {"type": "object", "properties": {"pairs": {"type": "array", "items": each, "minItems": 1,
                                                       "maxItems": 2 * pairs}},
            "required": ["pairs"], "additionalProperties": False}  # fmt: skip


_ADDED: tuple[Column, ...] = tuple(tables.text(name, nullable=True) for name in ("passage", *FIELDS))
