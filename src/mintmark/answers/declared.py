"""The answer that a text declares, as against all else that it says on the way there."""

import re

_LINE = re.compile(r"^\s*####\s*(.+?)\s*$", re.MULTILINE)
_PHRASE = re.compile(
    r"\b(?:final\s+|correct\s+|best\s+)?(?:answer|choice|option)\b(?:\s+to\s+th(?:e|is)\s+question)?"
    r"\s*\**\s*(?:is\s*:?|was|=|:)\s*\**\s*(?P<said>.+?)\s*(?:\.(?=\s|$|\*)|\n|$)",
    re.IGNORECASE,
)
SHORT = 80
"""Characters up to which a text of one line is itself taken for the answer."""


def declared(text: str) -> list[str]:
    """What a text gives as its answer, in the strongest form that occurs, each time that it does.

    The forms: lines that begin with `####` (GSM8K), `\\boxed{}` (MATH), "the answer is". A short text of one line is
    an answer by itself. Empty where there is none.
    """
    for found in (_LINE.findall(text), _boxed(text), [one["said"] for one in _PHRASE.finditer(text)]):
        if found:
            return [one.strip() for one in found]
    whole = text.strip()
    return [whole] if whole and "\n" not in whole and len(whole) <= SHORT else []


def _boxed(text: str) -> list[str]:
    """What stands in `\\boxed{}`; braces may nest, as in `\\boxed{\\frac{1}{2}}`."""
    found = []
    for start in (match.end() for match in re.finditer(r"\\(?:boxed|fbox)\s*\{", text)):
        depth = 1
        for place, letter in enumerate(text[start:], start):
            depth += (letter == "{") - (letter == "}")
            if depth == 0:
                found.append(text[start:place])
                break
    return found
