"""How long a reply is, in the units in which instructions measure it."""

import re
from collections.abc import Callable, Mapping

_BULLET = re.compile(r"^[ \t]*(?:[-*•‣–]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)
_MARK = re.compile(r"^[ \t]*(?:[-*•‣–]|#{1,6}|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n+")
_SHORT = re.compile(r"\b(?:(?i:mr|mrs|ms|dr|prof|st|vs|e\.g|i\.e)|[A-HJ-Z])\.(?=\s)|\b(?i:no|fig)\.(?=\s\d)")
"""A full stop that ends no sentence."""


def words(text: str) -> int:
    """Runs of signs between blanks that hold a letter or a digit: `don't` is one word, as people count them."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def sentences(text: str) -> int:
    """What stands between full stops, question and exclamation marks, or on lines of its own."""
    whole = _SHORT.sub(lambda found: found[0][:-1], _MARK.sub("", text))
    return sum(any(sign.isalnum() for sign in part) for part in _END.split(whole))


def paragraphs(text: str) -> int:
    """What stands between empty lines, or between lines of `***` or `---` (IFEval asks for either)."""
    return sum(any(sign.isalnum() for sign in part) for part in re.split(r"\n\s*\n|\n[*-]{3,}\n", text))


def bullets(text: str) -> int:
    """Lines that begin with a bullet or a number."""
    return len(_BULLET.findall(text))


UNITS: Mapping[str, Callable[[str], int]] = {
    "word": words,
    "sentence": sentences,
    "paragraph": paragraphs,
    "bullet": bullets,
}
"""By their names in the singular."""
