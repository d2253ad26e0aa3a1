"""Values of which some are missing, and what can be computed from them: the arithmetic beneath `expressions`.

Whatever is computed from a missing value is missing, and so is what has no finite answer (a division by zero, the
logarithm of −1). `and` and `or` use what they know, as in SQL. Instants minus instants are seconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.errors import RecipeError

Mask = NDArray[np.bool_]

NUMBER, TRUTH, TEXT, INSTANT = "a number", "true or false", "text", "a date or time"

NEAR = 4e-15
"""Numbers that differ by less, in parts of the larger, are equal: 0.1 + 0.2 is 0.3."""

_IS_NONE = np.frompyfunc(lambda value: value is None, 1, 1)


@dataclass(frozen=True)
class Masked:
    """Numbers, truths, texts or instants (microseconds), with a mask of what is missing; shapes (n,) or ()."""

    values: NDArray[Any]
    missing: Mask
    levels: tuple[str, ...] = ()
    """Ordered categories: what < and > go by."""

    @classmethod
    def of(cls, values: Any) -> "Masked":
        """Wraps plain arrays and scalars: NaN, NaT and None are missing."""
        if isinstance(values, Masked):
            return values
        array = np.asarray(values)
        if array.dtype.kind in "iuf":
            array = array.astype(np.float64)
            return cls(array, np.asarray(~np.isfinite(array)))
        if array.dtype.kind == "M":
            return cls(array.astype("M8[us]"), np.asarray(np.isnat(array)))
        if array.dtype.kind in "UO":
            array = array.astype(object)
            return cls(array, np.asarray(_IS_NONE(array), dtype=np.bool_))
        return cls(array, np.zeros(array.shape, dtype=np.bool_))

    @property
    def kind(self) -> str:
        """What the values are, in words."""
        return {"f": NUMBER, "b": TRUTH, "M": INSTANT}.get(self.values.dtype.kind, TEXT)

    def spread(self, rows: int) -> "Masked":
        """The same with one value a row."""
        return Masked(np.broadcast_to(self.values, (rows,)).copy(), np.broadcast_to(self.missing, (rows,)).copy())


def calculate(sign: str, left: Masked, right: Masked) -> Masked:
    """left + right and its like; RecipeError where these two cannot be put together."""
    missing = left.missing | right.missing
    kinds = (left.kind, right.kind)
    if kinds == (TEXT, TEXT) and sign == "+":
        return Masked(_texts(np.add, left, right, missing), missing)
    if kinds == (INSTANT, INSTANT) and sign == "-":
        seconds = (left.values - right.values).astype(np.float64) / 1e6
        return _finite(seconds, missing)
    if kinds == (INSTANT, NUMBER) and sign in "+-":
        moved = np.rint(np.where(right.missing, 0, right.values) * (1e6 if sign == "+" else -1e6))
        moved = np.where(np.abs(moved) < 2**62, moved, 0)
        return Masked(left.values + moved.astype("m8[us]"), missing)
    x, y = _number(left, sign), _number(right, sign)
    with np.errstate(all="ignore"):
        return _finite(np.asarray(_ARITHMETIC[sign](x, y), dtype=np.float64), missing)


def compare(sign: str, left: Masked, right: Masked) -> Masked:
    """left < right and its like; RecipeError where these two cannot be compared."""
    missing = left.missing | right.missing
    x, y = _alike(left, right, sign)
    if x.dtype.kind == "O":
        x, y = np.where(missing, "", x), np.where(missing, "", y)
    if x.dtype.kind == y.dtype.kind == "f":
        with np.errstate(all="ignore"):
            x = np.where(np.abs(x - y) <= NEAR * np.maximum(np.abs(x), np.abs(y)), y, x)
    return Masked(np.asarray(_COMPARISON[sign](x, y), dtype=bool), missing)


def both(left: Masked, right: Masked) -> Masked:
    """Three-valued `and`: false where either is false, whatever the other."""
    x, y = _truth(left, "and"), _truth(right, "and")
    false = (~x & ~left.missing) | (~y & ~right.missing)
    return Masked(~false, (left.missing | right.missing) & ~false)


def either(left: Masked, right: Masked) -> Masked:
    """Three-valued `or`."""
    return negate(both(negate(left), negate(right)))


def negate(value: Masked) -> Masked:
    """`not`."""
    return Masked(~_truth(value, "not"), value.missing)


def choose(condition: Masked, yes: Masked, no: Masked) -> Masked:
    """`yes if condition else no`; missing where the condition is."""
    truth = _truth(condition, "if")
    x, y = _alike(yes, no, "if … else")
    return Masked(np.where(truth, x, y), condition.missing | np.where(truth, yes.missing, no.missing))


def minus(value: Masked) -> Masked:
    """−value."""
    return Masked(-_number(value, "-"), value.missing)


def call(name: str, arguments: list[Masked]) -> Masked:
    """A function by name; its number of arguments was checked when the expression was read."""
    return FUNCTIONS[name][0](*arguments)


def _number(value: Masked, sign: str) -> NDArray[np.float64]:
    if value.kind not in (NUMBER, TRUTH):
        raise RecipeError(f"{sign} needs numbers", found=value.kind)
    return value.values.astype(np.float64)


def _truth(value: Masked, sign: str) -> Mask:
    if value.kind != TRUTH:
        raise RecipeError(f"{sign} needs something that is true or false", found=value.kind)
    return value.values


def _words(value: Masked, name: str) -> list[str]:
    if value.kind != TEXT:
        raise RecipeError(f"{name}() needs text", found=value.kind)
    return ["" if gone else word for word, gone in zip(value.values.ravel(), value.missing.ravel(), strict=True)]


def _texts(act: Callable[..., Any], left: Masked, right: Masked, missing: Mask) -> NDArray[Any]:
    joined = act(np.where(left.missing, "", left.values), np.where(right.missing, "", right.values))
    out = np.asarray(joined, dtype=object)
    out[missing] = None
    return out


def _finite(values: NDArray[np.float64], missing: Mask) -> Masked:
    return Masked(values, missing | ~np.isfinite(values))


def _alike(left: Masked, right: Masked, sign: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two sides in one form: a text beside an instant is read as one, a text beside an ordered category as a level."""
    if sign in ("<", "<=", ">", ">=") and (left.levels or right.levels):
        levels = left.levels or right.levels
        return _positions(left, levels), _positions(right, levels)
    kinds = {left.kind, right.kind}
    if kinds == {TEXT, INSTANT}:
        return _instants(left), _instants(right)
    if len(kinds) == 1 or kinds == {NUMBER, TRUTH}:
        return left.values, right.values
    fix = "both sides must be of one kind; a column whose name is no plain word stands in `backticks`"
    raise RecipeError(f"{sign} cannot put {left.kind} beside {right.kind}", fix=fix)


def _positions(value: Masked, levels: tuple[str, ...]) -> NDArray[np.float64]:
    place = {level: float(index) for index, level in enumerate(levels)}
    unknown = sorted({word for word in _words(value, "order") if word and word not in place})
    if unknown:
        raise RecipeError("this is not one of the ordered levels", found=", ".join(unknown[:5]),
                          fix=f"they are: {', '.join(levels[:20])}")  # fmt: skip
    out = [place.get(word, -1.0) for word in _words(value, "order")]
    return np.array(out, dtype=np.float64).reshape(value.values.shape)


def _instants(value: Masked) -> NDArray[np.datetime64]:
    if value.kind == INSTANT:
        return value.values
    try:
        return np.array([np.datetime64(word or "NaT", "us") for word in _words(value, "date")]).reshape(
            value.values.shape
        )
    except ValueError as error:
        raise RecipeError("this text is no date", found=str(error), fix='write one as "2024-12-31 23:59:59"') from error


def _numeric(act: Callable[[NDArray[np.float64]], Any], name: str) -> Callable[[Masked], Masked]:
    def apply(value: Masked) -> Masked:
        with np.errstate(all="ignore"):
            return _finite(np.asarray(act(_number(value, f"{name}()")), dtype=np.float64), value.missing)

    return apply


def _extreme(act: Callable[..., Any], name: str) -> Callable[..., Masked]:
    def pair(left: Masked, right: Masked) -> Masked:
        return Masked(act(_number(left, name), _number(right, name)), left.missing | right.missing)

    return lambda *values: reduce(pair, values)


def _round(value: Masked, digits: Masked | None = None) -> Masked:
    places = 0 if digits is None else int(np.clip(np.nan_to_num(_number(digits, "round()").flat[0]), -15, 15))
    return Masked(np.round(_number(value, "round()"), places), value.missing)


def _textual(act: Callable[[str], Any], name: str, kind: type) -> Callable[[Masked], Masked]:
    def apply(value: Masked) -> Masked:
        made: NDArray[Any] = np.array([act(word) for word in _words(value, name)], dtype=kind).reshape(
            value.values.shape
        )
        return Masked(made, value.missing)

    return apply


def _about(act: Callable[[str, str], bool], name: str) -> Callable[[Masked, Masked], Masked]:
    def apply(value: Masked, part: Masked) -> Masked:
        wanted = _words(part, name)
        if len(wanted) != 1:
            raise RecipeError(f"{name}() looks for one text", found=f"{len(wanted)} of them")
        made = np.array([act(word, wanted[0]) for word in _words(value, name)], dtype=bool)
        return Masked(made.reshape(value.values.shape), value.missing | part.missing)

    return apply


def _calendar(act: Callable[[NDArray[Any]], Any], name: str) -> Callable[[Masked], Masked]:
    def apply(value: Masked) -> Masked:
        if value.kind == NUMBER and name in _CLOCK:  # seconds since midnight
            return _finite(np.asarray(_CLOCK[name](value.values), dtype=np.float64), value.missing)
        if value.kind not in (INSTANT, TEXT):
            raise RecipeError(f"{name}() needs a date or time", found=value.kind)
        moments = np.where(value.missing, np.datetime64(0, "us"), _instants(value))
        return Masked(np.asarray(act(moments), dtype=np.float64), value.missing)

    return apply


def _since(moments: NDArray[Any], unit: str) -> NDArray[np.int64]:
    return moments.astype(f"M8[{unit}]").astype(np.int64)


def _day(moments: NDArray[Any]) -> NDArray[np.int64]:
    return (moments.astype("M8[D]") - moments.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1


def _is_missing(value: Masked) -> Masked:
    return Masked(value.missing, np.zeros_like(value.missing))


def _coalesce(value: Masked, other: Masked) -> Masked:
    return choose(negate(_is_missing(value)), value, other)


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "//": np.floor_divide, "%": np.mod,
    "**": np.float_power,
}  # fmt: skip
_COMPARISON: Mapping[str, Callable[..., Any]] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
_CLOCK: Mapping[str, Callable[..., Any]] = {
    "hour": lambda seconds: seconds // 3600, "minute": lambda seconds: seconds // 60 % 60,
}  # fmt: skip

FUNCTIONS: Mapping[str, tuple[Callable[..., Masked], int, int]] = {
    "abs": (_numeric(np.abs, "abs"), 1, 1),
    "ceil": (_numeric(np.ceil, "ceil"), 1, 1),
    "coalesce": (_coalesce, 2, 2),
    "contains": (_about(lambda word, part: part in word, "contains"), 2, 2),
    "day": (_calendar(_day, "day"), 1, 1),
    "endswith": (_about(str.endswith, "endswith"), 2, 2),
    "exp": (_numeric(np.exp, "exp"), 1, 1),
    "floor": (_numeric(np.floor, "floor"), 1, 1),
    "hour": (_calendar(lambda moments: _since(moments, "h") % 24, "hour"), 1, 1),
    "is_missing": (_is_missing, 1, 1),
    "len": (_textual(len, "len", float), 1, 1),
    "log": (_numeric(np.log, "log"), 1, 1),
    "lower": (_textual(str.lower, "lower", object), 1, 1),
    "max": (_extreme(np.maximum, "max()"), 2, 20),
    "min": (_extreme(np.minimum, "min()"), 2, 20),
    "minute": (_calendar(lambda moments: _since(moments, "m") % 60, "minute"), 1, 1),
    "month": (_calendar(lambda moments: _since(moments, "M") % 12 + 1, "month"), 1, 1),
    "round": (_round, 1, 2),
    "sqrt": (_numeric(np.sqrt, "sqrt"), 1, 1),
    "startswith": (_about(str.startswith, "startswith"), 2, 2),
    "upper": (_textual(str.upper, "upper", object), 1, 1),
    "weekday": (_calendar(lambda moments: (_since(moments, "D") + 3) % 7, "weekday"), 1, 1),
    "where": (choose, 3, 3),
    "year": (_calendar(lambda moments: _since(moments, "Y") + 1970, "year"), 1, 1),
}
"""Name → what it does, fewest and most arguments. weekday() is 0 on Mondays."""
