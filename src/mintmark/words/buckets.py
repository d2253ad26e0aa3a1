"""Which earlier texts share a band with a new one: a hash table in arrays, at 16 bytes for each band of a text."""

import numpy as np

from mintmark.words.coded import Codes, Places
from mintmark.words.growing import Growing

_FULL = 0.7
"""Share of the slots that may be in use, before there are more of them."""
_AT_ONCE = 1 << 20


class Buckets:
    """Keys of texts in order of arrival; the texts that have a key hang together in a chain."""

    def __init__(self, keys: int) -> None:
        """Of `keys` keys a text."""
        self._keys_each = keys
        self._heads = np.full(1 << 12, -1, np.int32)
        self._keys, self._next = Growing(np.uint64), Growing(np.int32)

    def add(self, keys: Codes) -> None:
        """The next texts, shape (texts, keys a text)."""
        start, end = len(self._keys.array), len(self._keys.array) + keys.size
        self._keys.add(keys.ravel())
        self._next.add(np.empty(keys.size, np.int32))
        if end > _FULL * len(self._heads):
            self._heads = np.full(1 << int(end / _FULL).bit_length(), -1, np.int32)
            start = 0
        for low in range(start, end, _AT_ONCE):
            self._hang(low, min(low + _AT_ONCE, end))

    def sharing(self, keys: Codes) -> tuple[Places, Places]:
        """Pairs (row of `keys`, earlier text) that share at least one key; each once, in order."""
        wanted = keys.ravel()
        entry = self._heads[self._slots(wanted)]
        owner = np.arange(len(wanted)) // self._keys_each
        keys_there, below = self._keys.array, self._next.array
        found = []
        while len(entry):
            there = entry >= 0
            entry, owner, wanted = entry[there], owner[there], wanted[there]
            same = keys_there[entry] == wanted
            found.append(_pair(owner[same], entry[same] // self._keys_each))
            entry = below[entry]
        pairs = np.unique(np.concatenate([*found, np.empty(0, np.int64)]))
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


def _pair(row: Places, text: Places) -> Places:
    return (row << 32) | text
