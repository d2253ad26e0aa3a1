"""What follows what, counted: the model of `words.kneser_ney` in arrays, to be drawn from and kept in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Codes, mixed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

END, BEGIN = 0, 1
"""The numbers of what stands behind the last piece of a text, and before its first; pieces are numbered from 2."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Level:
    """All n-grams of one length: a history, and how often each piece follows it (in lower orders: after how many)."""

    histories: Codes
    """(histories,) the code of each, ascending."""
    starts: Ints
    """(histories + 1,)"""
    pieces: Ints
    """(grams,) what follows history h: `pieces[starts[h]:starts[h + 1]]`, ascending."""
    counts: Ints

    @cached_property
    def discount(self) -> float:
        """D = n₁ / (n₁ + 2 n₂) (Ney, Essen & Kneser 1994)."""
        once, twice = int((self.counts == 1).sum()), int((self.counts == 2).sum())
        return once / (once + 2 * twice) if once else 0.5

    def after(self, history: np.uint64) -> tuple[Ints, Ints]:
        """What follows a history, and how often; nothing where it was never met."""
        place = int(np.searchsorted(self.histories, history))
        if place == len(self.histories) or self.histories[place] != history:
            return self.pieces[:0], self.counts[:0]
        rows = slice(self.starts[place], self.starts[place + 1])
        return self.pieces[rows], self.counts[rows]


@dataclass(frozen=True)
class Successors:
    """Interpolated Kneser–Ney (Kneser & Ney 1995; Chen & Goodman 1999, section 2.7), over numbered pieces."""

    levels: tuple[Level, ...]
    """From single pieces to the longest n-grams."""

    @classmethod
    def of(cls, texts: Sequence[Sequence[int]], order: int) -> "Successors":
        """Counts n-grams of up to `order` pieces; the pieces of a text are numbered from 2."""
        stream = np.array([number for text in texts for number in (*(BEGIN,) * (order - 1), *text, END)], np.int64)
        places = np.flatnonzero(stream != BEGIN)
        levels = []
        for length in range(order - 1, -1, -1):
            # Below the highest order a gram counts once for each different piece before it: once a gram of that above.
            level, places = _level(stream, places, length)
            levels.append(level)
        return cls(tuple(reversed(levels)))

    @property
    def order(self) -> int:
        """Pieces in the longest n-gram."""
        return len(self.levels)

    @cached_property
    def common(self) -> Floats:
        """The probability of each piece whatever stands before it, shape (pieces,); 0 for BEGIN."""
        level = self.levels[0]
        known, total = len(level.pieces), level.counts.sum()
        out = np.zeros(int(level.pieces.max()) + 1)
        out[level.pieces] = (level.counts - level.discount + level.discount * known / (known + 1)) / total
        return out

    @cached_property
    def unknown(self) -> float:
        """The probability of all that was never met, whatever stands before it."""
        level = self.levels[0]
        known = len(level.pieces)
        return float(level.discount * known / (known + 1) / level.counts.sum())

    def following(self, before: Sequence[int]) -> tuple[Ints, Floats, float]:
        """Pieces that were met after the last of these, with their probabilities, and a factor for all others.

        Any other piece has that factor times its probability in `common`, what was never met that times `unknown`.
        """
        padded = [*(BEGIN,) * (self.order - 1), *before]
        known, share, factor = np.zeros(0, np.int64), np.zeros(0), 1.0
        for length in range(1, self.order):
            level = self.levels[length]
            pieces, counts = level.after(history_code(padded[-length:]))
            if not len(pieces):
                # A longer history was met only where a shorter one was: none of them has successors either.
                break
            if length == 1:
                known, share = pieces, self.common[pieces].copy()
            total = counts.sum()
            passed = level.discount * len(pieces) / total
            share *= passed
            share[np.searchsorted(known, pieces)] += (counts - level.discount) / total
            factor *= passed
        return known, share, factor

    def probability(self, piece: int, before: Sequence[int]) -> float:
        """Of a piece (or END) after these; a number that is not known is any piece that was never met."""
        known, share, factor = self.following(before)
        place = int(np.searchsorted(known, piece))
        if place < len(known) and known[place] == piece:
            return float(share[place])
        there = piece < len(self.common) and self.common[piece] > 0
        return float(factor * (self.common[piece] if there else self.unknown))

    def surprise(self, text: Sequence[int]) -> float:
        """Minus the natural logarithm of the probability of a text, its end included."""
        chances = [self.probability(piece, text[:place]) for place, piece in enumerate((*text, END))]
        return float(-np.log(chances).sum())

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """As plain arrays."""
        parts = ("histories", "starts", "pieces", "counts")
        return {f"{part}{place}": getattr(level, part) for place, level in enumerate(self.levels) for part in parts}

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[np.generic]], order: int) -> "Successors":
        """The inverse of `to_arrays`; ValueError or KeyError where they cannot be such a model's."""
        return cls(tuple(_checked(stored, place) for place in range(order)))


def history_code(pieces: Sequence[int]) -> np.uint64:
    """One code for a history."""
    return np.uint64(_codes(np.array(pieces, np.int64), np.array([len(pieces)]), len(pieces))[0])


def _codes(stream: Ints, places: Ints, length: int) -> Codes:
    """The code of so many pieces before each place."""
    total = np.full(len(places), length, np.uint64)
    for back in range(length, 0, -1):
        total = mixed(total * _FACTOR + stream[places - back].astype(np.uint64))
    return total


def _level(stream: Ints, places: Ints, length: int) -> tuple[Level, Ints]:
    """The grams that end at these places, and one place for each different one."""
    codes, last = _codes(stream, places, length), stream[places]
    order = np.lexsort((last, codes))
    codes, last, places = codes[order], last[order], places[order]
    new = np.ones(len(places), bool)
    new[1:] = (codes[1:] != codes[:-1]) | (last[1:] != last[:-1])
    first = np.flatnonzero(new)
    histories, starts = np.unique(codes[first], return_index=True)
    counts = np.diff(np.append(first, len(places)))
    return Level(histories, np.append(starts, len(first)), last[first], counts), places[first]


def _checked(stored: Mapping[str, NDArray[np.generic]], place: int) -> Level:
    histories = np.asarray(stored[f"histories{place}"])
    starts, pieces, counts = (np.asarray(stored[f"{part}{place}"]) for part in ("starts", "pieces", "counts"))
    sound = (
        histories.dtype == np.uint64
        and all(part.dtype == np.int64 and part.ndim == 1 for part in (starts, pieces, counts))
        and len(pieces) == len(counts) > 0
        and len(starts) == len(histories) + 1
        and starts[0] == 0
        and starts[-1] == len(pieces)
        and bool((np.diff(starts) > 0).all())
        and bool((histories[1:] > histories[:-1]).all())
        and int(pieces.min()) >= 0
        and int(counts.min()) > 0
    )
    if not sound:
        raise ValueError(f"the counts of level {place} are damaged")
    return Level(histories, starts, pieces, counts)
