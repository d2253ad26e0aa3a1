"""Drawing the values of a column by its definition: from uniform numbers, by whatever the column is drawn from."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mintmark.data.expressions import Expression
from mintmark.data.masked import TEXT, Masked, choose
from mintmark.data.schema import Kind
from mintmark.errors import ConditionError, RecipeError
from mintmark.generators.tabular.definitions import Definition
from mintmark.generators.tabular.entities import texts_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TRIES = 100
"""How often a value beyond its bounds is drawn again before that is an error."""

_PLACES = {"#": "0123456789", "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "?": "abcdefghijklmnopqrstuvwxyz"}


@dataclass(frozen=True)
class Stream:
    """Uniform numbers from a stream."""

    rng: np.random.Generator
    rows: int

    def next(self, salt: str) -> Floats:  # noqa: ARG002 — the stream itself moves on
        """(rows,) numbers between 0 and 1, never 0."""
        return np.maximum(self.rng.random(self.rows), 1e-16)


@dataclass(frozen=True)
class Hashed:
    """Uniform numbers that belong to an entity: the same in every batch and shard."""

    seed: int
    column: str
    keys: list[str]

    @property
    def rows(self) -> int:
        """How many entities there are."""
        return len(self.keys)

    def next(self, salt: str) -> Floats:
        """(rows,) numbers between 0 and 1, never 0; others for another `salt`."""
        head = f"{self.seed}/{len(self.column)}:{self.column}/{salt}/".encode()
        words = b"".join(hashlib.blake2b(head + key.encode(), digest_size=8).digest() for key in self.keys)
        return np.maximum((np.frombuffer(words, ">u8") >> np.uint64(11)).astype(np.float64) * 2.0**-53, 1e-16)


Uniforms = Stream | Hashed


def drawn(definition: Definition, made: Mapping[str, Masked], uniforms: Uniforms, places: Ints) -> Masked:
    """One value a row, by the case of each row."""
    if not definition.by:
        return _DRAW.get(definition.source, _number)(definition, definition.body, made, uniforms, places)
    which = np.array(texts_of(made[definition.by]), dtype=object)
    unknown = sorted(set(which.tolist()) - set(definition.cases))
    if unknown and definition.source == "choice" and not definition.body:
        raise RecipeError(f"there is no case for {unknown[0]!r}", where=f"columns.{definition.name}.cases")
    parts = [(np.ones(len(which), dtype=bool), definition.body)]
    for value, body in definition.cases.items():
        mask = which == value
        parts[0][0][mask] = False
        parts.append((mask, _joined(definition, body)))
    return _cases(definition, made, uniforms, places, parts)


def _joined(definition: Definition, body: Any) -> Any:
    """A case says what differs from the rest; choices and formulas are said anew."""
    if isinstance(body, Mapping) and isinstance(definition.body, Mapping) and definition.source != "choice":
        return {**definition.body, **body}
    return body


def _cases(definition: Definition, made: Mapping[str, Masked], uniforms: Uniforms, places: Ints,
           parts: list[tuple[NDArray[np.bool_], Any]]) -> Masked:  # fmt: skip
    out: Masked | None = None
    for mask, body in parts:
        if not mask.any():
            continue
        drawn = _DRAW.get(definition.source, _number)(definition, body, made, uniforms, places).spread(len(places))
        out = drawn if out is None else choose(Masked.of(mask), drawn, out)
    return out if out is not None else _DRAW.get(definition.source, _number)(
        definition, definition.body or next(iter(definition.cases.values())), made, uniforms, places)  # fmt: skip


def _number(definition: Definition, body: Any, made: Mapping[str, Masked], uniforms: Uniforms, _: Ints) -> Masked:
    """A distribution of numbers; what lies beyond the bounds is drawn again."""
    assert definition.distribution
    values = definition.parameters(body)
    for name, value in values.items():
        if value is None:
            raise RecipeError(f"{definition.source} needs {name}", where=f"columns.{definition.name}")
    given = {name: _parameter(definition, name, value, made, uniforms.rows) for name, value in values.items()}
    low = -math.inf if definition.low is None else definition.low
    high = math.inf if definition.high is None else definition.high
    out = np.full(uniforms.rows, np.nan)
    todo = np.arange(uniforms.rows)
    for attempt in range(TRIES):
        if not len(todo):
            return Masked.of(out)
        u = uniforms.next(str(attempt))[todo]
        drawn = np.asarray(definition.distribution.quantile(u, *(p[todo] for p in given.values())), dtype=np.float64)
        if definition.decimals is not None:
            drawn = np.round(drawn, definition.decimals)
        fits = (drawn >= low) & (drawn <= high)
        out[todo[fits]] = drawn[fits]
        todo = todo[~fits]
    if not len(todo):
        return Masked.of(out)
    raise ConditionError(f"column {definition.name} hardly ever lies between {low:g} and {high:g}",
                         found=f"{len(todo)} of {uniforms.rows} values beyond, after {TRIES} draws",
                         fix="widen low and high, or change the distribution")  # fmt: skip


def _parameter(definition: Definition, name: str, value: Any, made: Mapping[str, Masked], rows: int) -> Floats:
    """A parameter for each row, checked against the range that makes sense."""
    where = f"columns.{definition.name}.{definition.source}.{name}"
    found = evaluated(value, made, rows, where)
    assert definition.distribution
    bounds = definition.distribution.parameters[name]
    bad = ~((found >= bounds.low) & (found <= bounds.high))
    if bad.any():
        least = "above 0" if 0 < bounds.low < 1e-100 else f"at least {bounds.low:g}"
        most = f" and at most {bounds.high:g}" if bounds.high < math.inf else ""
        raise RecipeError(f"this parameter is {least}{most}", where=where, found=f"{found[bad][0]:g}")
    return found


def evaluated(value: Any, made: Mapping[str, Masked], rows: int, where: str) -> Floats:
    """(rows,) what a parameter is in each row; RecipeError where it is no number in one."""
    if isinstance(value, str):
        found = Expression.parse(value, where=where).evaluate(made).spread(rows)
        if found.kind == TEXT or found.missing.any():
            raise RecipeError("a parameter is a number in every row", where=where, found=value)
        return found.values.astype(np.float64)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecipeError("a parameter is a number or an expression", where=where, found=repr(value))
    return np.full(rows, float(value))


def _choice(definition: Definition, body: Any, made: Mapping[str, Masked], uniforms: Uniforms, _: Ints) -> Masked:
    where = f"columns.{definition.name}.choice"
    options: Mapping[Any, Any] = body if isinstance(body, Mapping) else dict.fromkeys(body, 1)
    weights = np.column_stack([evaluated(weight, made, uniforms.rows, where) for weight in options.values()])
    total = weights.sum(axis=1)
    if (weights < 0).any() or not (np.isfinite(total) & (total > 0)).all():
        raise RecipeError("weights are not negative, and not all are 0", where=where)
    steps = np.cumsum(weights / total[:, None], axis=1)
    picked = np.minimum((uniforms.next("0")[:, None] >= steps).sum(axis=1), len(options) - 1)
    values = np.array([str(option) for option in options], dtype=object)[picked]
    return _as_numbers(values, where) if definition.kind == Kind.NUMBER else Masked.of(values)


def _as_numbers(values: NDArray[Any], where: str) -> Masked:
    try:
        return Masked.of(values.astype(np.float64))
    except ValueError as error:
        raise RecipeError("these choices are no numbers", where=where, found=str(error)) from error


def _boolean(definition: Definition, body: Any, made: Mapping[str, Masked], uniforms: Uniforms, _: Ints) -> Masked:
    where = f"columns.{definition.name}.boolean.share"
    share = evaluated(definition.parameters(body)["share"], made, uniforms.rows, where)
    if not ((share >= 0) & (share <= 1)).all():
        raise RecipeError("a share lies between 0 and 1", where=where)
    return Masked.of(uniforms.next("0") < share)


def _constant(_: Definition, body: Any, __: Mapping[str, Masked], uniforms: Uniforms, ___: Ints) -> Masked:
    return Masked.of(body).spread(uniforms.rows)


def _sequence(definition: Definition, body: Any, made: Mapping[str, Masked], uniforms: Uniforms, places: Ints,
              ) -> Masked:  # fmt: skip
    values = {"start": 0, "step": 1} | {k: v for k, v in definition.parameters(body).items() if v is not None}
    where = f"columns.{definition.name}.sequence"
    start, step = (evaluated(values[name], made, uniforms.rows, where) for name in ("start", "step"))
    return Masked.of(start + step * places)


def _pattern(_: Definition, body: Any, __: Mapping[str, Masked], uniforms: Uniforms, ___: Ints) -> Masked:
    parts = []
    for place, sign in enumerate(body):
        letters = np.array(list(_PLACES.get(sign, sign)), dtype=object)
        parts.append(letters[(uniforms.next(f"at{place}") * len(letters)).astype(np.int64)] if sign in _PLACES else
                     np.full(uniforms.rows, sign, dtype=object))  # fmt: skip
    out: NDArray[Any] = np.sum(parts, axis=0) if uniforms.rows else np.zeros(0, dtype=object)
    return Masked.of(out.astype(object))


def _datetime(definition: Definition, body: Any, _: Mapping[str, Masked], uniforms: Uniforms, __: Ints) -> Masked:
    unit: Literal["D", "s"] = "D" if definition.source == "date" else "s"
    start, end = (_moment(definition, body, name, unit) for name in ("start", "end"))
    if end < start:
        raise RecipeError("end lies before start", where=f"columns.{definition.name}")
    span = uniforms.next("0") * ((end - start).astype(np.int64) + 1)
    return Masked.of(start + span.astype(np.int64).astype(f"m8[{unit}]"))


def _moment(definition: Definition, body: Any, name: str, unit: Literal["D", "s"]) -> np.datetime64:
    text = definition.parameters(body)[name]
    try:
        found = np.datetime64(str(text), unit)
    except ValueError as error:
        raise RecipeError("this is no date", where=f"columns.{definition.name}.{name}", found=str(text),
                          fix='write one as "2024-12-31" or "2024-12-31 23:59:59"') from error  # fmt: skip
    if text is None or np.isnat(found):
        raise RecipeError(f"{definition.source} needs {name}", where=f"columns.{definition.name}")
    return found


def _formula(definition: Definition, body: Any, made: Mapping[str, Masked], uniforms: Uniforms, _: Ints) -> Masked:
    where = f"columns.{definition.name}.formula"
    return Expression.parse(str(body), where=where).evaluate(made).spread(uniforms.rows)


_DRAW: Mapping[str, Callable[[Definition, Any, Mapping[str, Masked], Uniforms, Ints], Masked]] = {
    "choice": _choice, "boolean": _boolean, "constant": _constant, "sequence": _sequence, "pattern": _pattern,
    "datetime": _datetime, "date": _datetime, "formula": _formula,
}  # fmt: skip
