"""Judge: a language model scores each text by your rubric, and its agreement with your own labels is told."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

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

PROMPT = Path(__file__).parent / "prompts" / "judge.txt"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Judge:
    """A text that a model scores with at least `least` of `most` by the `rubric` is kept.

    Scores of this kind go with people's where the rubric is concrete, and favour long texts and those of the judge's
    own making (Zheng et al. 2023, "Judging LLM-as-a-judge"). So give a `label` of training rows that people judged, a
    few dozen at least: what Cohen's kappa says of them stands among the notes. A reply without a score is asked for
    once more, and after that the text is dropped with the reason "no verdict".
    """

    column: Column
    model: Definition
    rubric: Annotated[str, Field(min_length=1)]
    least: Annotated[int, Field(ge=1)] = 4
    most: Annotated[int, Field(ge=2, le=100)] = 5
    context: Column | None = None
    """Columns that the text answers to: the judge reads them too."""
    label: str | None = None
    """The column of the training rows that says what people thought of them."""
    good: tuple[str, ...] | str = ()
    """Its values that mean that a text is to be kept."""
    checked: Annotated[int, Field(ge=1)] = 200
    """So many labelled texts are judged at most, to measure the agreement."""
    prompt: str | None = None
    """In the place of ours: with the places rubric, context, text and most."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_tokens: Annotated[int, Field(ge=1)] = 512

    streams: ClassVar[bool] = True
    talks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise RecipeError("no score is enough", where="least", found=f"{self.least} of {self.most}")
        if (self.label is None) == bool(self.good):
            raise RecipeError("agreement with people needs both `label` and `good`", where="label")
        prompts.chosen(self.prompt, prompts.stored(PROMPT))

    def open(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Means = NOTHING) -> Hearing:
        """Judges the labelled rows first, where there are any; DataError where they cannot tell good from bad."""
        opened = Hearing(lambda rows: self._verdicts(rows, workshop))
        if self.label is not None:
            opened.compare(real, self.label, self.good, self.checked, name="judge", rng=rng)
        return opened

    def requests(self, count: int) -> Sequence[Request]:
        """What so many texts of a usual length would ask: for an estimate."""
        return [self._request("a text of the length of a few lines, as a row may hold. " * 4, "")] * count

    def _verdicts(self, rows: pa.Table, workshop: Means) -> Verdicts:
        read = texts(rows, self.column)
        asked = {
            place: self._request(text, context)
            for place, (text, context) in enumerate(zip(read, hearing.contexts(rows, self.context), strict=True))
            if text is not None and not is_blank(text)
        }
        answers = dict(zip(asked, hearing.ask(self.model, workshop, list(asked.values())), strict=True))
        return [self._verdict(answers[place]) if place in answers else NO_TEXT for place in range(len(read))]

    def _request(self, text: str, context: str) -> Request:
        held = {"rubric": self.rubric, "context": context, "text": enclosed(text, "text"), "most": self.most}
        messages = prompts.chosen(self.prompt, prompts.stored(PROMPT)).fill(held)
        return Request(messages, max_tokens=self.max_tokens, temperature=self.temperature, schema=self._form)

    @property
    def _form(self) -> dict[str, Any]:
        score = {"type": "integer", "minimum": 1, "maximum": self.most}
        return {"type": "object", "properties": {"reason": {"type": "string"}, "score": score},
                "required": ["reason", "score"], "additionalProperties": False}  # fmt: skip

    def _verdict(self, answer: Reply | Refusal) -> Dropped | None:
        if isinstance(answer, Refusal):
            return NO_VERDICT, f"{answer.reason}: {short(answer.said)}"
        score = answer.value["score"]
        if score >= self.least:
            return None
        return "scored too low by the judge", f"{score} of {self.most}: {short(answer.value['reason'])}"
