"""Reward: a reward model scores each text; those above a threshold, or the best fraction, stay."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, RecipeError
from mintmark.filters import hearing
from mintmark.filters.filter import NO_TEXT, Dropped
from mintmark.filters.hearing import NO_VERDICT, Hearing, Verdicts
from mintmark.filters.ranking import best
from mintmark.models.definition import Definition
from mintmark.models.means import NOTHING, Means
from mintmark.models.request import Message, Refusal, Reply, Request
from mintmark.words.texts import Column, is_blank, short, texts

DIGITS = 16
"""Tokens that a number takes at most."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Reward:
    """A text stays where a reward model gives it at least `least`, or where it is in the best `share` of its run.

    Reward models (Stiennon et al. 2020) learnt from comparisons by people which of two answers is better; their scale
    has no zero that means anything, so look at the scores before you choose a threshold: their quartiles stand among
    the notes. What is made to please one pleases people less in the end (Gao et al. 2023, "Scaling laws for reward
    model overoptimization"): a share of 0.25 is a mild choice, the best of thousands is not. With `context` the model
    reads a conversation, else the text alone. A text that the model cannot read is dropped with "no verdict".
    """

    column: Column
    model: Definition
    """One that answers with a number: `models.reward` or `models.reward_endpoint`."""
    least: float | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Each run is then judged as a whole, so give it all rows at once."""
    context: Column | None = None
    """Columns that the text answers to."""

    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if (self.least is None) == (self.share is None):
            raise RecipeError("a reward is enough, or among the best", where="least", fix="give `least` or `share`")
        if self.least is not None and not math.isfinite(self.least):
            raise RecipeError("no score can be compared with this", where="least", found=str(self.least))

    @property
    def streams(self) -> bool:
        """What is among the best depends on all rows; what is enough does not."""
        return self.share is None

    def open(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Means = NOTHING) -> Hearing:  # noqa: ARG002
        """Nothing is asked before there are rows."""
        scores: list[float] = []
        return Hearing(lambda rows: self._verdicts(rows, workshop, scores), lambda: _told(scores))

    def requests(self, count: int) -> Sequence[Request]:
        """What so many texts of a usual length would ask: for an estimate."""
        usual = "a text of the length of a few lines, as a row may hold. " * 4
        return [_request(usual, usual if self.context else None)] * count

    def _verdicts(self, rows: pa.Table, workshop: Means, scores: list[float]) -> Verdicts:
        read = texts(rows, self.column)
        context = [None] * len(rows) if self.context is None else texts(rows, self.context)
        asked = {
            place: _request(text, before)
            for place, (text, before) in enumerate(zip(read, context, strict=True))
            if text is not None and not is_blank(text)
        }
        answers = dict(zip(asked, hearing.ask(self.model, workshop, list(asked.values()), _need_number), strict=True))
        found = {place: float(answer.text) for place, answer in answers.items() if isinstance(answer, Reply)}
        scores.extend(found.values())
        poor = self._poor(found)
        return [_verdict(answers.get(place), poor.get(place)) for place in range(len(read))]

    def _poor(self, found: Mapping[int, float]) -> dict[int, Dropped]:
        if self.least is not None:
            few = {place: score for place, score in found.items() if score < self.least}
            return {place: ("rewarded too little", f"{score:.4g}, of {self.least:g}") for place, score in few.items()}
        places, scores = list(found), np.array(list(found.values()))
        kept, others = best(scores, self.share or 1.0)
        shown = {row: f"{scores[row]:.4g}, where the last that stays has {scores[kept[-1]]:.4g}" for row in others}
        return {places[row]: ("not among the best", told) for row, told in shown.items()}


def _request(text: str, context: str | None) -> Request:
    if context is None:
        return Request(prompt=text, max_tokens=DIGITS, temperature=0.0)
    return Request((Message("user", context), Message("assistant", text)), max_tokens=DIGITS, temperature=0.0)


def _need_number(reply: Reply) -> None:
    """InputError at the first answer that is no number: a model that gives one gives others, and may cost money."""
    try:
        sound = math.isfinite(float(reply.text))
    except ValueError:
        sound = False
    if not sound:
        raise InputError("filters.reward asks a model whose answer is a number", where="model",
                         found=short(reply.text, 60), fix="use models.reward or models.reward_endpoint; for one that "
                         "answers in words there is filters.judge")  # fmt: skip


def _verdict(answer: Reply | Refusal | None, poor: Dropped | None) -> Dropped | None:
    if answer is None:
        return NO_TEXT
    return (NO_VERDICT, f"{answer.reason}: {short(answer.said)}") if isinstance(answer, Refusal) else poor


def _told(scores: list[float]) -> Iterator[str]:
    if scores:
        low, quarter, half, three, high = np.quantile(scores, [0, 0.25, 0.5, 0.75, 1])
        yield (f"reward: {len(scores):,} texts were given {low:.4g} to {high:.4g}, "
               f"a quarter at most {quarter:.4g}, half {half:.4g}, three quarters {three:.4g}")  # fmt: skip
