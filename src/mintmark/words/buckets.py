"""Which earlier texts share a band with a new one: a hash table in arrays, at 16 bytes for each band of a text."""

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Codes, Places
from mintmark.words.growing import Growing

Marks = NDArray[np.uint8]

_FULL = 0.7
"""Share of the slots that may be in use, before there are more of them."""
_AT_ONCE = 1 << 20


class Buckets:
    """Keys of texts in order of arrival; the texts that have a key hang together in a chain, the latest first."""

    def __init__(self, keys: int, marks: int, fewest: int) -> None:
        """Of `keys` keys a text, and `marks` marks, of which two texts must share `fewest` to be told of."""
        self._keys_each, self._marks_each, self._fewest = keys, marks, fewest
        self._heads = np.full(1 << 12, -1, np.int32)
        self._keys, self._next = Growing(np.uint64), Growing(np.int32)
        self._marks = Growing(np.uint8)

    def add(self, keys: Codes, marks: Marks) -> None:
        """The next texts, shapes (texts, keys a text) and (texts, marks a text)."""
        self._marks.add(marks.ravel())
        start, end = len(self._keys.array), len(self._keys.array) + keys.size
        self._keys.add(keys.ravel())
        self._next.add(np.empty(keys.size, np.int32))
        if end > _FULL * len(self._heads):
            self._heads = np.full(1 << int(end / _FULL).bit_length(), -1, np.int32)
            start = 0
        for low in range(start, end, _AT_ONCE):
            self._hang(low, min(low + _AT_ONCE, end))

    def sharing(self, keys: Codes, marks: Marks) -> tuple[Places, Places]:
        """Pairs (row of `keys`, earlier text) that share at least one key and enough marks; each once, in order.

        Texts of one template share keys by the thousand: marks are looked at on the way, so that few pairs are held.
        """
        wanted = keys.ravel()
        entry = self._heads[self._slots(wanted)]
        owner = np.arange(len(wanted)) // self._keys_each
        known, below = self._keys.array, self._next.array
        all_marks = self._marks.array.reshape(-1, self._marks_each)
        found = [np.empty(0, np.int64)]
        while len(entry):
            there = entry >= 0
            entry, owner, wanted = entry[there], owner[there], wanted[there]
            same = np.flatnonzero(known[entry] == wanted)
            row, text = owner[same], entry[same] // self._keys_each
            alike = (all_marks[text] == marks[row]).sum(axis=1) >= self._fewest
            found.append(row[alike] << 32 | text[alike])
            entry = below[entry]
        pairs = np.unique(np.concatenate(found))
        return pairs >> 32, pairs & 0xFFFFFFFF

    def _hang(self, start: int, end: int) -> None:
        """Puts entries at the heads of their chains; of those with one slot the later hangs before the earlier."""
        slots = self._slots(self._keys.array[start:end])
        order = np.argsort(slots, kind="stable")
        slots, entries = slots[order], (order + start).astype(np.int32)
        first = np.flatnonzero(np.diff(slots, prepend=-1))
        below = np.empty(len(entries), np.int32)
        below[1:] = entries[:-1]
        below[first] = self._heads[slots[first]]
        self._next.array[entries] = below
        last = np.append(first[1:], len(slots)) - 1
        self._heads[slots[last]] = entries[last]

    def _slots(self, keys: Codes) -> Places:
        return (keys & np.uint64(len(self._heads) - 1)).astype(np.int64)
