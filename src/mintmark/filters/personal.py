"""Personal data: texts that hold e-mail addresses, telephone numbers, accounts, cards or the like."""

from typing import ClassVar

import numpy as np
from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Personal as Kind
from mintmark.filters.filter import Dropped
from mintmark.filters.judging import Each
from mintmark.words.texts import Column
from mintmark.words.traces import FOUND, traces


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Personal:
    """What proves itself by its form or its check digits speaks against a text; `allow` names kinds that do not.

    Looked for are e-mail addresses, IBANs and cards (with their check digits), US social security numbers, telephone
    numbers in international or North American form, and public IP addresses. Names of people in running text are not
    found. What was found is shown masked: the record of what was dropped must not become a list of addresses.
    """

    column: Column
    allow: tuple[Kind, ...] = ()

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> Each:  # noqa: ARG002
        """Nothing is needed."""
        return Each(self.column, self._judge)

    def _judge(self, text: str | None) -> Dropped | None:
        for kind, found in traces(text or ""):
            if kind not in self.allow:
                return f"personal data: {FOUND[kind]}", _masked(found)
        return None


def _masked(found: str) -> str:
    """Its form alone: letters and digits but the first two are dots."""
    return "".join("•" if place > 1 and sign.isalnum() else sign for place, sign in enumerate(found))
