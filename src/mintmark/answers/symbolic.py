"""Expressions that may be written in many ways: 1/2, \\frac{1}{2}, 0.5; x^2 - 1 and (x - 1)(x + 1)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from mintmark.answers.declared import declared
from mintmark.answers.verified import Verified
from mintmark.errors import InputError, MissingExtra
from mintmark.sandbox.program import Level, Limits, Program
from mintmark.sandbox.run import output

LONGEST = 1000
"""Characters of an expression."""
TOGETHER = 64
"""Pairs that share one start of the checker, which takes a second."""
_SAID = {
    "10": Verified(True, "the expressions are equal"),
    "11": Verified(False, "the expressions differ"),
    "12": Verified(False, "the answer is no expression that can be read"),
    "-14": Verified(False, "comparing took too long"),
}
_FAILED = Verified(False, "comparing failed")


def verify(pairs: Iterable[tuple[str, str]], *, seconds: int = 5, level: Level = "bubblewrap") -> Iterator[Verified]:
    """Whether answers declare expressions equal to the expected ones, pair by pair: an answer and the expected one.

    math-verify decides (Kydlíček, Hugging Face, 2025), inside the sandbox, since reading mathematics evaluates text;
    each pair may take `seconds`. An answer that declares different things, or that cannot be read, is not verified.
    Raises Unconfined where nothing may be run, MissingExtra where math-verify is not installed.
    """
    if seconds < 1:
        raise InputError("an expression needs time", found=f"{seconds} s", fix="seconds=1 or more")
    if find_spec("math_verify") is None:
        raise MissingExtra("comparing expressions", "math-verify", "text")
    waiting = iter(pairs)
    while some := list(islice(waiting, TOGETHER)):
        yield from _together(some, seconds, level)


def _together(pairs: Sequence[tuple[str, str]], seconds: int, level: Level) -> list[Verified]:
    asked = [(_one(answer), _one(expected)) for answer, expected in pairs]
    readable = [(given, wanted) for given, wanted in asked if given and wanted]
    said = iter(_answers(readable, seconds, level) if readable else ())
    return [
        next(said) if given and wanted else Verified(False, "no single answer is declared") for given, wanted in asked
    ]


def _answers(pairs: Sequence[tuple[str, str]], seconds: int, level: Level) -> list[Verified]:
    source = (Path(__file__).parent / "checker.py").read_text(encoding="utf-8")
    limits = Limits(seconds=30 + (seconds + 1) * len(pairs), memory_mb=1024)
    told = json.dumps({"pairs": pairs, "seconds": seconds})
    lines = output(Program(source, stdin=told, expected="", packages=True, limits=limits), level=level).split()
    return [_SAID.get(line, _FAILED) for line in [*lines, *([""] * len(pairs))][: len(pairs)]]


def _one(text: str) -> str | None:
    said = {one.strip().removesuffix(".") for one in declared(text)}
    if len(said) != 1:
        return None
    only = said.pop()
    if not only or len(only) > LONGEST:
        return None
    return only if "$" in only or "\\(" in only or "\\[" in only else f"${only}$"
