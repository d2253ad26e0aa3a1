"""Texts as pieces that give them back when they are put together: words and marks, each with the space before it."""

import re
import unicodedata

_MARKS = "".join(chr(point) for point in range(0x300, 0x1F000) if unicodedata.category(chr(point))[0] == "M")
"""Accents and vowel signs that stand alone: parts of words, which Python's `\\w` leaves out."""
_PIECE = re.compile(rf"\s*(?:[\w{_MARKS}]+(?:['’]\w[\w{_MARKS}]*)*|[^\w\s])|\s+\Z")


def words(text: str) -> list[str]:
    """Words and marks; each carries the space before it, and what stands behind the last is a piece of its own."""
    return _PIECE.findall(text)


def characters(text: str) -> list[str]:
    """One piece a character."""
    return list(text)
