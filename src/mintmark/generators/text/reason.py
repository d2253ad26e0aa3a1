"""Reasoning that leads to known answers: sampled, and kept where its answer verifies (STaR, Zelikman et al. 2022)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import AfterValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import DataError, RecipeError
from mintmark.generators import storage
from mintmark.generators.text import prompts, rounds, tables
from mintmark.generators.text.asking import Asker, Dropped, asking
from mintmark.generators.text.reasoned import BETRAYALS, Judge
from mintmark.generators.text.tables import Row
from mintmark.generators.text.verifying import FORMS, Known, Verifier, last
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Request
from mintmark.sandbox.program import Level

METHOD = "text.reason"
USUAL: Known = ("a question of some length " * 8, "0")
"""Stands for questions that are not made yet, where the length of a prompt is estimated."""
COUNTED = "answers that verify"
REJECTED = "rationalised answers that were rejected"
MARKED = "rows that are rationalised"


def _readable(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from error
    return text


Pattern = Annotated[str, AfterValidator(_readable)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Reason:
    """Reasoning that leads to known answers: sampled, and kept where its answer verifies (STaR, Zelikman et al. 2022).

    Questions, with answers that are known, come from the training rows or, with `given`, from the rows of an earlier
    step. Every question is asked once before any is asked again, up to `samples` times; a path of reasoning that
    calculates the same as an earlier one for its question is not kept (Yuan et al. 2023, rejection-sampling
    fine-tuning, with 100 samples). With `given`, each row gets the first path that verifies, or missing values after
    `tries`. Questions that no sample answered can be asked once more with the answer told (`rationalise`).
    """

    model: Definition
    question: str = "question"
    expected: str = "answer"
    """The column with the answer that is right; all that GSM8K writes before #### may stand there too."""
    verify: Literal["numeric", "choice", "symbolic"] = "numeric"
    options: str = "ABCDE"
    """The letters of a choice."""
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    """How far apart numbers may be, absolutely."""
    sandbox: Level = "bubblewrap"
    """Where expressions are compared, for `symbolic`."""
    reasoning: str = "reasoning"
    answer: str = "found"
    """The new columns: how the model got there, and what it declared."""
    rationalise: Annotated[int, Field(ge=0, le=20)] = 0
    """STaR's rationalisation: so many times (published: 1) a question that no sample answered is asked with its answer
    as a hint. What is kept bears the plain question, and is marked. It is off unless it is asked for: an answer that
    was told verifies whether or not the reasoning leads there."""
    marked: str = "rationalised"
    """The further column, where it rationalises: was the answer told?"""
    betrayals: tuple[Pattern, ...] = BETRAYALS
    """Patterns by which a text tells that the answer was known: it is not kept. Those that come with it are English."""
    samples: Annotated[int, Field(ge=1)] = 100
    tries: Annotated[int, Field(ge=1, le=100)] = 4
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 1024
    prompt: str | None = None
    """In place of `prompts/reason.txt`, with the same places."""
    hint: str | None = None
    """In place of `prompts/reason_hint.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "A right answer is a sign of right reasoning; that of a choice is right by luck often.",
        "Questions that the model cannot answer are not among the rows: what is hard is thinned out.",
        "The known answers are right.",
        "Where it rationalises, reasoning was written towards an answer that the model had been told.",
    )
    origin: ClassVar[str] = "augmented"
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        named = (self.question, self.reasoning, self.answer, *([self.marked] if self.rationalise else []))
        if len(set(named)) < len(named):
            raise RecipeError("two columns have one name", where="answer", found=", ".join(named), fix="rename one")
        prompts.chosen(self.prompt, "reason")
        prompts.chosen(self.hint, "reason_hint")

    @property
    def asks(self) -> str:
        """What the model is asked, with places for what it is shown."""
        return prompts.chosen(self.prompt, "reason").user

    @property
    def verifier(self) -> Verifier:
        """What says whether an answer is right."""
        return Verifier(self.verify, self.options, self.tolerance, self.sandbox)

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Reasoner":  # noqa: ARG002 (nothing is drawn)
        """Reads questions, where there are any; DataError where nothing can be verified against an answer."""
        there = tables.holds(real, self.question, self.expected)
        return Reasoner(self, tuple(dict.fromkeys(_known(self, there))) if there else ())

    def load(self, folder: Path) -> "Reasoner":
        """Reads what `Reasoner.save` wrote; LedgerError where it was altered."""
        body, _ = storage.read(folder, METHOD)
        with storage.reading(folder):
            return Reasoner(self, tuple((one, other) for one, other in body["known"]))


@plain(frozen=True)
class Reasoner:
    """The questions, and the way of asking."""

    recipe: Reason
    known: tuple[Known, ...]

    @cached_property
    def schema(self) -> TableSchema:
        """Question, reasoning and answer, and whether it was told where it may have been."""
        recipe = self.recipe
        told = map(tables.text, (recipe.question, recipe.reasoning, recipe.answer))
        return TableSchema((*told, *self._mark(nullable=False)))

    def schema_with(self, given: TableSchema | None) -> TableSchema:
        """What `sample` returns, told before anything is asked. ConditionError where a name stands twice."""
        return self.schema if given is None else tables.joined(given, self._added)

    def sample(
        self, count: int, *, rng: np.random.Generator, given: Dataset | None = None, workshop: Workshop = ALONE
    ) -> Dataset:
        """Asks until enough has verified; GenerationError where hardly anything does, or all samples are taken."""
        if given is not None:
            self.schema_with(given.columns)  # a name that stands twice is told before anything is asked
        known = self._known(given)
        recipe, number = self.recipe, int(rng.integers(2**31))
        columns = (recipe.question, recipe.reasoning, recipe.answer)
        marked = recipe.marked if recipe.rationalise else None
        judge = Judge(recipe.verifier, known, columns, marked, recipe.betrayals)
        with asking(recipe.model, workshop, METHOD) as desk:
            if given is None:
                turns = _Turns(self, judge, rng.permutation(len(known)).tolist(), number)
                rows = rounds.until(desk, count, turns.propose, turns.judge, patient=lambda: turns.hints_follow)
            else:
                rows = self._each(desk, known, judge, number)
        workshop.counted(COUNTED, judge.verified, judge.judged)
        if recipe.rationalise:
            workshop.counted(REJECTED, judge.rationalised - judge.kept_so, judge.rationalised)
            workshop.counted(MARKED, sum(bool(row.values.get(recipe.marked)) for row in rows), len(rows))
        workshop.asked([row.asked for row in rows])
        values = [row.values for row in rows]
        return tables.dataset(self.schema, values) if given is None else tables.completed(given, self._added, values)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every answer verified: for an estimate."""
        held = self.known if given is None else self._known(given)
        known = [one for one in held if one is not None] or [USUAL]
        return [self.request(known[place % len(known)], place // len(known)) for place in range(count)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {"known": [list(one) for one in self.known]})

    @cached_property
    def _added(self) -> tuple[Column, ...]:
        told = (tables.text(name, nullable=True) for name in (self.recipe.reasoning, self.recipe.answer))
        return (*told, *self._mark(nullable=True))

    def _mark(self, *, nullable: bool) -> tuple[Column, ...]:
        if not self.recipe.rationalise:
            return ()
        levels = ("false", "true")
        return (Column(self.recipe.marked, Kind.BOOLEAN, pa.bool_(), nullable=nullable, levels=levels),)

    def _known(self, given: Dataset | None) -> Sequence[Known | None]:
        if given is not None:
            return _known(self.recipe, given, gaps=True)
        if not self.known:
            columns = f"columns {self.recipe.question} and {self.recipe.expected}"
            raise DataError(f"{METHOD} has no questions", found="neither given rows nor training rows with them",
                            fix=f"name real data with {columns}, or give rows with them")  # fmt: skip
        return self.known

    def _each(self, desk: Asker, known: Sequence[Known | None], judge: Judge, number: int) -> list[Row]:
        for one in known:
            if one is None:
                desk.drop(Dropped("no question, or no answer that is known"))
        requests = [None if one is None else self.request(one, 0) for one in known]
        rows = rounds.each(desk, requests, judge, tries=self.recipe.tries, sample=number)
        if self.recipe.rationalise:
            # A question that stands in several rows failed in those that are empty, whatever became of the others.
            missed = [None if one is None or row else self.request(one, 0, hinted=True)
                      for one, row in zip(known, rows, strict=True)]  # fmt: skip
            told = rounds.each(desk, missed, judge.hinted, tries=self.recipe.rationalise, sample=number)
            rows = [row or other for row, other in zip(rows, told, strict=True)]
        return [row or Row({}) for row in rows]

    def request(self, known: Known, sample: int, *, hinted: bool = False) -> Request:
        """One question, with its answer told or not."""
        recipe, (question, expected) = self.recipe, known
        prompt = prompts.chosen(recipe.hint, "reason_hint") if hinted else prompts.chosen(recipe.prompt, "reason")
        told = {"hint": last(expected)} if hinted else {}
        messages = prompt.fill({"question": question, "form": FORMS[recipe.verify], **told})
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       sample=sample)  # fmt: skip


class _Turns:
    """Which question is asked next: each once before any again, and with its answer told when all samples failed."""

    def __init__(self, reasoner: Reasoner, judge: Judge, order: Sequence[int], number: int) -> None:
        recipe = reasoner.recipe
        self._reasoner, self._judge, self._order = reasoner, judge, order
        self._turns = ((place, number + turn) for turn in range(recipe.samples) for place in order)
        self._hints = iter(range(number, number + recipe.rationalise))
        self._missed: list[tuple[int, int]] = []
        self._hinted = False

    @property
    def hints_follow(self) -> bool:
        """Are there questions that will be asked with their answers told?"""
        return bool(self._reasoner.recipe.rationalise) and not self._hinted

    def propose(self, wanted: int) -> list[tuple[int, Request]]:
        """The next questions: never some with their answer told and some without."""
        turns = [] if self._hinted else _first(self._turns, wanted)
        if not turns:
            self._hinted = True
            turns = self._with_hints(wanted)
        return [(place, self._reasoner.request(self._reasoner.known[place], turn, hinted=self._hinted))
                for place, turn in turns]  # fmt: skip

    def judge(self, pairs: rounds.Pairs) -> Iterator[Row | Dropped]:
        """Judges the answers to what was proposed last."""
        return self._judge.hinted(pairs) if self._hinted else self._judge(pairs)

    def _with_hints(self, wanted: int) -> list[tuple[int, int]]:
        if not self._missed and (turn := next(self._hints, None)) is not None:
            self._missed = [(place, turn) for place in self._order if place not in self._judge.solved]
        now, self._missed = self._missed[:wanted], self._missed[wanted:]
        return now


def _known(recipe: Reason, data: Dataset, *, gaps: bool = False) -> list[Any]:
    """Questions with their answers; DataError where one cannot be read. A row that lacks one of both is a gap."""
    for name in (recipe.question, recipe.expected):
        tables.texts(data, name, METHOD)
    found: list[Known | None] = []
    for place, row in enumerate(tables.rows_of(data)):
        question, expected = row[recipe.question], row[recipe.expected]
        if question and question.strip() and expected and expected.strip():
            recipe.verifier.need_readable(expected, place, where=recipe.expected)
            found.append((question.strip(), expected.strip()))
        elif gaps:
            found.append(None)
    return found


def _first(turns: Iterator[Any], count: int) -> list[Any]:
    return [turn for _, turn in zip(range(count), turns, strict=False)]
