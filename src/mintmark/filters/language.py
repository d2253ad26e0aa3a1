"""Language: texts in one of the languages that were asked for."""

from typing import Annotated, ClassVar

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import UnknownName
from mintmark.filters.filter import NO_TEXT, Dropped
from mintmark.filters.judging import Each
from mintmark.words.coded import spans
from mintmark.words.texts import Column, is_blank, names, short


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Language:
    """Naive Bayes on runs of bytes (Lui & Baldwin 2012, langid; here py3langid, whose model comes with the package).

    `languages` are ISO 639 codes, such as `en`. Texts of fewer than `words` words are kept: of these nobody can tell.
    """

    column: Column
    languages: Annotated[tuple[str, ...], Field(min_length=1)] | str
    least: float = Field(0.0, ge=0, le=1)
    """The probability that the model must give to the language it names."""
    words: int = Field(4, ge=1)

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> Each:  # noqa: ARG002
        """Reads the model, in half a second; UnknownName where it does not know a language."""
        guess = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        known = set(guess.labels)
        for language in names(self.languages):
            if language not in known:
                raise UnknownName("language", language, known, where="language.languages")
        return Each(self.column, lambda text: self._judge(guess, text))

    def _judge(self, guess: LanguageIdentifier, text: str | None) -> Dropped | None:
        if text is None or is_blank(text):
            return NO_TEXT
        if len(spans(text)) < self.words:
            return None
        language, chance = guess.classify(text)
        told = f"{language} ({float(chance):.2f}): {short(text, 80)}"
        if language not in names(self.languages):
            return "in another language", told
        return ("language not clear", told) if chance < self.least else None
