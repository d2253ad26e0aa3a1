"""Values on their way between tests and program: plain data only, written as JSON and read back as exact builtin types.

A scalar is itself; all else is a list that begins with its kind. What is not data stays where it is and travels as a
number (`far` is the sender's, `near` the receiver's), so no class of the program ever reaches the tests, and with it
no `__eq__` that says yes to everything.
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque, namedtuple
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing `typing` costs a third of a short program's time
    from typing import Any

    Far = Callable[[Any], list[Any]]
    Found = Callable[[list[Any]], Any]

DEPTH = 200
"""Deeper nesting is refused: it is more often a cycle than data."""
LARGEST = 2**63
"""Larger integers travel in hexadecimal: Python refuses decimals of more than 4,300 digits."""

# By kind: the exact type on the other side, what is written, and how it is read.
_ATOMS: dict[str, tuple[type, Callable[[Any], list[Any]], Callable[..., Any]]] = {
    "complex": (complex, lambda value: [value.real, value.imag], complex),
    "bytes": (bytes, lambda value: [value.hex()], bytes.fromhex),
    "bytearray": (bytearray, lambda value: [value.hex()], bytearray.fromhex),
    "range": (range, lambda value: [value.start, value.stop, value.step], range),
}
# Types whose module is costly: it is imported only where a value of the type is met.
_SELDOM: dict[tuple[str, str], tuple[Callable[[Any], list[Any]], str]] = {
    ("decimal", "Decimal"): (lambda value: [str(value)], ""),
    ("fractions", "Fraction"): (lambda value: [value.numerator, value.denominator], ""),
    ("datetime", "datetime"): (lambda value: [value.isoformat()], "fromisoformat"),
    ("datetime", "date"): (lambda value: [value.isoformat()], "fromisoformat"),
    ("datetime", "time"): (lambda value: [value.isoformat()], "fromisoformat"),
    ("datetime", "timedelta"): (lambda value: [value.days, value.seconds, value.microseconds], ""),
}
# A subclass travels as what it is at bottom, not as what it says that it is.
_SCALARS: dict[type, Callable[[Any], Any]] = {int: int.__index__, float: float.__float__, str: str.__str__}
_MANY: dict[str, type[Any]] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": deque}
_KINDS: list[type] = [
    *(bool, int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset, dict, range, object, type(None)),
]
_TYPES = {kind.__name__: kind for kind in _KINDS}


def encode(value: Any, far: Far, depth: int = 0) -> Any:
    """What stands for `value` in JSON; `far` gives a number to what is not data."""
    if depth > DEPTH:
        raise ValueError("this is nested too deeply, or holds itself")
    if value is None or isinstance(value, bool):
        return value
    for kind, bare in _SCALARS.items():
        if isinstance(value, kind):
            number = bare(value)
            return ["int", hex(number)] if kind is int and not -LARGEST < number < LARGEST else number
    if isinstance(value, dict):
        pairs = [[encode(key, far, depth + 1), encode(one, far, depth + 1)] for key, one in dict.items(value)]
        return ["dict", *pairs]
    fields = getattr(type(value), "_fields", None)
    if isinstance(value, tuple) and fields:
        items = [encode(one, far, depth + 1) for one in value]
        return ["named", type(value).__name__, list(fields), *items]
    for name, kind in _MANY.items():
        if isinstance(value, kind):
            items = [encode(one, far, depth + 1) for one in kind(value)]
            # A set has no order: written in one of its own, equal sets are written alike.
            return [name, *(sorted(items, key=json.dumps) if kind in (set, frozenset) else items)]
    for name, (kind, write, _) in _ATOMS.items():
        if isinstance(value, kind):
            return [name, *write(value)]
    for (home, name), (write, _) in _SELDOM.items():
        if home in sys.modules and isinstance(value, getattr(sys.modules[home], name)):
            return ["seldom", home, name, *write(value)]
    if isinstance(value, type) and _TYPES.get(value.__name__) is value:
        return ["type", value.__name__]
    return far(value)


def decode(value: Any, found: Found) -> Any:
    """The value that `encode` wrote; `found` gives what stands behind a number. Raises ValueError on anything else."""
    if not isinstance(value, list):
        return value
    name, *rest = value
    if name == "dict":
        return {decode(key, found): decode(one, found) for key, one in rest}
    if name in _MANY:
        return _MANY[name](decode(one, found) for one in rest)
    if name == "int":
        return int(rest[0], 16)
    if name in _ATOMS:
        return _ATOMS[name][2](*rest)
    if name == "seldom":
        home, kind, *words = rest
        _, way = _SELDOM[home, kind]
        made = getattr(__import__(home), kind)
        return (getattr(made, way) if way else made)(*words)
    if name == "named":
        return namedtuple(str(rest[0]), [str(field) for field in rest[1]])(*(decode(one, found) for one in rest[2:]))
    if name == "type":
        return _TYPES[rest[0]]
    if name in ("far", "near"):
        return found(value)
    raise ValueError(f"a message of a kind that does not exist: {name!r}")


class Line:
    """Messages one after another over a pair of pipes; EOFError where the other side is gone."""

    def __init__(self, reading: int, writing: int) -> None:
        self.reading, self.writing = reading, writing

    def send(self, message: Any) -> None:
        data = json.dumps(message).encode("ascii")
        data = len(data).to_bytes(8, "big") + data
        try:
            while data:
                data = data[os.write(self.writing, data) :]
        except OSError as error:
            raise EOFError from error

    def receive(self) -> Any:
        return json.loads(self._exactly(int.from_bytes(self._exactly(8), "big")))

    def _exactly(self, size: int) -> bytes:
        parts, left = [], size
        while left:
            part = os.read(self.reading, min(left, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
