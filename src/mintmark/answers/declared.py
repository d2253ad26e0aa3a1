"""The answer that a text declares, as against all else that it says on the way there."""

import re

# Texts come from models: no two repetitions beside each other can match the same run, or reading it takes for ever.
_LINE = re.compile(r"^[ \t]*####(.+)$", re.MULTILINE)
_PHRASE = re.compile(
    r"\b(?:answer|choice|option)(?:\s{1,5}to\s{1,5}th(?:e|is)\s{1,5}question)?"
    r"[\s*]{0,9}(?:is\b[ ]?:?|was\b|=|:)[\s*]{0,9}"
    r"(?P<said>.{1,300}?)(?:\.(?=\s|$|\*)|\n|$)",
    re.IGNORECASE,
)
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,5}\{")
LONGEST = 1000
"""Characters of what stands in a box."""
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
    found, opened = [], _BOX.search(text)
    while opened:
        start, depth, end = opened.end(), 1, opened.end()
        for end in range(start, min(start + LONGEST, len(text))):
            depth += (text[end] == "{") - (text[end] == "}")
            if depth == 0:
                found.append(text[start:end])
                break
        opened = _BOX.search(text, end)
    return found
