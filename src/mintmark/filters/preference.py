"""Preference: a language model finds a text better than another one of its row, in both orders."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import RecipeError
from mintmark.filters import hearing
from mintmark.filters.filter import NO_TEXT, Dropped
from mintmark.filters.hearing import NO_VERDICT, Hearing, Verdicts
from mintmark.models import prompt as prompts
from mintmark.models.definition import Definition
from mintmark.models.means import NOTHING, Means
from mintmark.models.prompt import enclosed
from mintmark.models.request import Refusal, Reply, Request
from mintmark.words.texts import Column, is_blank, short, texts

PROMPT = Path(__file__).parent / "prompts" / "preference.txt"
FIRST, SECOND, NEITHER = "first", "second", "neither"
TIE = "no better than the other text"
FORM = {"type": "object", "properties": {"reason": {"type": "string"}, "better": {"enum": [FIRST, SECOND, NEITHER]}},
        "required": ["reason", "better"], "additionalProperties": False}  # fmt: skip


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Preference:
    """A text that a model prefers to the one in the column `against` is kept, whichever of them stands first.

    Models favour a place (Zheng et al. 2023; Wang et al. 2023, "Large language models are not fair evaluators"): so
    each pair is asked in both orders, and where the answers disagree it is a tie. How often that was so stands among
    the notes. Ties are dropped unless `ties` keeps them. `label` and `good` are as those of `filters.judge`.
    """

    column: Column
    against: Column
    model: Definition
    rubric: Annotated[str, Field(min_length=1)]
    ties: bool = False
    """Whether a text that is no worse is kept too."""
    context: Column | None = None
    label: str | None = None
    good: tuple[str, ...] | str = ()
    checked: Annotated[int, Field(ge=1)] = 200
    prompt: str | None = None
    """In the place of ours: with the places rubric, context, first and second."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_tokens: Annotated[int, Field(ge=1)] = 512

    streams: ClassVar[bool] = True
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if (self.label is None) == bool(self.good):
            raise RecipeError("agreement with people needs both `label` and `good`", where="label")
        prompts.chosen(self.prompt, prompts.stored(PROMPT))

    def open(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Means = NOTHING) -> Hearing:
        """Judges the labelled rows first, where there are any; DataError where they cannot tell good from bad."""
        places: Counter[str] = Counter()
        opened = Hearing(lambda rows: self._verdicts(rows, workshop, places), lambda: _swayed(places))
        if self.label is not None:
            opened.compare(real, self.label, self.good, self.checked, name="preference", rng=rng)
            places.clear()
        return opened

    def requests(self, count: int) -> Sequence[Request]:
        """What so many pairs of texts of a usual length would ask: for an estimate."""
        usual = "a text of the length of a few lines, as a row may hold. " * 4
        return [self._request(usual, usual, "")] * (2 * count)

    def _verdicts(self, rows: pa.Table, workshop: Means, places: Counter[str]) -> Verdicts:
        ours, others = texts(rows, self.column), texts(rows, self.against)
        context = hearing.contexts(rows, self.context)
        asked: dict[int, tuple[Request, Request]] = {}
        for place, (one, other) in enumerate(zip(ours, others, strict=True)):
            if one is not None and other is not None and not is_blank(one) and not is_blank(other):
                asked[place] = (self._request(one, other, context[place]), self._request(other, one, context[place]))
        answers = hearing.ask(self.model, workshop, [request for pair in asked.values() for request in pair])
        pairs = dict(zip(asked, zip(answers[::2], answers[1::2], strict=True), strict=True))
        return [self._verdict(*pairs[row], places) if row in pairs else NO_TEXT for row in range(len(ours))]

    def _request(self, first: str, second: str, context: str) -> Request:
        held = {"rubric": self.rubric, "context": context,
                "first": enclosed(first, FIRST), "second": enclosed(second, SECOND)}  # fmt: skip
        messages = prompts.chosen(self.prompt, prompts.stored(PROMPT)).fill(held)
        return Request(messages, max_tokens=self.max_tokens, temperature=self.temperature, schema=FORM)

    def _verdict(self, one: Reply | Refusal, swapped: Reply | Refusal, places: Counter[str]) -> Dropped | None:
        for answer in (one, swapped):
            if isinstance(answer, Refusal):
                return NO_VERDICT, f"{answer.reason}: {short(answer.said)}"
        told, again_told = (answer.value for answer in (one, swapped) if isinstance(answer, Reply))
        better, again, reason = told["better"], again_told["better"], short(told["reason"])
        places["pairs"] += 1
        if (better, again) == (FIRST, SECOND):
            return None
        if (better, again) == (SECOND, FIRST):
            return "the other text is better", reason
        if better == again != NEITHER:
            places[better] += 1
            reason = f"whichever stands {better} is preferred"
        return None if self.ties else (TIE, reason)


def _swayed(places: Counter[str]) -> Iterator[str]:
    """How often a place decided, and not the text."""
    swayed = places[FIRST] + places[SECOND]
    if swayed:
        told = f"whichever stood first {places[FIRST]:,} times, whichever stood second {places[SECOND]:,} times"
        yield f"preference: in {swayed:,} of {places['pairs']:,} pairs the order decided ({told}): these are ties"
