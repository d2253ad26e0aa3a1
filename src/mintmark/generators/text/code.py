"""Exercises in programming whose tests are run, as for textbooks of code (Gunasekar et al. 2023)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.answers import code
from mintmark.answers.verified import Verified
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, TableSchema
from mintmark.errors import RecipeError
from mintmark.generators import storage
from mintmark.generators.text import prompts, rounds, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Dropped, asking, finished
from mintmark.generators.text.exercises import EMPTY, Exercise
from mintmark.generators.text.tables import Row
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.sandbox.program import Level, Limits
from mintmark.words.texts import plain as folded

METHOD = "text.code"
USUAL = "some forty letters, as a field may hold"
COUNTED = "exercises that prove themselves"
TOPICS = ("lists and tuples", "strings", "dictionaries", "sets", "loops", "recursion", "sorting", "searching",
          "numbers and rounding", "dates as numbers", "classes", "errors and exceptions", "generators", "graphs",
          "trees", "dynamic programming", "parsing text", "matrices", "counting", "bits")  # fmt: skip
AUDIENCES = ("somebody in their first month of programming", "a student in the first year",
             "somebody who programs at work", "somebody who prepares for a contest")  # fmt: skip


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Code:
    """Exercises in programming whose tests are run (textbooks: Gunasekar et al. 2023).

    The model writes a problem, a solution, a wrong solution and tests. All are run in the sandbox: the solution must
    pass, and the tests must fail an empty program, the solution with hollow functions, and the wrong solution; tests
    that do not would prove nothing. `level` tells how the programs were held. With `given`, columns of its rows fill
    the places of the prompt, `topic` and `audience` among them; else these two are drawn.
    """

    model: Definition
    topics: tuple[str, ...] = TOPICS
    audiences: tuple[str, ...] = AUDIENCES
    tests: Annotated[int, Field(ge=1)] = 3
    """Assert statements, at least."""
    level: Level = "bubblewrap"
    """The sandbox: `process` is weaker, and has to be wished for."""
    seconds: Annotated[float, Field(ge=0.1)] = 10.0
    memory_mb: Annotated[int, Field(ge=64)] = 512
    workers: Annotated[int, Field(ge=1)] = 2
    """Programs that run at a time."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 2048
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """For each given row."""
    prompt: str | None = None
    """In place of `prompts/code.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "That tests pass says that solution and tests agree; nobody has checked whether both do what the problem says.",
        "What needs more than the standard library, files, a network or a screen is not among the exercises.",
    )
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name in ("topics", "audiences"):
            if not getattr(self, name):
                raise RecipeError("nothing can be drawn", where=name, fix="name at least one")

    @property
    def asks(self) -> str:
        """What the model is asked, with places for what it is shown."""
        return prompts.chosen(self.prompt, "code").user

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Coder":  # noqa: ARG002 (nothing is learnt)
        """Nothing is learnt; real data is not looked at."""
        return Coder(self)

    def load(self, folder: Path) -> "Coder":
        """Reads what `Coder.save` wrote; LedgerError where it was altered."""
        storage.read(folder, METHOD)
        return Coder(self)


@plain(frozen=True)
class Coder:
    """Asks for exercises, and runs them."""

    recipe: Code

    @cached_property
    def schema(self) -> TableSchema:
        """Topic, audience, problem, solution, tests and the level of the sandbox."""
        recipe = self.recipe
        drawn = (tables.category("topic", recipe.topics), tables.category("audience", recipe.audiences))
        return TableSchema((*drawn, *_made(nullable=False)))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, self._added(given))

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks until enough exercises prove themselves. Raises Unconfined where nothing may be run."""
        schema = self.schema_with(None if given is None else given.columns)
        number = int(rng.integers(2**31))
        with asking(self.recipe.model, workshop, METHOD) as desk:
            if given is None:
                judge = _Judge(self.recipe)
                numbers = iter(range(number, number + 1000 * count + 10_000))
                rows = rounds.until(desk, count, self._turns(rng, numbers), judge)
            else:
                shown = self._shown(given, rng)
                judge = _Judge(self.recipe, shown)
                requests = [self._request(row, 0) for row in shown]
                found = rounds.each(desk, requests, judge, tries=self.recipe.tries, sample=number)
                rows = [row or Row({}) for row in found]
        workshop.counted(COUNTED, judge.proved, judge.judged)
        return finished(schema, rows, given, workshop)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every exercise proved itself: for an estimate."""
        rng = np.random.default_rng(0)
        if given is None:
            # Places for columns of rows that are yet to be made are filled with something of a usual length.
            usual = dict.fromkeys(prompts.chosen(self.recipe.prompt, "code").names, USUAL)
            return [self._request({**usual, **self._draw(rng)}, place) for place in range(count)]
        return [self._request(row, 0) for row in self._shown(given, rng)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {})

    def _added(self, given: TableSchema) -> Sequence[Column]:
        drawn = [column for column in self.schema.columns[:2] if column.name not in given.names]
        return [*(tables.text(column.name, nullable=True) for column in drawn), *_made(nullable=True)]

    def _turns(self, rng: np.random.Generator, numbers: Iterator[int]) -> Any:
        return lambda wanted: [self._drawn(rng, next(numbers)) for _ in range(wanted)]

    def _drawn(self, rng: np.random.Generator, sample: int) -> tuple[Mapping[str, Any], Request]:
        row = self._draw(rng)
        return row, self._request(row, sample)

    def _draw(self, rng: np.random.Generator) -> dict[str, Any]:
        recipe = self.recipe
        return {"topic": recipe.topics[rng.integers(len(recipe.topics))],
                "audience": recipe.audiences[rng.integers(len(recipe.audiences))]}  # fmt: skip

    def _shown(self, given: Dataset, rng: np.random.Generator) -> list[dict[str, Any]]:
        return [{**self._draw(rng), **row} for row in tables.rows_of(given)]

    def _request(self, row: Mapping[str, Any], sample: int) -> Request:
        recipe = self.recipe
        prompt, places = prompts.chosen(recipe.prompt, "code"), {**row, "tests": recipe.tests}
        prompt.need(places)
        messages = prompt.fill(places)
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       sample=sample)  # fmt: skip


class _Judge:
    """Runs exercises, and remembers which problems there were."""

    def __init__(self, recipe: Code, shown: Sequence[Mapping[str, Any]] = ()) -> None:
        self._recipe, self._shown = recipe, shown
        self._seen: set[str] = set()
        self.judged = self.proved = 0

    def __call__(self, pairs: rounds.Pairs) -> Iterator[Row | Dropped]:
        read = [self._read(reply) for _, reply in pairs]
        programs = [each for one in read if not isinstance(one, Dropped) for each in _programs(*one)]
        verdicts = self._run(programs)
        for (context, reply), one in zip(pairs, read, strict=True):
            self.judged += 1
            yield one if isinstance(one, Dropped) else self._judged(context, reply, one[0], list(islice(verdicts, 4)))

    def _read(self, reply: Reply) -> tuple[Exercise, str] | Dropped:
        try:
            exercise = Exercise.of(whole(reply), self._recipe.tests)
            return exercise, exercise.hollow()
        except Dropped as dropped:
            return dropped

    def _run(self, programs: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Verified]:
        recipe = self._recipe
        limits = Limits(seconds=recipe.seconds, memory_mb=recipe.memory_mb)
        if not programs:
            return iter(())
        # To the end at once: left half read, its threads are joined whenever garbage is collected, which may deadlock.
        return iter(list(code.verify(programs, limits=limits, workers=recipe.workers, level=recipe.level)))

    def _judged(self, context: Any, reply: Reply, exercise: Exercise, said: Sequence[Verified]) -> Row | Dropped:
        solved, *unsolved = said
        if not solved.verified:
            return Dropped("the solution fails the tests", solved.reason, reply.text)
        for verdict, what in zip(unsolved, ("no solution", "a hollow solution", "the wrong solution"), strict=True):
            if verdict.verified:
                return Dropped(f"the tests pass {what}", "", reply.text)
        self.proved += 1
        problem = folded(" ".join(exercise.problem.split()))
        if problem in self._seen:
            return Dropped("the same problem as before", exercise.problem[:200], reply.text)
        self._seen.add(problem)
        row = self._shown[context] if self._shown else context
        values = {"problem": exercise.problem, "solution": exercise.solution.strip(),
                  "tests": "\n".join(exercise.tests), "level": self._recipe.level}  # fmt: skip
        return Row({"topic": row["topic"], "audience": row["audience"], **values}, reply.key)


def _programs(exercise: Exercise, hollow: str) -> list[tuple[str, tuple[str, ...]]]:
    """What must pass, and what must not."""
    return [(program, exercise.tests) for program in (exercise.solution, EMPTY, hollow, exercise.wrong)]


def _made(*, nullable: bool) -> tuple[Column, ...]:
    held = (tables.text(name, nullable=nullable) for name in ("problem", "solution", "tests"))
    return (*held, replace(tables.category("level", ("bubblewrap", "process")), nullable=nullable))
