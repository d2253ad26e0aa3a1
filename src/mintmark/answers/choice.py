"""Multiple choice: the one letter that a text declares is compared with the one that is expected."""

import re
from collections.abc import Mapping

from mintmark.answers.declared import SHORT, declared
from mintmark.answers.verified import Verified
from mintmark.errors import InputError

_LONGEST = 500
_MARKS = " \t*_`$\"'“”"


def verify(answer: str, expected: str, *, options: str | Mapping[str, str] = "ABCDE") -> Verified:
    """Whether an answer declares the expected option, in any of the common ways: B, (b), "The answer is B.", **B) …**.

    `options` are the letters, or the letters with their texts; then the text alone is a declaration too, and a letter
    beside another option's text contradicts itself. Two options, or none, are not verified.
    Raises InputError where `expected` is none of the options.
    """
    letters = {letter.upper(): "" for letter in options} if isinstance(options, str) else dict(options)
    wanted = expected.strip(_MARKS + "().").upper()
    if wanted not in letters:
        raise InputError(
            "an expected answer is none of the options", found=repr(expected), fix=f"one of {', '.join(letters)}"
        )
    said = declared(answer) or _last_line(answer)
    if not said:
        return Verified(False, "the answer is not declared")
    found = {_letter(one, letters) for one in said}
    if None in found:
        return Verified(False, f"no single option: {said[0][:60]!r}")
    if len(found) > 1:
        return Verified(False, f"several options: {', '.join(sorted(one for one in found if one))}")
    given = found.pop()
    return Verified(given == wanted, "the options agree" if given == wanted else f"expected {wanted}, found {given}")


def _last_line(text: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    return lines[-1:] if lines and len(lines[-1]) <= SHORT else []


def _letter(said: str, letters: Mapping[str, str]) -> str | None:
    """The only option that a declaration names, or None."""
    if len(said) > _LONGEST:
        return None
    said = re.sub(r"\\(?:text|mathrm|textbf|mathbf)\s*\{([^{}]*)\}", r"\1", said).strip(_MARKS)
    by_text = [letter for letter, text in letters.items() if text and _plain(text) == _plain(said)]
    if by_text:
        return by_text[0] if len(by_text) == 1 else None
    match = re.match(
        rf"(?:option|choice|answer)?\s*(?:[(\[](?P<in>[{''.join(letters)}])[)\]]|(?P<bare>[{''.join(letters)}])(?P<end>[).:,]|$|\s))"
        r"\s*(?P<rest>.*)$",
        said,
        re.IGNORECASE | re.DOTALL,
    )
    if match is None:
        return None
    letter, rest = (match["in"] or match["bare"]).upper(), match["rest"].strip(_MARKS)
    if re.search(rf"\b(?:or|and|nor|not)\b|[/&?]|[(\[][{''.join(letters)}][)\]]|^[{''.join(letters)}]\b", rest):
        return None
    # "A dog": without a mark behind it, a letter may be a word.
    if (
        match["bare"]
        and match["end"] not in (")", ".", ":")
        and rest
        and not re.match(r"(?:because|since|as)\b|[(,;:–-]", rest)
    ):
        return None if _plain(rest) != _plain(letters[letter]) else letter
    others = {_plain(text) for other, text in letters.items() if text and other != letter}
    return None if _plain(rest) in others else letter


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()
