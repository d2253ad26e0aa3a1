"""Format: patterns that must or must not occur, JSON that can be read, fences that close, sentences that end."""

import json
import re
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.filters.filter import NO_TEXT, Dropped
from mintmark.filters.judging import Each
from mintmark.words.texts import Column, is_blank, short

Form = Literal["json", "fences", "brackets", "sentence", "printable"]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from error
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Format:
    """What a reader or a parser would stumble over.

    `allow`: each of these regular expressions must be found. `deny`: none of these may. `must` names forms: `json` (one
    JSON value and nothing else), `fences` (every ``` that opens a block of code is closed), `brackets` ((), [] and {}
    match outside of fenced code), `sentence` (it ends as sentences do, and was not cut off), `printable` (no control
    characters, no replacement character �, no lone surrogates).
    """

    column: Column
    allow: tuple[Pattern, ...] = ()
    deny: tuple[Pattern, ...] = ()
    must: tuple[Form, ...] = ()

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> Each:  # noqa: ARG002
        """Nothing is needed."""
        return Each(self.column, self._judge)

    def _judge(self, text: str | None) -> Dropped | None:
        if text is None or is_blank(text):
            return NO_TEXT
        for pattern in self.deny:
            match = re.search(pattern, text)
            if match:
                return f"holds {pattern}", short(text[max(0, match.start() - 40) : match.end() + 40])
        for pattern in self.allow:
            if not re.search(pattern, text):
                return f"lacks {pattern}", short(text)
        for form in self.must:
            fault = _FORMS[form](text)
            if fault:
                return f"not in form: {form}", fault
        return None


def _json(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"{error}: {short(text, 80)}"
    return ""


def _fences(text: str) -> str:
    """What opens a block of code is closed by a fence that is at least as long (CommonMark 0.31, section 4.5)."""
    opened = ""
    for line in text.splitlines():
        match = re.match(r" {0,3}(`{3,}|~{3,})(.*)", line)
        if match and not opened:
            opened = match[1]
        elif match and match[1].startswith(opened) and not match[2].strip():
            opened = ""
    return f"{opened} is not closed" if opened else ""


def _brackets(text: str) -> str:
    waiting: list[str] = []
    for sign in re.sub(r"```.*?(```|\Z)|`[^`\n]*`", "", text, flags=re.DOTALL):
        if sign in _PAIRS:
            waiting.append(_PAIRS[sign])
        elif sign in ")]}" and (not waiting or waiting.pop() != sign):
            return f"{sign} closes nothing"
    return f"{waiting[-1]} is missing" if waiting else ""


_PAIRS = {"(": ")", "[": "]", "{": "}"}
_ENDS = re.compile(r"[.!?…。！？।॥؟。:;`\]}|][\"'’”»」』)\]*_]*$|[.!?…。！？][\"'’”»」』)\]*_]+$")
"""Sentences end in these, with what may stand behind them; lists, tables and code end as they do."""


def _sentence(text: str) -> str:
    return "" if _ENDS.search(text.rstrip()) else f"ends in {text.rstrip()[-30:]!r}"


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ud800-\udfff]")


def _printable(text: str) -> str:
    match = _UNPRINTABLE.search(text)
    return f"U+{ord(match[0]):04X} at character {match.start() + 1}" if match else ""


_FORMS = {"json": _json, "fences": _fences, "brackets": _brackets, "sentence": _sentence, "printable": _printable}
