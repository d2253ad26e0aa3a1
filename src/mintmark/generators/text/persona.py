"""Personas: people imagined from texts, people around them, and what they would ask (Ge et al. 2024)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import ConditionError
from mintmark.generators.text import corpus, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.nearness import Near
from mintmark.generators.text.prompts import Prompt, chosen, enclosed
from mintmark.generators.text.rounds import Numbers, grown, passed
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request

METHOD = "text.persona"
Asked = Literal["text", "relation", "task"]
SHORTEST, LONGEST = 4, 120
"""Words of a persona."""
_HEAD = re.compile(r"^\W*(?:persona|person|description)\W*:\W*", re.IGNORECASE)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Persona:
    """Personas: people imagined from texts, then people around them, then what they would ask (Ge et al. 2024).

    From each text of the training rows the model imagines a person (text-to-persona), from that person another who has
    to do with them, and so on for `steps` steps (persona-to-persona). One who is nearly the same as an earlier one is
    dropped (MinHash over words at 0.9, as published). With `task`, each says what they would ask. With `given`, rows
    get the person of their `text`; rows that have a persona already get the task alone.
    """

    model: Definition
    text: str = "text"
    """The column with texts."""
    persona: str = "persona"
    """The column with personas, made or given."""
    steps: Annotated[int, Field(ge=0, le=20)] = 6
    samples: Annotated[int, Field(ge=1)] = 1
    """Personas that are imagined from each text."""
    task: str = ""
    """What each persona is to bring: `a mathematical problem`, `a request to an assistant`. Empty: nothing."""
    closest: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Jaccard similarity of words from which on two personas are the same."""
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """For each given row."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 512
    prompts: Mapping[Asked, str] = Field(default_factory=dict)
    """In place of `prompts/persona_text.txt`, `persona_relation.txt` and `persona_task.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "People are as the model imagines them: its clichés of trades, ages and countries are in every row.",
        "Many personas are no survey: their shares are those of the texts and of the model, not of any population.",
    )
    talks: ClassVar[bool] = True

    @property
    def asks(self) -> str:
        """What the model is asked for a persona, with places for what it is shown."""
        return self.prompt("text").user

    def prompt(self, asked: Asked) -> Prompt:
        """What asks for a persona, for one around it, or for its task."""
        return chosen(self.prompts.get(asked), f"persona_{asked}")

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Imaginer":  # noqa: ARG002 (nothing is drawn)
        """Reads texts, where there are any; without them it takes `given`."""
        return Imaginer(self, corpus.learn(real, self.text, METHOD))

    def load(self, folder: Path) -> "Imaginer":
        """Reads what `Imaginer.save` wrote; LedgerError where it was altered."""
        return Imaginer(self, corpus.load(folder, METHOD, "texts"))


@plain(frozen=True)
class Imaginer:
    """The texts, and the way of imagining."""

    recipe: Persona
    texts: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """Persona, how many steps from a text, and the task where one is asked for."""
        return TableSchema(self._made(nullable=False))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where nothing is left to be made."""
        return self.schema if given is None else tables.joined(given, self._added(given))

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Imagines until there are enough who differ; GenerationError where texts and steps do not suffice."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            turns = _Turns(self.recipe, desk, int(rng.integers(2**31)))
            rows = self._grown(count, desk, turns, rng) if given is None else self._each(desk, turns, given)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if nobody were dropped: for an estimate."""
        turns, usual = _Turns(self.recipe, None, 0), "somebody of whom two sentences tell " * 4
        there = given is not None and self.recipe.persona in given.columns.names
        texts = list(self.texts) or [usual]
        if given is not None and not there:
            texts = [row[self.recipe.text] or "" for row in tables.rows_of(given)]
        one = [] if there else [turns.next_of(_Somebody(texts[place % len(texts)])) for place in range(count)]
        return [*one, *(turns.task_of(usual) for _ in range(count if self.recipe.task else 0))]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        corpus.save(folder, METHOD, "texts", self.texts)

    def _made(self, *, nullable: bool) -> tuple[Column, ...]:
        step = Column("step", Kind.NUMBER, pa.int64(), nullable=nullable, decimals=0)
        task = (tables.text("task", nullable=nullable),) if self.recipe.task else ()
        return tables.text(self.recipe.persona, nullable=nullable), step, *task

    def _added(self, given: TableSchema) -> tuple[Column, ...]:
        if self.recipe.persona not in given.names:
            return self._made(nullable=True)
        if not self.recipe.task:
            raise ConditionError("these rows have personas already", where=self.recipe.persona,
                                 fix="say what each is to bring: task: a request to an assistant")  # fmt: skip
        return self._made(nullable=True)[2:]

    def _grown(self, count: int, desk: Asker, turns: "_Turns", rng: np.random.Generator) -> list[Row]:
        held = corpus.need(self.texts, "texts", self.recipe.text, METHOD)
        order = [held[place] for place in rng.permutation(len(held)).tolist()]
        first = (_Somebody(text) for text in order * self.recipe.samples)
        return grown(desk, count, first, turns.turn, self._after)

    def _after(self, one: "_Somebody", row: Row | None) -> list["_Somebody"]:
        """Around whom somebody is imagined next."""
        if row is None or one.step >= self.recipe.steps:
            return []
        return [_Somebody(row.values[self.recipe.persona], one.step + 1)]

    def _each(self, desk: Asker, turns: "_Turns", given: Dataset) -> list[Row]:
        there = self.recipe.persona in given.columns.names
        column = self.recipe.persona if there else self.recipe.text
        tables.texts(given, column, METHOD)
        shown = [(row[column] or "").strip() for row in tables.rows_of(given)]
        rows = [Row({})] * len(shown)
        pending = [place for place, text in enumerate(shown) if text]
        for _ in range(len(shown) - len(pending)):
            desk.drop(Dropped(f"no {column}"))
        for _ in range(self.recipe.tries):
            members = [_Somebody(shown[place], known=there) for place in pending]
            for place, row in zip(pending, turns.turn(members), strict=True):
                rows[place] = row or rows[place]
            pending = [place for place in pending if not rows[place].values]
            desk.say(len(shown) - len(pending), len(shown))
        return rows


@plain(frozen=True)
class _Somebody:
    """Whom to imagine somebody from: a text at step 0, else a persona; or one who is known already."""

    shown: str
    step: int = 0
    known: bool = False


class _Turns:
    """Imagines people, and what they bring."""

    def __init__(self, recipe: Persona, desk: Asker | None, first: int) -> None:
        self._recipe, self._desk = recipe, desk
        self._numbers = Numbers(first)
        self._near = Near(recipe.closest)

    def turn(self, members: Sequence[_Somebody]) -> list[Row | None]:
        """A row for each from whom somebody new could be imagined."""
        assert self._desk is not None
        asked = [(place, self.next_of(one)) for place, one in enumerate(members) if not one.known]
        people = {place: Row({self._recipe.persona: one.shown}) for place, one in enumerate(members) if one.known}
        for place, row in passed(self._desk, asked, lambda _, reply: self._new(reply)):
            people[place] = replace(row, values={**row.values, "step": members[place].step})
        rows: list[Row | None] = [None] * len(members)
        if not self._recipe.task:
            for place, row in people.items():
                rows[place] = row
            return rows
        tasks = ((place, self.task_of(row.values[self._recipe.persona])) for place, row in people.items())
        for place, (task, key) in passed(self._desk, tasks, lambda _, reply: (whole(reply), reply.key)):
            rows[place] = Row({**people[place].values, "task": task}, key)
        return rows

    def next_of(self, one: _Somebody) -> Request:
        """What asks for somebody to be imagined."""
        if one.step:
            return self._ask("relation", {"persona": enclosed(one.shown, "person")})
        return self._ask("text", {"text": enclosed(one.shown, "text")})

    def task_of(self, persona: str) -> Request:
        """What asks for that which a persona brings."""
        return self._ask("task", {"persona": enclosed(persona, "person"), "task": self._recipe.task})

    def _ask(self, asked: Asked, shown: Mapping[str, str]) -> Request:
        recipe = self._recipe
        return self._numbers(Request(recipe.prompt(asked).fill(shown), max_tokens=recipe.max_tokens,
                                     temperature=recipe.temperature, top_p=recipe.top_p))  # fmt: skip

    def _new(self, reply: Reply) -> Row:
        persona = _HEAD.sub("", " ".join(whole(reply).split()))
        words = len(re.findall(r"\w+", persona))
        if not SHORTEST <= words <= LONGEST:
            raise Dropped("too short or too long for a persona", f"{words} words", persona)
        twin = self._near.twin(persona)
        if twin:
            raise Dropped("nearly the same persona", f"Jaccard {twin[0]:.2f} with: {twin[1]}", persona)
        return Row({self._recipe.persona: persona}, reply.key)
