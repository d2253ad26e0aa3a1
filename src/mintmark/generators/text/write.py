"""Columns written by a language model: a prompt over the other columns, an answer for each row."""

from collections.abc import Mapping, Sequence
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
from mintmark.generators.text import tables
from mintmark.generators.text.answers import Answer, read, schema_of
from mintmark.generators.text.asking import Asker, asking, finished
from mintmark.generators.text.prompts import Prompt
from mintmark.generators.text.rounds import Numbers
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request

METHOD = "text.write"
USUAL = "some forty letters, as a field may hold"
"""Stands for what is not made yet, where the length of a prompt is estimated."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Write:
    """Columns written by a language model: a prompt over the other columns, an answer for each row.

    With `given`, each of its rows fills the places of the prompt (`{{topic}}`) and gets the new columns beside its own;
    several such steps make a graph of columns. A row that is refused `tries` times is left with missing values: let the
    step `keep` filters that drop those, and it goes on until there are enough. Without `given` the same prompt is asked
    again and again.
    """

    model: Definition
    prompt: str
    columns: Mapping[str, Answer] = Field(default_factory=lambda: {"text": Answer()})
    """What is made: one column holds the whole answer; several, or one that is no plain text, are asked for as JSON."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    stop: tuple[str, ...] = ()
    tries: Annotated[int, Field(ge=1, le=20)] = 3

    assumes: ClassVar[tuple[str, ...]] = (
        "What a language model writes is plausible, which is not to say true.",
        "It writes as its makers trained it to: styles, opinions and people that it knows little of are rare.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.columns:
            raise RecipeError("nothing is to be written", where="columns", fix="name a column: columns: {text: {}}")
        Prompt.of(self.prompt)

    @property
    def asks(self) -> str:
        """What the model is asked, with places for columns."""
        return self.prompt

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of given rows that fill the prompt."""
        return Prompt.of(self.prompt).names

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Writer":  # noqa: ARG002 (nothing is learnt)
        """Nothing is learnt; real data is not looked at."""
        return Writer(self)

    def load(self, folder: Path) -> "Writer":
        """Reads what `Writer.save` wrote; LedgerError where it was altered."""
        storage.read(folder, METHOD)
        return Writer(self)


@plain(frozen=True)
class Writer:
    """Asks, and puts what is answered beside what was given."""

    recipe: Write

    @cached_property
    def schema(self) -> TableSchema:
        """Of the columns that are written."""
        return TableSchema(tuple(answer.column(name) for name, answer in self.recipe.columns.items()))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, self.schema.columns)

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Writes; raises what the desk raises, and GenerationError where hardly anything is answered."""
        schema = self.schema_with(None if given is None else given.columns)
        first = int(rng.integers(2**31))
        with asking(self.recipe.model, workshop, METHOD) as desk:
            rows = self._alone(desk, count, first) if given is None else self._each(desk, given, first)
        return finished(schema, rows, given, workshop)

    def requests(
        self, count: int, given: Dataset | None = None, *, rng: np.random.Generator | None = None
    ) -> Sequence[Request]:
        """What would be asked at first: for an estimate. With the generator that `sample` gets, the very same."""
        prompt, first = Prompt.of(self.recipe.prompt), 0 if rng is None else int(rng.integers(2**31))
        if given is None:
            messages = prompt.fill(dict.fromkeys(prompt.names, USUAL))
            return [self._request(messages, first + place) for place in range(count)]
        return [self._request(prompt.fill(row), 0) for row in tables.rows_of(given)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {})

    def _alone(self, desk: Asker, count: int, first: int) -> list[Row]:
        prompt = Prompt.of(self.recipe.prompt)
        prompt.need(())
        numbers = iter(range(first, first + 100 * count + 10_000))
        messages = prompt.fill({})
        return desk.until(
            count,
            lambda wanted: [(None, self._request(messages, next(numbers))) for _ in range(wanted)],
            lambda _, reply: [self._read(reply)],
        )

    def _each(self, desk: Asker, given: Dataset, first: int) -> list[Row]:
        prompt = Prompt.of(self.recipe.prompt)
        prompt.need(given.columns.names)
        asked = [self._request(prompt.fill(row), 0) for row in tables.rows_of(given)]
        numbers = Numbers(first)  # rows that ask the same are not answered the same: each asks for another sample
        return desk.each(
            len(asked),
            lambda place: (None, numbers(asked[place])),
            lambda _, reply: [self._read(reply)],
            tries=self.recipe.tries,
        )

    def _request(self, messages: Any, sample: int) -> Request:
        recipe = self.recipe
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       stop=recipe.stop, schema=schema_of(recipe.columns), sample=sample)  # fmt: skip

    def _read(self, reply: Reply) -> Row:
        return Row(read(reply, self.recipe.columns), reply.key)
