"""Evol-Instruct: tasks that grow harder or rarer round by round, without those that failed to (Xu et al. 2023)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import RecipeError
from mintmark.generators.text import corpus, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.prompts import Prompt, chosen, enclosed, named
from mintmark.generators.text.rounds import Numbers, grown, passed
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Message, Reply, Request
from mintmark.words import coded
from mintmark.words.rouge import rouge_l

METHOD = "text.evolve"
Operation = Literal["constrain", "deepen", "concretise", "steps", "breadth"]
OPERATIONS: tuple[Operation, ...] = ("constrain", "deepen", "concretise", "steps", "breadth")
LEAKS = re.compile(r"(?i)\b(?:given|rewritten|new|created|original|evolved) (?:task|prompt|instruction)\b|</?task>")
"""Words of the prompt, which no task of its own would hold."""
SORRY_WORDS = 80
"""An answer that is sorry and has fewer words than this fails; as published."""
STOP = frozenset(("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "i", "in", "is", "it", "no", "not",
                  "of", "on", "or", "so", "that", "the", "this", "to", "was", "yes", "you"))  # fmt: skip


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Evolve:
    """Evol-Instruct: tasks that grow harder or rarer round by round, without those that failed to (Xu et al. 2023).

    In each of `rounds` turns a task is rewritten by an operation that is drawn: a constraint more, more depth, concrete
    notions, more steps of reasoning, or (breadth) another task of its field. A rewriting is eliminated where the model
    finds that it asks the same, where it talks of the prompt, or where its answer is short and sorry or says nothing;
    the task then goes into the next turn as it was. Every rewriting that lives is a row. With `given`, each row gets
    the last that lived of its own task.
    """

    model: Definition
    instruction: str = "instruction"
    """The column with tasks."""
    rounds: Annotated[int, Field(ge=1, le=20)] = 4
    operations: tuple[Operation, ...] = OPERATIONS
    """Drawn with equal chances; name one twice, and it has two."""
    closest: Annotated[float, Field(gt=0, le=1)] = 0.95
    """A rewriting whose ROUGE-L with its task is above this is not one."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 2048
    prompts: Mapping[Operation, str] = Field(default_factory=dict)
    """In place of `prompts/evolve_OPERATION.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "The model knows how to do the tasks that it makes harder: nobody has checked the answers.",
        "Longer and more constrained is harder; tasks that are hard because they are vague or long get fewer.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.operations:
            raise RecipeError("no way to evolve", where="operations", fix=f"choose from {', '.join(OPERATIONS)}")

    @property
    def asks(self) -> str:
        """What the model is asked, by operation."""
        return "\n\n".join(self.prompt(each).user for each in dict.fromkeys(self.operations))

    def prompt(self, operation: Operation) -> Prompt:
        """What asks for a rewriting."""
        return chosen(self.prompts.get(operation), f"evolve_{operation}")

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Evolver":  # noqa: ARG002 (nothing is drawn)
        """Reads tasks, where there are any; without them it takes `given`."""
        return Evolver(self, corpus.learn(real, self.instruction, METHOD))

    def load(self, folder: Path) -> "Evolver":
        """Reads what `Evolver.save` wrote; LedgerError where it was altered."""
        return Evolver(self, corpus.load(folder, METHOD, "seeds"))


@plain(frozen=True)
class Evolver:
    """The tasks, and the way of rewriting them."""

    recipe: Evolve
    seeds: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """The first task, what became of it, by which operation, in which round, and its answer."""
        return TableSchema((tables.text("instruction"), *_made(nullable=False)))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, _made(nullable=True))

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Evolves until `count` rewritings live; GenerationError where hardly any does."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            turns = _Turns(self.recipe, desk, rng)
            rows = self._grown(count, desk, turns, rng) if given is None else self._each(desk, turns, given)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every rewriting lived: for an estimate."""
        turns = _Turns(self.recipe, None, np.random.default_rng(0))
        tasks = list(self.seeds) or ["a task of some length " * 4]
        if given is not None:
            found = [row[self.recipe.instruction] or "" for row in tables.rows_of(given)]
            tasks, count = found, len(found) * self.recipe.rounds
        shown = [_Member(task, task) for task in (tasks[place % len(tasks)] for place in range(count))]
        return [each for member in shown for each in turns.all_of(member)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        corpus.save(folder, METHOD, "seeds", self.seeds)

    def _grown(self, count: int, desk: Asker, turns: "_Turns", rng: np.random.Generator) -> list[Row]:
        held = corpus.need(self.seeds, "tasks", self.recipe.instruction, METHOD)
        seeds = [held[place] for place in rng.permutation(len(held)).tolist()]
        # Few tasks go their way several times at once, so that many rows need no more waiting than few.
        copies = -(-count // (len(seeds) * self.recipe.rounds))
        first = (_Member(seed, seed) for seed in seeds * copies)
        return grown(desk, count, first, turns.turn, lambda member, row: [member.after(row, self.recipe.rounds)])

    def _each(self, desk: Asker, turns: "_Turns", given: Dataset) -> list[Row]:
        tables.texts(given, self.recipe.instruction, METHOD)
        tasks = [(row[self.recipe.instruction] or "").strip() for row in tables.rows_of(given)]
        members = {place: _Member(task, task) for place, task in enumerate(tasks) if task}
        rows = [Row({})] * len(tasks)
        for place in range(len(tasks)):
            if place not in members:
                desk.drop(Dropped("no task"))
        for turn in range(self.recipe.rounds):
            for place, row in zip(members, turns.turn(list(members.values())), strict=True):
                rows[place] = row or rows[place]
                members[place] = members[place].after(row, self.recipe.rounds)
            desk.say(turn + 1, self.recipe.rounds)
        return rows


@plain(frozen=True)
class _Member:
    """A task on its way: as it was first, as it is, and how many turns it has had."""

    seed: str
    task: str
    turns: int = 0

    def after(self, row: Row | None, rounds: int) -> "_Member":
        """What goes into the next turn; after the last one the first task begins anew."""
        if self.turns + 1 >= rounds:
            return _Member(self.seed, self.seed)
        return _Member(self.seed, row.values["evolved"] if row else self.task, self.turns + 1)


class _Turns:
    """Rewrites tasks, eliminates what failed, and has the others done."""

    def __init__(self, recipe: Evolve, desk: Asker | None, rng: np.random.Generator) -> None:
        self._recipe, self._desk, self._rng = recipe, desk, rng
        self._numbers = Numbers(int(rng.integers(2**31)))

    def turn(self, members: Sequence[_Member]) -> list[Row | None]:
        """A row for each member whose rewriting lives."""
        assert self._desk is not None
        drawn = [self._draw() for _ in members]
        asked = [self._rewriting(member, operation) for member, operation in zip(members, drawn, strict=True)]
        evolved = dict(passed(self._desk, enumerate(asked), lambda place, reply: self._new(members[place].task, reply)))
        same = ((place, self._equal(members[place].task, task)) for place, task in evolved.items())
        alive = dict(passed(self._desk, same, lambda place, reply: _need_gain(evolved[place], reply)))
        answers = ((place, self._answering(evolved[place])) for place in alive)
        rows: list[Row | None] = [None] * len(members)
        for place, (text, key) in passed(self._desk, answers, lambda _, reply: (_useful(reply), reply.key)):
            member = members[place]
            values = {"instruction": member.seed, "evolved": evolved[place], "operation": drawn[place],
                      "round": member.turns + 1, "output": text}  # fmt: skip
            rows[place] = Row(values, key)
        return rows

    def all_of(self, member: _Member) -> list[Request]:
        """What one turn of one member asks."""
        return [self._rewriting(member, self._draw()), self._equal(member.task, member.task),
                self._answering(member.task)]  # fmt: skip

    def _draw(self) -> Operation:
        return self._recipe.operations[self._rng.integers(len(self._recipe.operations))]

    def _rewriting(self, member: _Member, operation: Operation) -> Request:
        return self._ask(self._recipe.prompt(operation).fill({"task": enclosed(member.task, "task")}))

    def _equal(self, one: str, other: str) -> Request:
        shown = {"first": enclosed(one, "task"), "second": enclosed(other, "task")}
        return self._numbers(Request(named("evolve_equal").fill(shown), max_tokens=8, temperature=0))

    def _answering(self, task: str) -> Request:
        return self._ask(Request.of(task).messages)

    def _ask(self, messages: tuple[Message, ...]) -> Request:
        recipe = self._recipe
        return self._numbers(Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature,
                                     top_p=recipe.top_p))  # fmt: skip

    def _new(self, task: str, reply: Reply) -> str:
        """The rewriting; Dropped where it is none."""
        evolved = whole(reply)
        leak = LEAKS.search(evolved)
        if leak and not LEAKS.search(task):
            raise Dropped("talks of the prompt", leak[0], evolved)
        words = coded.words([task, evolved])
        near = rouge_l(words[0].tolist(), words[1].tolist())
        if near > self._recipe.closest:
            raise Dropped("nothing is rewritten", f"ROUGE-L {near:.2f} with: {task}", evolved)
        return evolved


def _need_gain(evolved: str, reply: Reply) -> None:
    if reply.text.strip().lower().lstrip("\"'*( ").startswith("y"):
        raise Dropped("asks the same as before", "", evolved)


def _useful(reply: Reply) -> str:
    """The answer; Dropped where it is short and sorry, or says nothing."""
    text = whole(reply)
    words = re.findall(r"\w+", text.lower())
    if "sorry" in words and len(words) < SORRY_WORDS:
        raise Dropped("the answer is sorry", "", text)
    if not set(words) - STOP:
        raise Dropped("the answer says nothing", "", text)
    return text


def _made(*, nullable: bool) -> tuple[Column, ...]:
    kind = Column("operation", Kind.CATEGORY, pa.string(), nullable=nullable, levels=OPERATIONS)
    number = Column("round", Kind.NUMBER, pa.int64(), nullable=nullable, decimals=0)
    return tables.text("evolved", nullable=nullable), kind, number, tables.text("output", nullable=nullable)
