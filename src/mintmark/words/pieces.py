"""Texts as pieces that give them back when they are put together: words and marks, each with the space before it."""

import re

_PIECE = re.compile(r"\s*(?:\w+(?:['’]\w+)*|[^\w\s])|\s+\Z")


def words(text: str) -> list[str]:
    """Words and marks; each carries the space before it, and what stands behind the last is a piece of its own."""
    return _PIECE.findall(text)


def characters(text: str) -> list[str]:
    """One piece a character."""
    return list(text)
