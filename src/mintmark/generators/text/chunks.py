"""Long documents in pieces that a prompt can hold; what stands at a border stands whole in one of two."""

import re

_BORDERS = (re.compile(r"\n\s*\n"), re.compile(r"[.!?…][\"'”’)]?\s+"), re.compile(r"\s+"))
"""Where a piece may end, the best first: a paragraph, a sentence, a word."""


def chunks(text: str, most: int, overlap: int) -> list[str]:
    """Pieces of up to `most` characters, each beginning `overlap` characters before the end of the one before it.

    So every passage of up to `overlap` characters stands whole in one piece. Pieces end at the last border of a
    paragraph in their second half, or else of a sentence, or else of a word. `overlap` is less than half of `most`.
    """
    assert 0 <= 2 * overlap < most
    pieces, start = [], 0
    while start < len(text):
        end = _end(text, start, most)
        pieces.append(text[start:end].strip())
        if end == len(text):
            break
        # Back to the border of a word, so that no piece begins in the middle of one.
        space = max((text.rfind(blank, start + 1, end - overlap) for blank in " \n\t"), default=-1)
        start = space + 1 if overlap and space >= 0 else end - overlap
    return [piece for piece in pieces if piece]


def _end(text: str, start: int, most: int) -> int:
    if start + most >= len(text):
        return len(text)
    for border in _BORDERS:
        found = [match.end() for match in border.finditer(text, start + most // 2 + 1, start + most)]
        if found:
            return found[-1]
    return start + most
