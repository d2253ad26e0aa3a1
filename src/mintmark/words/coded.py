"""Texts as numbers, a whole run at once: words, and n-grams of them, as 64-bit codes.

Equal words have equal codes. Different ones have different codes but for a chance of one in 2⁶⁴ for each pair: among a
million different n-grams, two share a code once in 37 million runs.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mintmark.words.texts import plain

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
"""An odd number without pattern (2⁶⁴ over the golden ratio), and so one that can be divided by modulo 2⁶⁴."""
_LAST = 0x323B0
"""Beyond this code point Unicode has no letters yet (version 15)."""
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF),
             (0xF900, 0xFAFF), (0x20000, 0x323AF))  # fmt: skip
"""Thai, Lao, Burmese, Khmer, kana and Han are written without spaces: each sign is a word of its own."""


@dataclass(frozen=True)
class Coded:
    """What each of many texts consists of: text i has `codes[starts[i]:starts[i + 1]]`, in order."""

    codes: Codes
    starts: Places
    """Shape (texts + 1,)."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> Places:
        """How many codes each text has, shape (texts,)."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Places:
        """Which text each code is of, shape (codes,)."""
        return np.repeat(np.arange(len(self)), self.counts)

    def __getitem__(self, text: int) -> Codes:
        return self.codes[self.starts[text] : self.starts[text + 1]]

    def take(self, rows: Places) -> "Coded":
        """These texts, in this order."""
        counts = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(counts)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], counts)
        return Coded(self.codes[np.repeat(self.starts[rows], counts) + within], starts)


def words(texts: Sequence[str | None]) -> Coded:
    """The words of each text: runs of letters, digits and marks, whatever their case; no punctuation.

    A sign of a script without spaces is a word. On ASCII these are the tokens of the ROUGE package (without stems).
    """
    folded = [plain(text) if text else "" for text in texts]
    points, begins, ends = _spans("\n".join(folded))
    lengths = np.fromiter(map(len, folded), np.int64, len(folded))
    borders = np.concatenate([[0], np.cumsum(lengths + 1)])
    powers, inverses = _powers(len(points) + 1)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum((points + np.uint64(1)) * powers[: len(points)])])
    codes = mixed((sums[ends] - sums[begins]) * inverses[begins])
    return Coded(codes, np.searchsorted(begins, borders))


def spans(text: str) -> list[tuple[int, int]]:
    """Where each word of one text stands in `plain(text)`: first character, and the one behind its last."""
    _, begins, ends = _spans(plain(text))
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def grams(coded: Coded, n: int) -> Coded:
    """Every n words that follow each other, as one code; a text of fewer words has none."""
    count = np.maximum(coded.counts - n + 1, 0)
    starts = np.concatenate([[0], np.cumsum(count)])
    first = np.arange(starts[-1]) + np.repeat(coded.starts[:-1] - starts[:-1], count)
    return Coded(_joined(coded.codes, first, n), starts)


def shingles(coded: Coded, n: int) -> Coded:
    """As `grams`, but a text of fewer than n words has one: all that it holds."""
    long = grams(coded, n)
    few = np.flatnonzero((coded.counts < n) & (coded.counts > 0))
    if not len(few):
        return long
    codes = np.empty(len(few), np.uint64)
    for size in np.unique(coded.counts[few]).tolist():
        these = coded.counts[few] == size
        codes[these] = _joined(coded.codes, coded.starts[few[these]], size)
    return Coded(np.insert(long.codes, long.starts[few], codes), long.starts + _before(few, len(coded)))


def wholes(coded: Coded) -> Codes:
    """One code for each text, of all its words in their order, shape (texts,)."""
    place = np.arange(len(coded.codes)) - np.repeat(coded.starts[:-1], coded.counts)
    powers, _ = _powers(int(place.max(initial=0)) + 1)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(coded.codes * powers[place])])
    return mixed(sums[coded.starts[1:]] - sums[coded.starts[:-1]] + coded.counts.astype(np.uint64))


def owned(codes: Codes, texts: Places) -> Codes:
    """One code for each pair of a code and the text that it is of."""
    return codes + texts.astype(np.uint64) * np.uint64(_BASE)


def mixed(codes: Codes) -> Codes:
    """The same numbers with every bit depending on all others (the finaliser of MurmurHash3, Appleby 2011)."""
    codes = codes ^ (codes >> np.uint64(33))
    codes *= np.uint64(0xFF51AFD7ED558CCD)
    codes ^= codes >> np.uint64(33)
    codes *= np.uint64(0xC4CEB9FE1A85EC53)
    codes ^= codes >> np.uint64(33)
    return codes


def _joined(codes: Codes, first: Places, n: int) -> Codes:
    """n codes from each of these places on, as one."""
    total = np.full(len(first), n, np.uint64)
    for step in range(n):
        total = total * np.uint64(_BASE) + codes[first + step]
    return mixed(total)


def _before(few: Places, texts: int) -> Places:
    """How many of `few` lie before each border between texts."""
    return np.searchsorted(few, np.arange(texts + 1))


def _spans(text: str) -> tuple[Codes, Places, Places]:
    """Its characters as numbers, and where its words begin and end."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kind = np.zeros(len(points) + 2, np.uint8)
    kind[1:-1] = _kinds()[np.minimum(points, _LAST)]
    here, last, next_ = kind[1:-1], kind[:-2], kind[2:]
    begins = np.flatnonzero((here == 2) | ((here == 1) & (last != 1)))
    ends = np.flatnonzero((here == 2) | ((here == 1) & (next_ != 1))) + 1
    return points.astype(np.uint64), begins, ends


@cache
def _kinds() -> NDArray[np.uint8]:
    """Of each code point: 0 for what stands between words, 1 for what words consist of, 2 for what is a word."""
    kinds = np.zeros(_LAST + 1, np.uint8)
    for point in range(_LAST):
        sign = chr(point)
        if sign.isalnum() or unicodedata.category(sign)[0] == "M":
            kinds[point] = 1
    for low, high in _UNSPACED:
        kinds[low : high + 1][kinds[low : high + 1] == 1] = 2
    return kinds


_kept: list[tuple[Codes, Codes]] = []


def _powers(count: int) -> tuple[Codes, Codes]:
    """Powers of the base and of its inverse modulo 2⁶⁴; the longest that were asked for are kept."""
    kept = _kept[0] if _kept else None  # read once: another thread may put others there
    if kept is None or len(kept[0]) < count:
        size = max(1 << 16, 1 << (count - 1).bit_length())
        kept = _power(_BASE, size), _power(pow(_BASE, -1, 1 << 64), size)
        _kept[:] = [kept]
    return kept


def _power(number: int, size: int) -> Codes:
    steps = np.full(size, number, np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)
