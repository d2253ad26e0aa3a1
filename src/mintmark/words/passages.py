"""Which passages two texts share, and how much of one text they are."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from mintmark.words.coded import spans
from mintmark.words.texts import plain, short


def share_within(text: Sequence[int], other: Sequence[int]) -> float:
    """The share of `other`'s words that stand in `text` too, in runs of the same order.

    Runs are found longest first, and then to either side of those found (Ratcliff & Metzener 1988). With it Cosmopedia
    (Ben Allal et al. 2024) tells a benchmark's item that was copied from one that has a phrase in common.
    """
    if not other:
        return 0.0
    blocks = SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(other)


def passage(text: str, first: int, count: int) -> str:
    """So many words of a text from the first on, as they stand there, without capitals."""
    places = spans(text)[first : first + count]
    return short(plain(text)[places[0][0] : places[-1][1]], 400) if places else ""
