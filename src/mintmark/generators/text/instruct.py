"""Self-Instruct: new tasks, each with an example, grown from a few that people wrote (Wang et al. 2023)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.generators.text import corpus, prompts, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking, finished
from mintmark.generators.text.lists import items
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.words import coded
from mintmark.words.rouge import Pool

METHOD = "text.instruct"
UNDOABLE = ("audio", "diagram", "draw", "file", "flowchart", "graph", "image", "map", "music", "photo", "picture",
            "plot", "video")  # fmt: skip
"""Words of tasks that nobody can do with text alone."""
FIELDS = re.compile(r"(?ms)^\s*(input|output)\s*:[ \t]*(.*?)(?=^\s*(?:input|output)\s*:|\Z)", re.IGNORECASE)
NOTHING = frozenset({"", "none", "n/a", "(empty)", "empty", "<noinput>", "no input"})


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Instruct:
    """Self-Instruct: new tasks, each with an example, grown from a few that people wrote (Wang et al. 2023).

    Each prompt shows tasks of people and, once there are some, tasks that were made; what is new enough (ROUGE-L of at
    most `closest` to every task so far) joins the pool. The model then says which are classifications, which get their
    label before their input, so that labels are not all alike; all others get input first.
    """

    model: Definition
    instruction: str = "instruction"
    """The column of the training rows that holds tasks."""
    seeds: Annotated[int, Field(ge=1)] = 6
    """Tasks of people in a prompt."""
    made: Annotated[int, Field(ge=0)] = 2
    """Tasks in a prompt that were made earlier."""
    tasks: Annotated[int, Field(ge=1, le=50)] = 8
    """Tasks that one prompt asks for."""
    closest: Annotated[float, Field(ge=0, le=1)] = 0.7
    shortest: Annotated[int, Field(ge=1)] = 4
    longest: Annotated[int, Field(ge=1)] = 150
    """In words."""
    undoable: tuple[str, ...] = UNDOABLE
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.5
    max_tokens: Annotated[int, Field(ge=16)] = 1024
    prompt: str | None = None
    """In place of `prompts/instruct_tasks.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "The model knows how to do the tasks that it invents: nobody has checked the answers.",
        "The seeds show all directions that matter; what none of them is near to is not invented.",
        "Tasks are as the model's makers trained it to write, and get longer and blander from round to round.",
    )
    talks: ClassVar[bool] = True

    @property
    def asks(self) -> str:
        """What the model is asked for new tasks, with places for what it is shown."""
        return prompts.chosen(self.prompt, "instruct_tasks").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Instructor":  # noqa: ARG002 (nothing is drawn)
        """Reads the seeds; DataError where there are none."""
        return Instructor(self, tuple(tables.texts(real, self.instruction, METHOD)))

    def load(self, folder: Path) -> "Instructor":
        """Reads what `Instructor.save` wrote; LedgerError where it was altered."""
        return Instructor(self, corpus.load(folder, METHOD, "seeds"))


@plain(frozen=True)
class Instructor:
    """The seeds, and the way of asking."""

    recipe: Instruct
    seeds: tuple[str, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """Task, input (may be missing), output, and whether it is a classification."""
        kind = Column("classification", Kind.BOOLEAN, pa.bool_(), levels=("false", "true"))
        held = (tables.text("instruction"), tables.text("input", nullable=True), tables.text("output"))
        return TableSchema((*held, kind))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where rows are given."""
        return tables.alone(self.schema, given, METHOD)

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Grows the pool until `count` tasks have an example; GenerationError where it does not grow."""
        schema = self.schema_with(None if given is None else given.columns)
        with asking(self.recipe.model, workshop, METHOD) as desk:
            growth = _Growth(self.recipe, self.seeds, desk, rng)
            rows: list[Row] = []
            tried = 0
            while len(rows) < count:
                fresh = growth.tasks(count - len(rows))
                tried += len(fresh)
                rows += [row for row in growth.examples(fresh) if row is not None]
                desk.say(len(rows), count)
                desk.check(len(rows), count, tried)
        return finished(schema, rows[:count], given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:  # noqa: ARG002
        """What would be asked if every task were accepted: for an estimate."""
        growth = _Growth(self.recipe, self.seeds, None, np.random.default_rng(0))
        ask = [request for _, request in growth.propose(-(-count // self.recipe.tasks))]
        kinds = [growth.kind(self.seeds[place % len(self.seeds)]) for place in range(count)]
        return [*ask, *kinds, *(growth.example(self.seeds[p % len(self.seeds)], False) for p in range(count))]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        corpus.save(folder, METHOD, "seeds", self.seeds)


class _Growth:
    """The pool as it grows."""

    def __init__(self, recipe: Instruct, seeds: Sequence[str], desk: Asker | None, rng: np.random.Generator) -> None:
        self._recipe, self._seeds, self._rng = recipe, seeds, rng
        self._desk = desk
        self._made: list[str] = []
        self._pool = Pool()
        words = coded.words(list(seeds))
        for place in range(len(words)):
            self._pool.add(words[place])

    def tasks(self, count: int) -> list[str]:
        """So many new tasks, each far enough from all before it."""
        assert self._desk is not None
        made = self._desk.until(count, self.propose, self._accepted, each=self._recipe.tasks / 2)
        return [row.values["instruction"] for row in made]

    def propose(self, answers: int) -> list[tuple[None, Request]]:
        """Prompts that show other tasks each."""
        return [(None, self._ask(sample)) for sample in range(answers)]

    def examples(self, tasks: Sequence[str]) -> Iterator[Row | None]:
        """An example of each task, or None where the model gave none of use."""
        assert self._desk is not None
        kinds = [_yes(answer) for answer in self._desk.ask(map(self.kind, tasks))]
        known = [(task, kind) for task, kind in zip(tasks, kinds, strict=True) if kind is not None]
        answers = self._desk.ask(self.example(task, kind) for task, kind in known)
        for (task, kind), answer in zip(known, answers, strict=True):
            try:
                yield _example(task, kind, answer) if isinstance(answer, Reply) else None
            except Dropped as dropped:
                self._desk.drop(dropped)
                yield None

    def kind(self, task: str) -> Request:
        """Is it a classification?"""
        return Request(prompts.named("instruct_kind").fill({"instruction": task}), max_tokens=8, temperature=0)

    def example(self, task: str, classification: bool) -> Request:
        """One example of it."""
        prompt = prompts.named("instruct_output_first" if classification else "instruct_input_first")
        recipe = self._recipe
        return Request(prompt.fill({"instruction": task, "examples": ""}), max_tokens=recipe.max_tokens,
                       temperature=recipe.temperature, top_p=recipe.top_p)  # fmt: skip

    def _ask(self, sample: int) -> Request:
        recipe, rng = self._recipe, self._rng
        theirs = rng.permutation(len(self._seeds))[: recipe.seeds]
        own = rng.permutation(len(self._made))[: recipe.made]
        shown = [*(self._seeds[place] for place in theirs), *(self._made[place] for place in own)]
        shown = [shown[place] for place in rng.permutation(len(shown))]
        places = {"shown": len(shown), "examples": prompts.numbered(shown), "tasks": recipe.tasks,
                  "first": len(shown) + 1, "last": len(shown) + recipe.tasks}  # fmt: skip
        messages = prompts.chosen(recipe.prompt, "instruct_tasks").fill(places)
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       sample=sample)  # fmt: skip

    def _accepted(self, _: None, reply: Reply) -> Iterable[Row]:
        assert self._desk is not None
        for task in items(reply):
            try:
                self._judge(task)
            except Dropped as dropped:
                self._desk.drop(dropped)
            else:
                self._made.append(task)
                yield Row({"instruction": task}, reply.key)

    def _judge(self, task: str) -> None:
        """Puts a task into the pool, or raises Dropped."""
        words = coded.words([task])[0]
        if not self._recipe.shortest <= len(words) <= self._recipe.longest:
            raise Dropped("too short or too long", f"{len(words)} words", task)
        if not task[0].isalnum() and task[0] not in "\"'“‘¿¡(":
            raise Dropped("begins with a mark", task[0], task)
        lowered = set(re.findall(r"\w+", task.lower()))
        bad = next((word for word in self._recipe.undoable if word in lowered), None)
        if bad:
            raise Dropped("not doable with text", bad, task)
        near = self._pool.nearest(words, over=self._recipe.closest, first=True)
        if near:
            twin = [*self._seeds, *self._made][near[1]]
            raise Dropped("too close to another task", f"ROUGE-L {near[0]:.2f} with: {twin}", task)
        self._pool.add(words)


def _yes(answer: object) -> bool | None:
    return answer.text.strip().lower().lstrip("\"'*( ").startswith("y") if isinstance(answer, Reply) else None


def _example(task: str, classification: bool, reply: Reply) -> Row:
    """Reads `Input:` and `Output:`; Dropped where there is no output, or one that only echoes."""
    found: Mapping[str, str] = {name.lower(): body.strip() for name, body in FIELDS.findall(whole(reply))}
    given, output = found.get("input", ""), found.get("output", "")
    given = "" if given.lower() in NOTHING else given
    if not output:
        raise Dropped("no output", "", reply.text)
    if output in (given, task):
        raise Dropped("the output repeats the question", "", reply.text)
    if classification and not given:
        raise Dropped("a classification of nothing", "", reply.text)
    values: dict[str, Any] = {"instruction": task, "input": given or None, "output": output}
    return Row(values | {"classification": classification}, reply.key)
