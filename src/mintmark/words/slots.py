"""Where each of many codes stands first: a hash table in arrays."""

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Codes, Places, mixed

_ROOM = 4
"""Slots for each code, and fewer than twice as many: the fewer share one, the sooner all are placed."""


class Slots:
    """A level has a slot for each run of bits. Of codes that meet in one the first stays; the others go a level on."""

    def __init__(self, codes: Codes) -> None:
        """Of codes whose bits depend on all that they stand for, some of them perhaps more than once."""
        self._codes = codes
        self._levels: list[NDArray[np.int32]] = []
        self.first = np.arange(len(codes))
        """The place at which each of the codes stands first."""
        left = self.first.copy()
        while len(left):
            slots = np.full(1 << (_ROOM * len(left)).bit_length(), -1, np.int32)
            at = _slots(codes[left], len(self._levels), len(slots))
            slots[at[::-1]] = left[::-1]  # the last that is put into a slot stays there
            self._levels.append(slots)
            there = slots[at]
            hit = codes[there] == codes[left]
            self.first[left[hit]], left = there[hit], left[~hit]

    def find(self, codes: Codes) -> Places:
        """The place at which each code stands first; −1 where it is not there."""
        found, left = np.full(len(codes), -1, np.int64), np.arange(len(codes))
        for level, slots in enumerate(self._levels):
            there = slots[_slots(codes[left], level, len(slots))]
            hit = (self._codes[there] == codes[left]) & (there >= 0)
            found[left[hit]], left = there[hit], left[~hit]
        return found


def _slots(codes: Codes, level: int, count: int) -> Places:
    told = mixed(codes + np.uint64(level)) if level else codes
    return (told & np.uint64(count - 1)).astype(np.int64)
