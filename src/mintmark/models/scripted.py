"""A model that says what it was told to say: for tests, documents, and trying out a recipe for nothing."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from mintmark import digest, document
from mintmark.errors import InputError
from mintmark.models.model import Line
from mintmark.models.request import Reply, Request

_BYTES = 4
"""Of text that this model counts as a token."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Rule:
    """What is said where the last message, or the prompt, holds a pattern."""

    match: str
    """A regular expression, searched for."""
    reply: str | tuple[str, ...]
    """What is said; `\\1` or `\\g<name>` stand for what the pattern caught. Of several one is drawn by the request's
    digest, its sample number included: the same request, the same reply."""

    def __post_init__(self) -> None:
        try:
            re.compile(self.match)
        except re.error as error:
            raise InputError(f"this pattern cannot be read: {error}", where="match", found=self.match) from error


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Scripted:
    """Replies by rules; the first one that matches speaks.

    Nothing is sent anywhere. The same request always gets the same reply, so whatever is made with it is repeated
    exactly.
    """

    rules: tuple[Rule, ...] = ()
    file: Path | None = None
    """YAML or JSON with a list of rules, which come after those above."""
    model: str = "scripted"

    free: ClassVar[bool] = True
    at_once: ClassVar[int | None] = None
    paths: ClassVar[tuple[str, ...]] = ("file",)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Line]:
        """Reads the rules; raises InputError where there are none."""
        yield _Prompter(self._all)

    def describe(self) -> Mapping[str, Any]:
        """Its name and the digest of its rules."""
        rules = [[rule.match, rule.reply] for rule in self._all]
        return {"kind": "models.scripted", "model": self.model, "rules": digest.of_json(rules)}

    @cached_property
    def _all(self) -> tuple[Rule, ...]:
        rules = self.rules if self.file is None else (*self.rules, *_read(self.file))
        if not rules:
            raise InputError("a scripted model needs rules", where="rules", fix="give `rules`, or a `file` of them")
        return rules


class _Prompter:
    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = [(re.compile(rule.match), rule) for rule in rules]

    async def answer(self, request: Request) -> Reply:
        heard = request.prompt if request.prompt is not None else request.messages[-1].content
        for pattern, rule in self._rules:
            if found := pattern.search(heard):
                return _said(request, found, rule)
        fix = "add a rule for it, or a last one that matches everything: {match: '', reply: …}"
        raise InputError("no rule of the scripted model matches a request", found=repr(heard[:200]), fix=fix)

    async def alive(self) -> bool:
        return True


def _said(request: Request, found: re.Match[str], rule: Rule) -> Reply:
    said = rule.reply
    if not isinstance(said, str):
        said = said[int(digest.of_json(request.told())[-8:], 16) % len(said)]
    text = found.expand(said)
    cut = text.encode()[: _BYTES * request.max_tokens].decode(errors="ignore")
    return Reply(
        text=cut,
        finish="stop" if cut == text else "length",
        prompt_tokens=-(-len(request.text.encode()) // _BYTES),
        reply_tokens=-(-len(cut.encode()) // _BYTES),
        model="scripted",
        counted="bytes",
    )


def _read(path: Path) -> list[Rule]:
    read = document.read(path)
    if not isinstance(read.value, list):
        raise InputError("a script is a list of rules", where=str(path), fix="begin with `- {match: …, reply: …}`")
    rules = []
    for place, rule in enumerate(read.value):
        if not isinstance(rule, dict) or set(rule) != {"match", "reply"}:
            raise InputError("a rule has a `match` and a `reply`", where=read.where((place,)), found=repr(rule)[:200])
        said = rule["reply"]
        rules.append(Rule(str(rule["match"]), tuple(map(str, said)) if isinstance(said, list) else str(said)))
    return rules
