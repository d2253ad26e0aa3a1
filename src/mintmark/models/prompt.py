"""Prompts: plain text with places for columns, `{{question}}`. Nothing in them is run; what is filled in stays data."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mintmark.errors import RecipeError, UnknownName
from mintmark.models.request import Message

PLACE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_PART = re.compile(r"^=== (system|user) ===[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Prompt:
    """What is said to a model: instructions, and a message with places that are filled row by row."""

    user: str
    system: str = ""

    @classmethod
    def of(cls, text: str) -> "Prompt":
        """Reads a prompt. Lines `=== system ===` and `=== user ===` part it; without them all of it is the message.

        Raises RecipeError where nothing is left to say.
        """
        parts = _PART.split(text)
        said = {"user": parts[0]} if parts[0].strip() else {}
        said |= dict(zip(parts[1::2], parts[2::2], strict=True))
        if not said.get("user", "").strip():
            raise RecipeError("a prompt says nothing", where="prompt", fix="write what the model is to do")
        return cls(said["user"].strip(), said.get("system", "").strip())

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it asks for, in the order in which they first stand."""
        return tuple(dict.fromkeys(PLACE.findall(self.system) + PLACE.findall(self.user)))

    def need(self, columns: Iterable[str]) -> None:
        """UnknownName where it asks for a column that is not there."""
        known = list(columns)
        for name in self.names:
            if name not in known:
                raise UnknownName("column for the prompt", name, known, where="prompt")

    def fill(self, row: Mapping[str, Any]) -> tuple[Message, ...]:
        """The messages for one row; a missing value is said as nothing. Places in what is filled in are left alone."""
        system, user = (PLACE.sub(lambda found: _said(row[found[1]]), text) for text in (self.system, self.user))
        return (*((Message("system", system),) if system else ()), Message("user", user))


@cache
def stored(path: Path) -> Prompt:
    """A prompt of our own, from a text file."""
    return Prompt.of(path.read_text(encoding="utf-8"))


def chosen(text: str | None, ours: Prompt) -> Prompt:
    """What the user wrote in the place of ours, or ours; RecipeError where theirs lacks a place that ours has."""
    if text is None:
        return ours
    theirs = Prompt.of(text)
    lacking = [place for place in ours.names if place not in theirs.names]
    if lacking:
        fix = f"add {', '.join('{{' + place + '}}' for place in lacking)}"
        raise RecipeError("this prompt leaves out what the method must tell the model", where="prompt", fix=fix)
    return theirs


def enclosed(document: str, tag: str = "document") -> str:
    """A document between marks that it cannot close itself: what stands in it is data, whatever it asks for."""
    inside = re.sub(rf"<(\s*/?\s*{tag})", "<\u200b\\1", document, flags=re.IGNORECASE)
    return f"<{tag}>\n{inside.strip()}\n</{tag}>"


def numbered(texts: Iterable[str]) -> str:
    """A numbered list, an item a paragraph."""
    return "\n\n".join(f"{place}. {text.strip()}" for place, text in enumerate(texts, 1))


def _said(value: Any) -> str:
    return "" if value is None else str(value)
