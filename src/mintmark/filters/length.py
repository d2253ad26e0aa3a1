"""Length: so many words, characters or tokens at least, and so many at most."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import NO_TEXT, Dropped
from mintmark.filters.judging import Each
from mintmark.words.coded import spans
from mintmark.words.texts import Column, is_blank


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Length:
    """A text that is too short says nothing, and one that is too long was often cut off or rambles.

    Words are runs of letters and digits (a sign of a script without spaces is one). Characters are code points, without
    white space at the ends. Tokens are a language model's pieces, estimated: a token for every 4 characters of UTF-8,
    and one for each word at least; count with the model's own tokenizer where it matters.
    """

    column: Column
    least: int = Field(1, ge=0)
    most: int | None = Field(None, ge=0)
    unit: Literal["words", "characters", "tokens"] = "words"

    streams: ClassVar[bool] = True

    @model_validator(mode="after")
    def _ordered(self) -> "Length":
        if self.most is not None and self.most < self.least:
            raise ValueError(f"most ({self.most}) is less than least ({self.least})")
        return self

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> Each:  # noqa: ARG002
        """Nothing is needed."""
        return Each(self.column, self._judge)

    def _judge(self, text: str | None) -> Dropped | None:
        if text is None or is_blank(text):
            return NO_TEXT if self.least else None
        count = _UNITS[self.unit](text)
        if count < self.least:
            return "too short", f"{count} {self.unit}, of at least {self.least}"
        if self.most is not None and count > self.most:
            return "too long", f"{count} {self.unit}, of at most {self.most}"
        return None


def _words(text: str) -> int:
    return len(spans(text))


def _characters(text: str) -> int:
    return len(text.strip())


def _tokens(text: str) -> int:
    return max(_words(text), -(-len(text.strip().encode("utf-8", "surrogatepass")) // 4))


_UNITS = {"words": _words, "characters": _characters, "tokens": _tokens}
