"""Answers beside those that are known: whether they verify, and what tells two ways of reaching them apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mintmark.answers import choice, numeric, symbolic
from mintmark.answers.declared import declared
from mintmark.answers.verified import Verified
from mintmark.errors import DataError, InputError
from mintmark.sandbox.program import Level
from mintmark.words.texts import plain as folded

FORMS = {
    "numeric": "Write the answer, a number alone, on a last line of its own behind the sign ####.",
    "choice": "Write the letter of the right option on a last line of its own behind the sign ####.",
    "symbolic": "Write the answer, an expression, on a last line of its own behind the sign ####.",
}
_SUM = "0123456789.,$%()+-*/×÷x^ \t\n"
"""What the left side of a calculation is written in."""
_RESULT = re.compile(r"\s*-?\$?\d[\d,]*(?:\.\d+)?")

Known = tuple[str, str]
"""A question and the answer that is known to be right."""


@dataclass(frozen=True)
class Verifier:
    """One of the ways in which answers are compared, with its parameters."""

    kind: Literal["numeric", "choice", "symbolic"]
    options: str
    tolerance: float
    level: Level

    def verdicts(self, pairs: Sequence[Known]) -> Iterator[Verified]:
        """What is said of each answer beside the one that is expected, in order."""
        if self.kind == "symbolic":
            # To the end at once: left half read, its threads are joined when garbage is collected, which may deadlock.
            yield from list(symbolic.verify(pairs, level=self.level))
        elif self.kind == "choice":
            yield from (choice.verify(answer, last(expected), options=self.options) for answer, expected in pairs)
        else:
            yield from (numeric.verify(answer, expected, tolerance=self.tolerance) for answer, expected in pairs)

    def need_readable(self, expected: str, place: int, *, where: str) -> None:
        """DataError where nothing can be verified against an answer; reading expressions is work for the sandbox."""
        if self.kind == "symbolic":
            return
        try:
            next(self.verdicts([("", expected)]))
        except InputError as error:
            told = f"row {place + 1}: nothing can be verified against this answer"
            fix = "mend it, or choose another `verify`"
            raise DataError(told, where=where, found=error.found or str(error), fix=fix) from error


def parted(text: str) -> tuple[str, str]:
    """How an answer was reached, and the answer. What stands behind #### is no reasoning."""
    before, sign, _ = text.rpartition("####")
    return (before if sign and before.strip() else "" if sign else text).strip(), declared(text)[-1]


def last(expected: str) -> str:
    """The answer alone of what is known, which may be a whole solution."""
    said = declared(expected)
    return said[-1] if said else expected


def way(reasoning: str) -> str:
    """What tells a path from another: its calculations in their order, or its words where it calculates nothing."""
    sums = [re.sub(r"[\s,$]", "", found) for found in _sums(reasoning)]
    return " ".join(sums) if sums else " ".join(re.findall(r"\w+", folded(reasoning)))


def _sums(text: str) -> Iterator[str]:
    """The calculations of a text, each as it is written: two sides with numbers about a sign of equality."""
    for left, right in pairwise(text.split("=")):
        side, result = left[len(left.rstrip(_SUM)) :], _RESULT.match(right)
        if result and any(letter.isdigit() for letter in side):
            yield f"{side}={result[0]}"
