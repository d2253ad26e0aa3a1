"""Numeric answers, as in GSM8K: the number that a text declares is compared exactly with the one that is expected."""

from fractions import Fraction

from mintmark.answers.declared import declared
from mintmark.answers.quantity import Quantity, quantity
from mintmark.answers.verified import Verified
from mintmark.errors import InputError


def verify(answer: str, expected: str, *, tolerance: float = 0.0) -> Verified:
    """Whether an answer declares the expected number (notation: Cobbe et al. 2021, arXiv:2110.14168).

    Numbers are read exactly: 0.1 is one tenth. They agree within `tolerance`, an absolute difference. Where only one of
    both is a percentage, 50 % is 50 and is 0.5; known units must not differ, and are never converted. A text that
    declares no number, several, or different ones is not verified. Raises InputError where `expected` is no number.
    """
    wanted = _one(expected)
    if isinstance(wanted, str):
        raise InputError("an expected answer is not a number", found=f"{expected[:80]!r}: it {wanted}")
    given = _one(answer)
    if isinstance(given, str):
        return Verified(False, f"the answer {given}")
    if given.unit and wanted.unit and given.unit != wanted.unit:
        return Verified(False, f"expected {wanted.unit}, found {given.unit}")
    if any(abs(one - other) <= Fraction(tolerance) for one, other in _readings(given, wanted)):
        return Verified(True, "the numbers agree")
    return Verified(False, f"expected {_shown(wanted)}, found {_shown(given)}")


def _one(text: str) -> Quantity | str:
    said = declared(text)
    if not said:
        return "is not declared"
    read = [quantity(one) for one in said]
    for one in read:
        if isinstance(one, str):
            return one
    numbers = [one for one in read if isinstance(one, Quantity)]
    return numbers[0] if len({(one.value, one.percent) for one in numbers}) == 1 else "is declared more than once"


def _readings(given: Quantity, wanted: Quantity) -> list[tuple[Fraction, Fraction]]:
    found = [(given.value, wanted.value)]
    if given.percent and not wanted.percent:
        found.append((given.value / 100, wanted.value))
    if wanted.percent and not given.percent:
        found.append((given.value, wanted.value / 100))
    return found


def _shown(number: Quantity) -> str:
    text = str(number.value)
    return f"{text if len(text) <= 40 else float(number.value)}{' %' if number.percent else ''}"
