"""Short stories in small words, around a verb, a noun and an adjective each (TinyStories, Eldan & Li 2023)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import RecipeError
from mintmark.generators import storage
from mintmark.generators.text import prompts, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.tables import Row
from mintmark.generators.text.vocabulary import ADJECTIVES, NOUNS, VERBS, holds
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request

METHOD = "text.story"
FEATURES = {
    "dialogue": "people or animals in it talk to each other",
    "plot twist": "something happens that nobody expected",
    "bad ending": "it ends badly",
    "moral value": "one learns from it how to behave",
    "foreshadowing": "something early in it hints at what comes later",
    "conflict": "two in it want different things",
}
QUOTES = '"“«„「'
BEGINNINGS = "how stories begin"
OPENING = 4
"""Words by which a beginning is told."""
FEW = 10
"""So many stories may begin alike, however few there are."""
Words = Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Story:
    """Short stories in small words, around a verb, a noun and an adjective each (TinyStories, Eldan & Li 2023).

    For every story one word of each list is drawn, and each feature with a chance of `often`: what differs from story
    to story is decided here, and not by the model. A story is accepted where its three words are in it, in any regular
    English form, and, where it was to have dialogue, somebody speaks.
    """

    model: Definition
    verbs: Words = VERBS
    nouns: Words = NOUNS
    adjectives: Words = ADJECTIVES
    features: Mapping[str, str] = Field(default_factory=lambda: dict(FEATURES))
    """What a story may have, and how the model is told."""
    often: Annotated[float, Field(ge=0, le=1)] = 0.5
    alike: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The most of all stories that may begin with the same four words, from the tenth on: 1 is no limit. Of those that
    were published 59 % begin with "Once upon a time"."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 1024
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """Answers to a given row before it is left without a story."""
    prompt: str | None = None
    """In place of `prompts/story.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "The words of the lists and the features are what stories differ by; names, places and morals are the model's.",
        "Whether a feature is in a story is not checked, but for dialogue.",
        "Words are looked for in English forms; irregular ones (went, mice) are not known.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        prompts.chosen(self.prompt, "story")
        for name in ("verbs", "nouns", "adjectives"):
            if not all(map(str.strip, getattr(self, name))):
                raise RecipeError("a word is empty", where=name, fix="leave it out")

    @property
    def asks(self) -> str:
        """What the model is asked, with places for words and features."""
        return prompts.chosen(self.prompt, "story").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Teller":  # noqa: ARG002 (nothing is learnt)
        """Nothing is learnt; real data is not looked at."""
        return Teller(self)

    def load(self, folder: Path) -> "Teller":
        """Reads what `Teller.save` wrote; LedgerError where it was altered."""
        storage.read(folder, METHOD)
        return Teller(self)


@plain(frozen=True)
class Teller:
    """Draws what a story is about, asks for it, and looks whether it is."""

    recipe: Story

    @cached_property
    def schema(self) -> TableSchema:
        """The story, its three words, and its features in one text."""
        return TableSchema(tuple(map(tables.text, ("story", "verb", "noun", "adjective", "features"))))

    @property
    def notes(self) -> tuple[str, ...]:
        """How many different stories could be asked for, and what limits how they begin."""
        lists = (self.recipe.verbs, self.recipe.nouns, self.recipe.adjectives)
        many = int(np.prod([len(set(words)) for words in lists], dtype=float)) * 2 ** len(self.recipe.features)
        limit = f"no more than {self.recipe.alike:.0%} of stories begin alike" if self.recipe.alike < 1 else (
            "nothing limits how many stories begin alike (`coverage.openings` measures it)")  # fmt: skip
        return (f"{METHOD}: {many:,.0f} different sets of words and features can be asked for; {limit}.",)

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns. ConditionError where a story is given."""
        if given is None:
            return self.schema
        return tables.joined(given, self._made(given))

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks for stories; given rows may hold words, which are then used, and whatever else the story is about."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            telling = _Telling(self, desk, rng)
            if given is None:
                rows = desk.until(count, telling.propose, telling.take)
            else:
                rows = telling.given(tables.rows_of(given))
            desk.workshop.say(telling.openings(), count, count)
        workshop.tallied(BEGINNINGS, telling.begun)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every story were accepted: for an estimate."""
        rng = np.random.default_rng(0)
        details = [{}] * count if given is None else tables.rows_of(given)
        return [self.request(self.about(row, rng), row, sample) for sample, row in enumerate(details)]

    def about(self, details: Mapping[str, Any], rng: np.random.Generator) -> dict[str, str]:
        """The words and features of one story: given ones, and draws for the others."""
        recipe = self.recipe
        lists = {"verb": recipe.verbs, "noun": recipe.nouns, "adjective": recipe.adjectives}
        drawn = {name: words[int(rng.integers(len(words)))] for name, words in lists.items()}
        drawn["features"] = "; ".join(name for name in recipe.features if rng.random() < recipe.often)
        return drawn | {name: details[name] for name in drawn if details.get(name)}

    def request(self, about: Mapping[str, str], details: Mapping[str, Any], sample: int) -> Request:
        """One question for a story."""
        recipe = self.recipe
        told = [recipe.features.get(name, name) for name in about["features"].split("; ") if name]
        more = [f"{name}: {value}" for name, value in details.items() if value is not None and name not in about]
        places = {**about, "features": f" In the story {', and '.join(told)}." if told else "",
                  "details": f" It fits these facts: {'; '.join(more)}." if more else ""}  # fmt: skip
        return Request(prompts.chosen(recipe.prompt, "story").fill(places), max_tokens=recipe.max_tokens,
                       temperature=recipe.temperature, top_p=recipe.top_p, sample=sample)  # fmt: skip

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {})

    def _made(self, given: TableSchema) -> list[Any]:
        return [tables.text(column.name, nullable=True) for column in self.schema.columns
                if column.name not in given.names or column.name == "story"]  # fmt: skip


class _Telling:
    """The stories so far, by how they begin."""

    def __init__(self, teller: Teller, desk: Asker, rng: np.random.Generator) -> None:
        self._teller, self._desk, self._rng = teller, desk, rng
        self.begun: Counter[str] = Counter()
        self._sample = int(rng.integers(2**31))

    def propose(self, many: int) -> list[tuple[Mapping[str, str], Request]]:
        """Questions about words drawn anew."""
        return [self._asked({}) for _ in range(many)]

    def take(self, about: Mapping[str, str], reply: Reply) -> Iterable[Row]:
        """The story, where it is what was asked for; Dropped else."""
        story = whole(reply)
        lacking = [about[name] for name in ("verb", "noun", "adjective") if not holds(story, about[name])]
        if lacking:
            raise Dropped("a word is not in it", ", ".join(lacking), story)
        if "dialogue" in about["features"].split("; ") and not any(mark in story for mark in QUOTES):
            raise Dropped("nobody speaks", "no quotation mark", story)
        begin = _opening(story)
        limit = max(FEW, int(self._teller.recipe.alike * (self.begun.total() + 1)))
        if self._teller.recipe.alike < 1 and self.begun[begin] >= limit:
            raise Dropped("too many begin so", begin, story)
        self.begun[begin] += 1
        return [Row({"story": story, **about}, reply.key)]

    def given(self, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
        """A story for each given row; none where no answer is fit."""
        tries = self._teller.recipe.tries
        return self._desk.each(len(rows), lambda place: self._asked(rows[place]), self.take, tries=tries)

    def openings(self) -> str:
        """How the stories begin most often, for people."""
        (begin, many), *_ = self.begun.most_common(1) or [("", 0)]
        return f"{many / max(self.begun.total(), 1):.0%} of stories begin with “{begin}”"

    def _asked(self, details: Mapping[str, Any]) -> tuple[Mapping[str, str], Request]:
        about = self._teller.about(details, self._rng)
        self._sample += 1
        return about, self._teller.request(about, details, self._sample)


def _opening(story: str) -> str:
    return " ".join(story.lower().split()[:OPENING]).rstrip(".,!?:;")
