"""How a column is defined, read from a recipe and put into an order in which each can be made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mintmark.data.expressions import Expression
from mintmark.data.schema import Kind, Personal
from mintmark.errors import RecipeError, UnknownName
from mintmark.generators.tabular.distributions import DISTRIBUTIONS, Distribution

OTHERS = ("choice", "boolean", "constant", "sequence", "pattern", "datetime", "date", "formula", "person")
"""What a column can be beside a distribution of numbers."""
SOURCES = (*DISTRIBUTIONS, *OTHERS)
MODIFIERS = ("by", "cases", "low", "high", "decimals", "missing", "kind", "unique", "repeat", "each", "per", "running")
RUNNING = ("total", "previous")

_TAKES: Mapping[str, tuple[str, ...]] = {
    "boolean": ("share",), "sequence": ("start", "step"), "datetime": ("start", "end"), "date": ("start", "end"),
    "person": ("is", "of", "woman"),
}  # fmt: skip


@dataclass(frozen=True)
class Definition:
    """One column: where its values come from, and what is done to them."""

    name: str
    source: str
    body: Any
    by: str | None = None
    """Another column, on whose value the parameters depend through `cases`."""
    cases: Mapping[str, Any] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    """Values beyond are drawn again: the distribution is truncated, not clipped."""
    decimals: int | None = None
    missing: Any = 0.0
    """The share that is missing: a number or an expression."""
    kind: Kind | None = None
    unique: bool = False
    repeat: float | None = None
    """About this many rows in succession share one draw."""
    each: str | None = None
    """One draw for each value of this column, the same in every shard."""
    per: str | None = None
    """`running` and `sequence` start anew with each value of this column."""
    running: str | None = None
    """`total` adds up, `previous` is the row before."""

    @property
    def bodies(self) -> list[Any]:
        """Its own body and those of its cases."""
        return [self.body, *self.cases.values()]

    @property
    def distribution(self) -> Distribution | None:
        """The distribution of numbers, where it is one."""
        return DISTRIBUTIONS.get(self.source)

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that must be there first."""
        read = [name for text in self._texts() for name in Expression.parse(text, where=self.name).columns]
        links = [name for name in (self.by, self.each, self.per) if name]
        return tuple(dict.fromkeys([*links, *read]))

    def parameters(self, body: Any) -> Mapping[str, Any]:
        """The parameters of a distribution with its defaults; RecipeError for one that it does not take."""
        if self.distribution:
            known = {name: parameter.default for name, parameter in self.distribution.parameters.items()}
        else:
            known = dict.fromkeys(_TAKES[self.source])
        body = body or {}
        if not isinstance(body, Mapping):
            raise RecipeError(f"{self.source} takes {', '.join(known)}", where=self.name, found=repr(body))
        for name in body:
            if name not in known:
                raise UnknownName(f"parameter of {self.source} called", str(name), known, where=self.name)
        return known | dict(body)

    def _texts(self) -> list[str]:
        """All expressions in this definition."""
        if self.source == "formula":
            found = [str(body) for body in self.bodies]
        elif self.source in ("constant", "pattern", "datetime", "date"):
            found = []
        elif self.source == "person":
            found = [self.body["woman"]] if self.body["woman"] else []
        else:
            values = [value for body in self.bodies if isinstance(body, Mapping) for value in body.values()]
            found = [value for value in values if isinstance(value, str)]
        return found + ([self.missing] if isinstance(self.missing, str) else [])


def read(columns: Mapping[str, Mapping[str, Any]]) -> tuple[Definition, ...]:
    """Definitions in an order in which each finds what it needs.

    Raises RecipeError for what is no definition and for a circle, UnknownName for a column that is not defined.
    """
    if not columns:
        raise RecipeError("there are no columns", where="columns")
    found = _agreed({name: _definition(name, body) for name, body in columns.items()})
    for definition in found.values():
        for name in definition.needs:
            if name not in found:
                raise UnknownName("column", name, found, where=f"columns.{definition.name}")
    return tuple(_in_order(found))


def _definition(name: str, body: Any) -> Definition:
    where = f"columns.{name}"
    if not isinstance(body, Mapping):
        raise RecipeError("this is no definition of a column", where=where, found=repr(body),
                          fix="write one as {normal: {mean: 0, sd: 1}}")  # fmt: skip
    for key in body:
        if key not in SOURCES and key not in MODIFIERS:
            raise UnknownName("definition called", str(key), (*SOURCES, *MODIFIERS), where=where)
    sources = [key for key in body if key in SOURCES]
    if len(sources) != 1:
        raise RecipeError("a column comes from exactly one source", where=where, found=", ".join(sources) or "none",
                          fix=f"choose from: {', '.join(SOURCES)}")  # fmt: skip
    rest = {key: value for key, value in body.items() if key in MODIFIERS}
    if isinstance(rest.get("cases"), Mapping):
        rest["cases"] = {_word(value): case for value, case in rest["cases"].items()}
    out = Definition(name, sources[0], body[sources[0]], **(rest | _kind(rest, where)))
    if out.source == "person":
        out = _person(out, where)
    _check(out, where)
    return out


def _person(out: Definition, where: str) -> Definition:
    """What a column says, and of whom, written out; RecipeError or UnknownName where it says nothing of anybody."""
    body = out.parameters({"is": out.body} if isinstance(out.body, str) else out.body)
    if body["is"] is None:
        raise RecipeError(
            "this says nothing of a person", where=where, fix="write person: email, or {is: email, of: buyer}"
        )
    if body["is"] not in list(Personal):
        raise UnknownName("word for what a column says of a person,", str(body["is"]), [str(p) for p in Personal],
                          where=where)  # fmt: skip
    if any(getattr(out, name) for name in ("by", "repeat", "unique", "per", "running")) or out.kind is not None:
        raise RecipeError("a person takes `each` and `missing` and nothing else", where=where,
                          fix="let a pattern repeat, and write each: and its name")  # fmt: skip
    return replace(out, body={"is": str(body["is"]), "of": str(body["of"] or ""), "woman": body["woman"]})


def _agreed(found: Mapping[str, Definition]) -> dict[str, Definition]:
    """All columns about a person with the same `each` and `woman`; RecipeError where they contradict each other."""
    people: dict[str, list[Definition]] = {}
    for definition in found.values():
        if definition.source == "person":
            people.setdefault(definition.body["of"] or "", []).append(definition)
    out = dict(found)
    for columns in people.values():
        each, woman = ({value for value in values if value} for values in (
            [one.each for one in columns], [one.body["woman"] for one in columns]))  # fmt: skip
        for what, said in (("each", each), ("woman", woman)):
            if len(said) > 1:
                raise RecipeError(f"columns about one person differ in `{what}`", where=f"columns.{columns[0].name}",
                                  found=", ".join(sorted(said)), fix="write of: buyer and of: seller")  # fmt: skip
        for one in columns:
            body = {**one.body, "woman": next(iter(woman), None)}
            out[one.name] = replace(one, body=body, each=next(iter(each), None))
    return out


def _word(value: Any) -> str:
    """A value as categories are written: truths in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(rest: Mapping[str, Any], where: str) -> dict[str, Kind]:
    if "kind" not in rest:
        return {}
    if rest["kind"] not in list(Kind):
        raise UnknownName("kind", str(rest["kind"]), [str(kind) for kind in Kind], where=where)
    return {"kind": Kind(rest["kind"])}


def _check(out: Definition, where: str) -> None:
    """Refuses what cannot be meant; each rule names what it refuses."""
    rules = [
        (out.running is not None and out.running not in RUNNING, f"running is one of: {', '.join(RUNNING)}"),
        (bool(out.cases) != bool(out.by), "by and cases belong together"),
        (not isinstance(out.cases, Mapping), "cases is a mapping from values to parameters"),
        (out.per is not None and out.running is None and out.source != "sequence", "per belongs to running"),
        (out.unique and out.source != "pattern", "only a pattern can be unique"),
        (out.unique and bool(out.repeat or out.each), "what is unique cannot repeat"),
        (bool(out.repeat) and bool(out.each or out.by), "repeat stands alone: it makes the entities"),
        (out.repeat is not None and not (_is_number(out.repeat) and out.repeat >= 1), "repeat is at least 1"),
        (out.decimals is not None and not (isinstance(out.decimals, int) and 0 <= out.decimals <= 12),
         "decimals is between 0 and 12"),
        (not (_is_number(out.missing) and 0 <= out.missing <= 1) and not isinstance(out.missing, str),
         "missing is a share between 0 and 1, or an expression"),
        ((out.low is not None or out.high is not None) and not out.distribution,
         "low and high belong to distributions of numbers"),
        (any(not _is_number(end) for end in (out.low, out.high) if end is not None), "low and high are numbers"),
    ]  # fmt: skip
    for broken, rule in rules:
        if broken:
            raise RecipeError(rule, where=where)
    for body in out.bodies:
        _check_body(out, body, where)


def _check_body(out: Definition, body: Any, where: str) -> None:
    if out.source == "choice":
        fits = isinstance(body, Mapping | list) and (bool(body) or bool(out.cases))
    elif out.source == "pattern":
        fits = isinstance(body, str) and bool(re.search(r"[#@?]", body)) and len(body) <= 100
    elif out.source in ("formula", "constant"):
        fits = isinstance(body, str | int | float)
    else:
        out.parameters(body)
        fits = True
    if not fits:
        raise RecipeError(f"this is no {out.source}", where=where, found=repr(body)[:80], fix=_EXAMPLES[out.source])


_EXAMPLES = {
    "choice": "write one as {choice: {red: 2, blue: 1}} or {choice: [red, blue]}",
    "pattern": 'write one as "ACC-######": # is a digit, @ a capital, ? a small letter',
    "formula": 'write one as {formula: "price * amount"}',
    "constant": "a constant is a number, a text, true or false",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _in_order(found: Mapping[str, Definition]) -> list[Definition]:
    done: dict[str, Definition] = {}
    left = dict(found)
    while left:
        ready = [name for name, definition in left.items() if all(need in done for need in definition.needs)]
        if not ready:
            raise RecipeError("these columns are defined in a circle", where="columns", found=_circle(left))
        for name in ready:
            done[name] = left.pop(name)
    return list(done.values())


def _circle(left: Mapping[str, Definition]) -> str:
    path = [next(iter(left))]
    while path[-1] not in path[:-1]:
        path.append(next(need for need in left[path[-1]].needs if need in left))
    return " → ".join(path[path.index(path[-1]) :])
