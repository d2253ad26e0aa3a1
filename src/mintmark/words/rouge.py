"""ROUGE-L: how much of two texts is the same words in the same order, and which text of many is closest to one.

F = 2 L / (a + b), with L the longest common subsequence of texts of a and b words (Lin 2004, ROUGE; there with β = 1).
L is found bit-parallel (Crochemore, Iliopoulos, Pinzon & Reid 2001): a word costs one step, however long the other
text.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Codes
from mintmark.words.growing import Growing


def rouge_l(one: Iterable[int], other: Iterable[int]) -> float:
    """ROUGE-L of two texts as words or as codes of words; 0 where one is empty."""
    one, other = list(one), list(other)
    total = len(one) + len(other)
    return 2 * _common(_masks(one), len(one), other) / total if total else 0.0


class Pool:
    """Texts to which new ones are compared, exactly: a bound that costs little leaves few to be compared in full."""

    def __init__(self) -> None:
        """Empty."""
        self._numbers: dict[int, int] = {}
        self._words, self._starts = Growing(np.int32), Growing(np.int64)
        self._starts.add(np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self._starts.array) - 1

    def add(self, text: Codes) -> None:
        """One more text, given by the codes of its words."""
        numbers = [self._numbers.setdefault(word, len(self._numbers)) for word in text.tolist()]
        self._words.add(np.array(numbers, np.int32))
        self._starts.add(np.array([len(self._words.array)]))

    def nearest(self, text: Codes, *, over: float = 0.0, first: bool = False) -> tuple[float, int] | None:
        """The highest ROUGE-L above `over` and whose it is, or None where there is none.

        With `first`, any that is above `over`: the one that is met first by falling bound, which is always the same.
        """
        bounds = self._bounds(text)
        hopeful = np.flatnonzero(bounds > over)
        hopeful = hopeful[np.argsort(-bounds[hopeful], kind="stable")]
        everything, starts = self._words.array, self._starts.array
        words = [self._numbers.get(word, -1) for word in text.tolist()]
        masks, best, whose = _masks(words), over, None
        for place in hopeful.tolist():
            if bounds[place] <= best:
                break
            other = everything[starts[place] : starts[place + 1]].tolist()
            score = 2 * _common(masks, len(words), other) / (len(words) + len(other))
            if score > best:
                best, whose = score, place
                if first:
                    break
        return None if whose is None else (best, whose)

    def _bounds(self, text: Codes) -> NDArray[np.float64]:
        """No common subsequence is longer than either text's words that the other has too."""
        everything, starts = self._words.array, self._starts.array
        known = [self._numbers[word] for word in set(text.tolist()) if word in self._numbers]
        if not known:
            return np.zeros(len(self))
        has = np.zeros(len(self._numbers), np.int8)
        has[known] = 1
        sums = np.concatenate([[0], np.cumsum(has[everything], dtype=np.int64)])
        shared = np.diff(sums[starts])
        return 2 * np.minimum(shared, len(text)) / (np.diff(starts) + len(text))


def _masks(words: Iterable[int]) -> dict[int, int]:
    """Of each word the places at which it stands, as bits."""
    masks: dict[int, int] = {}
    for place, word in enumerate(words):
        masks[word] = masks.get(word, 0) | 1 << place
    return masks


def _common(masks: dict[int, int], length: int, other: Iterable[int]) -> int:
    """Length of the longest common subsequence: the zeros that are left."""
    full = (1 << length) - 1
    row = full
    for word in other:
        mask = masks.get(word)
        if mask:
            met = row & mask
            row = ((row + met) | (row - met)) & full
    return length - row.bit_count()
