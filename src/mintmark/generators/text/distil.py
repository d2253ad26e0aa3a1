"""Distillation: a teacher's answers to real prompts, as conversations (sequence level: Kim & Rush 2016)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, TableSchema
from mintmark.generators.text import chat, corpus, rounds, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Message, Reply, Request

METHOD = "text.distil"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Distil:
    """Distillation: a teacher's answers to real prompts, as conversations (sequence level: Kim & Rush 2016).

    Prompts come from the training rows or, with `given`, from the rows of an earlier step. Each row holds the answer,
    the whole conversation as JSON (`messages`), the teacher by the name that its endpoint gives, and how it was asked.
    Every prompt is asked once before any is asked again, up to `samples` times.
    """

    model: Definition
    prompt: str = "prompt"
    """The column with prompts."""
    form: Literal["text", "messages"] = "text"
    """Whether a prompt is a text, or a conversation in JSON that ends with the user."""
    system: str = ""
    """Instructions for the teacher; they are part of the conversation, and so of the row."""
    samples: Annotated[int, Field(ge=1)] = 1
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """For each given row."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] = 2048
    stop: tuple[str, ...] = ()

    assumes: ClassVar[tuple[str, ...]] = (
        "The teacher's answers are worth learning: nobody has checked them, and its mistakes are taught too.",
        "The teacher's licence allows that others learn from its answers.",
        "Prompts are real, and stand in the rows word for word, with all that people wrote into them.",
    )
    origin: ClassVar[str] = "augmented"
    talks: ClassVar[bool] = True

    @property
    def asks(self) -> str:
        """The prompt itself, perhaps after instructions."""
        return f"{self.system}\n\n{{{{{self.prompt}}}}}".strip()

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Teacher":  # noqa: ARG002 (nothing is drawn)
        """Reads prompts, where there are any; DataError where one is no conversation that waits for an answer."""
        found = corpus.learn(real, self.prompt, METHOD)
        for text in found:
            self.conversation(text)
        return Teacher(self, found)

    def load(self, folder: Path) -> "Teacher":
        """Reads what `Teacher.save` wrote; LedgerError where it was altered."""
        return Teacher(self, corpus.load(folder, METHOD, "prompts"))

    def conversation(self, text: str) -> tuple[Message, ...]:
        """What is said to the teacher."""
        asked = (Message("user", text),) if self.form == "text" else chat.read(text, where=self.prompt)
        ours = self.system and asked[0].role != "system"
        return (Message("system", self.system), *asked) if ours else asked


@plain(frozen=True)
class Teacher:
    """The prompts, and the way of asking."""

    recipe: Distil
    prompts: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """Prompt, answer, conversation, teacher, and how it was asked."""
        return TableSchema((tables.text(self.recipe.prompt), *_made(nullable=False)))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, _made(nullable=True))

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks until enough is answered; GenerationError where hardly anything is, or all samples are taken."""
        schema = self.schema_with(None if given is None else given.columns)
        number = int(rng.integers(2**31))
        with asking(self.recipe.model, workshop, METHOD) as desk:
            if given is None:
                held = corpus.need(self.prompts, "prompts", self.recipe.prompt, METHOD)
                turns = rounds.in_turn(held, rng.permutation(len(held)).tolist(), self.recipe.samples,
                                       lambda text, turn: self._request(text, number + turn))  # fmt: skip
                rows = rounds.until(desk, count, turns, rounds.singly(self._answered))
            else:
                rows = self._each(desk, given, number)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every answer were accepted: for an estimate."""
        if given is not None:
            shown = [row[self.recipe.prompt] for row in tables.rows_of(given)]
            return [self._request(text, 0) for text in shown if text and text.strip()]
        usual = (
            chat.written([Message("user", "some forty words " * 13)]) if self.recipe.form == "messages" else "x" * 200
        )
        held = self.prompts or (usual,)
        return [self._request(held[place % len(held)], place // len(held)) for place in range(count)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        corpus.save(folder, METHOD, "prompts", self.prompts)

    def _each(self, desk: Asker, given: Dataset, number: int) -> list[Row]:
        tables.texts(given, self.recipe.prompt, METHOD)
        shown = [row[self.recipe.prompt] or "" for row in tables.rows_of(given)]
        for text in shown:
            if not text.strip():
                desk.drop(Dropped("no prompt"))
        requests = [self._request(text, 0) if text.strip() else None for text in shown]
        take = rounds.singly(lambda place, reply: self._answered(shown[place], reply))
        rows = rounds.each(desk, requests, take, tries=self.recipe.tries, sample=number)
        return [row or Row({}) for row in rows]

    def _answered(self, text: str, reply: Reply) -> Row:
        recipe, answer = self.recipe, whole(reply)
        conversation = recipe.conversation(text)
        if answer == conversation[-1].content.strip():
            raise Dropped("the answer repeats the prompt", "", answer)
        how = {"temperature": recipe.temperature, "top_p": recipe.top_p, "max_tokens": recipe.max_tokens}
        values = {recipe.prompt: text, "answer": answer, "teacher": reply.model or recipe.model.name,
                  "messages": chat.written([*conversation, Message("assistant", answer)]),
                  "asked_with": json.dumps({**how, **({"stop": recipe.stop} if recipe.stop else {})})}  # fmt: skip
        return Row(values, reply.key)

    def _request(self, text: str, sample: int) -> Request:
        recipe = self.recipe
        return Request(recipe.conversation(text), max_tokens=recipe.max_tokens, temperature=recipe.temperature,
                       top_p=recipe.top_p, stop=recipe.stop, sample=sample)  # fmt: skip


def _made(*, nullable: bool) -> tuple[Column, ...]:
    return tuple(tables.text(name, nullable=nullable) for name in ("answer", "messages", "teacher", "asked_with"))
