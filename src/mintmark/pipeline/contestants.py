"""The generators of a comparison, as a person writes them: `tabular.copula, tabular.trees(leaf=20)`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mintmark import catalog, document
from mintmark.errors import InputError, MissingExtra, RecipeError
from mintmark.pipeline.parameters import told
from mintmark.recipe import Step

_WRITTEN = re.compile(r"\s*([a-z_]+\.[a-z0-9_]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_OPEN, _CLOSE, _QUOTES = "([{", ")]}", "\"'"


@dataclass(frozen=True)
class Contestant:
    """A generator with its own parameters."""

    make: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """As it is written, with its parameters in order of name: equal contestants have equal labels."""
        inside = ", ".join(f"{name}={_plain(value)}" for name, value in sorted(self.parameters.items()))
        return f"{self.make}({inside})" if inside else self.make

    def step(self, like: Step) -> Step:
        """A recipe's step with this method in it."""
        return like.model_copy(update={"make": self.make, "parameters": dict(self.parameters)})

    def complete(self, like: Step, target: str | None) -> dict[str, Any]:
        """All parameters: its own, and what the recipe says that the method asks for. MissingExtra where one lacks."""
        return told(catalog.load("generators", self.make), self.step(like), target)


Written = str | Mapping[str, Any]
"""`tabular.trees(leaf=20)`, several of these parted by commas, or `{"make": "tabular.trees", "with": {"leaf": 20}}`."""


def parse(written: Sequence[Written], *, where: str = "--with") -> tuple[Contestant, ...]:
    """Reads what is to be compared, and checks every name and parameter.

    UnknownName lists the names that exist; InputError says what cannot be read, and what stands twice.
    """
    found = [one for each in written for one in _read(each, where)]
    for contestant in found:
        _check(contestant, where)
    labels = [contestant.label for contestant in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise InputError("this stands twice in the comparison", where=where, found=", ".join(twice),
                         fix="leave one out, or give it other parameters")  # fmt: skip
    return tuple(found)


def _read(written: Written, where: str) -> Iterator[Contestant]:
    if isinstance(written, Mapping):
        step = {"make": "", "with": {}, **written}
        if set(step) > {"make", "with"} or not isinstance(step["make"], str) or not isinstance(step["with"], Mapping):
            raise InputError("this is no generator", where=where, found=str(dict(written)),
                             fix="write one as {make: tabular.trees, with: {leaf: 20}}")  # fmt: skip
        yield Contestant(step["make"], dict(step["with"]))
        return
    for part in _parted(str(written), where):
        match = _WRITTEN.fullmatch(part)
        if match is None:
            raise InputError("this is no generator", where=where, found=part.strip() or "nothing",
                             fix="write one as tabular.trees, or as tabular.trees(leaf=20)")  # fmt: skip
        yield Contestant(match[1], dict(_parameter(one, where) for one in _parted(match[2] or "", where, empty=True)))


def _parameter(written: str, where: str) -> tuple[str, Any]:
    name, equals, value = written.partition("=")
    if not equals or not name.strip().isidentifier() or not value.strip():
        raise InputError("this is no parameter", where=where, found=written.strip(), fix="write one as leaf=20")
    try:
        return name.strip(), document.parse(f"value: {value.strip()}", name=where).value["value"]
    except RecipeError as error:
        raise InputError(f"the value of {name.strip()} cannot be read", where=where, found=value.strip(),
                         fix="write it as in a recipe: 20, 0.5, true, text, [a, b]") from error  # fmt: skip


def _parted(text: str, where: str, *, empty: bool = False) -> Iterator[str]:
    """The parts between commas that stand in no bracket and between no quotes."""
    if empty and not text.strip():
        return
    depth, start, quote = 0, 0, ""
    for place, sign in enumerate(text):
        if quote or sign in _QUOTES:
            quote = sign if not quote else "" if sign == quote else quote
            continue
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth < 0:
            break
        if sign == "," and not depth:
            yield text[start:place]
            start = place + 1
    if depth or quote:
        raise InputError("brackets or quotes do not close", where=where, found=text.strip())
    yield text[start:]


def _check(contestant: Contestant, where: str) -> None:
    try:
        catalog.build("generators", contestant.make, contestant.parameters, where=where)
    except MissingExtra:
        return  # it gets a row that says so, and the others go on


def _plain(value: Any) -> str:
    """A word as it is, where it reads as that word again; all else as JSON, which is YAML too."""
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w .-]*", value) is not None
    return value if plain and _word(value) else json.dumps(value, ensure_ascii=False, default=str)


def _word(value: str) -> bool:
    return document.parse(f"value: {value}", name="").value["value"] == value
