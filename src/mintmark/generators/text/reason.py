"""Reasoning that leads to known answers: sampled, and kept where its answer verifies (STaR, Zelikman et al. 2022)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.answers.declared import declared
from mintmark.answers.verified import Verified
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import DataError, RecipeError
from mintmark.generators import storage
from mintmark.generators.text import prompts, rounds, tables
from mintmark.generators.text.answers import whole
from mintmark.generators.text.asking import Asker, Dropped, asking
from mintmark.generators.text.tables import Row
from mintmark.generators.text.verifying import FORMS, Known, Verifier, parted, way
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.models.definition import Definition
from mintmark.models.request import Reply, Request
from mintmark.sandbox.program import Level

METHOD = "text.reason"
USUAL = ("a question of some length " * 8, "0")
"""Stands for questions that are not made yet, where the length of a prompt is estimated."""
COUNTED = "answers that verify"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Reason:
    """Reasoning that leads to known answers: sampled, and kept where its answer verifies (STaR, Zelikman et al. 2022).

    Questions, with answers that are known, come from the training rows or, with `given`, from the rows of an earlier
    step. Every question is asked once before any is asked again, up to `samples` times; a path of reasoning that
    calculates the same as an earlier one for its question is not kept (Yuan et al. 2023, rejection-sampling
    fine-tuning, with 100 samples). With `given`, each row gets the first path that verifies, or missing values after
    `tries`.
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
    samples: Annotated[int, Field(ge=1)] = 100
    tries: Annotated[int, Field(ge=1, le=100)] = 4
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 1024
    prompt: str | None = None
    """In place of `prompts/reason.txt`, with the same places."""

    assumes: ClassVar[tuple[str, ...]] = (
        "A right answer is a sign of right reasoning; that of a choice is right by luck often.",
        "Questions that the model cannot answer are not among the rows: what is hard is thinned out.",
        "The known answers are right.",
    )
    origin: ClassVar[str] = "augmented"
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        named = (self.question, self.reasoning, self.answer)
        if len(set(named)) < len(named):
            raise RecipeError("two columns have one name", where="answer", found=", ".join(named), fix="rename one")

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
        """Question, reasoning and answer."""
        recipe = self.recipe
        return TableSchema(tuple(map(tables.text, (recipe.question, recipe.reasoning, recipe.answer))))

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
        with asking(self.recipe.model, workshop, METHOD) as desk:
            judge = _Judge(self.recipe, known)
            number = int(rng.integers(2**31))
            if given is None:
                order = rng.permutation(len(known)).tolist()
                rows = rounds.until(desk, count, self._turns(known, order, number), judge)
            else:
                rows = self._each(desk, known, judge, number)
        workshop.counted(COUNTED, judge.verified, judge.judged)
        workshop.asked([row.asked for row in rows])
        values = [row.values for row in rows]
        return tables.dataset(self.schema, values) if given is None else tables.completed(given, self._added, values)

    def requests(self, count: int, given: Dataset | None = None) -> Sequence[Request]:
        """What would be asked if every answer verified: for an estimate."""
        held = self.known if given is None else self._known(given)
        known = [one for one in held if one is not None] or [USUAL]
        return [self._request(known[place % len(known)][0], place // len(known)) for place in range(count)]

    def save(self, folder: Path) -> None:
        """Writes `model.json`."""
        storage.write(folder, METHOD, {"known": [list(one) for one in self.known]})

    @cached_property
    def _added(self) -> tuple[Any, ...]:
        return tuple(tables.text(name, nullable=True) for name in (self.recipe.reasoning, self.recipe.answer))

    def _known(self, given: Dataset | None) -> Sequence[Known | None]:
        if given is not None:
            return _known(self.recipe, given, gaps=True)
        if not self.known:
            columns = f"columns {self.recipe.question} and {self.recipe.expected}"
            raise DataError(f"{METHOD} has no questions", found="neither given rows nor training rows with them",
                            fix=f"name real data with {columns}, or give rows with them")  # fmt: skip
        return self.known

    def _turns(self, known: Sequence[Any], order: Sequence[int], number: int) -> Any:
        turns = ((place, number + turn) for turn in range(self.recipe.samples) for place in order)

        def propose(wanted: int) -> list[tuple[int, Request]]:
            return [(place, self._request(known[place][0], turn)) for place, turn in _first(turns, wanted)]

        return propose

    def _each(self, desk: Asker, known: Sequence[Known | None], judge: "_Judge", number: int) -> list[Row]:
        for one in known:
            if one is None:
                desk.drop(Dropped("no question, or no answer that is known"))
        requests = [None if one is None else self._request(one[0], 0) for one in known]
        rows = rounds.each(desk, requests, judge, tries=self.recipe.tries, sample=number)
        return [row or Row({}) for row in rows]

    def _request(self, question: str, sample: int) -> Request:
        recipe = self.recipe
        prompt = prompts.chosen(recipe.prompt, "reason")
        messages = prompt.fill({"question": question, "form": FORMS[recipe.verify]})
        return Request(messages, max_tokens=recipe.max_tokens, temperature=recipe.temperature, top_p=recipe.top_p,
                       sample=sample)  # fmt: skip


class _Judge:
    """Verifies answers, and remembers the paths that led to them."""

    def __init__(self, recipe: Reason, known: Sequence[Known | None]) -> None:
        self._recipe, self._known = recipe, known
        self._paths: set[tuple[int, str]] = set()
        self.judged = self.verified = 0

    def __call__(self, pairs: rounds.Pairs) -> Iterator[Row | Dropped]:
        cut = [_cut_off(reply) for _, reply in pairs]
        wanted = [self._known[place] for place, _ in pairs]
        asked = [(reply.text, known[1]) for (_, reply), known, bad in zip(pairs, wanted, cut, strict=True)
                 if not bad and known]  # fmt: skip
        verified = iter(self._recipe.verifier.verdicts(asked))
        for (place, reply), bad in zip(pairs, cut, strict=True):
            self.judged += 1
            yield bad or self._judged(place, reply, next(verified))

    def _judged(self, place: int, reply: Reply, verdict: Verified) -> Row | Dropped:
        if not declared(reply.text):
            return Dropped("no answer is declared", "", reply.text)
        if not verdict.verified:
            return Dropped("the answer does not verify", verdict.reason, reply.text)
        self.verified += 1
        reasoning, answer = parted(reply.text)
        if not reasoning:
            return Dropped("no reasoning", "", reply.text)
        path = (place, way(reasoning))
        if path in self._paths:
            return Dropped("the same reasoning as before", path[1][:200], reply.text)
        self._paths.add(path)
        known = self._known[place]
        return Row({self._recipe.question: known and known[0], self._recipe.reasoning: reasoning,
                    self._recipe.answer: answer}, reply.key)  # fmt: skip


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


def _cut_off(reply: Reply) -> Dropped | None:
    try:
        whole(reply)
    except Dropped as dropped:
        return dropped
    return None


def _first(turns: Iterator[Any], count: int) -> list[Any]:
    return [turn for _, turn in zip(range(count), turns, strict=False)]
