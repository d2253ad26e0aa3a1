"""Which codes are among many known ones, and whose they are."""

import numpy as np

from mintmark.words.coded import Coded, Codes, Places


class Lookup:
    """Codes in order, behind a table of bits that spares most of what is not there (Bloom 1970, with one hash)."""

    def __init__(self, known: Coded) -> None:
        """Of what texts consist of; a code that several have is the first one's."""
        self._codes, first = np.unique(known.codes, return_index=True)
        self._owners = known.owners[first]
        self._mask = np.uint64((1 << max(16, (16 * len(self._codes)).bit_length())) - 1)
        self._bits = np.zeros(int(self._mask) + 1, bool)
        self._bits[self._codes & self._mask] = True

    def find(self, codes: Codes) -> tuple[Places, Places]:
        """The places of those that are known, in order, and for each which text it is of."""
        maybe = np.flatnonzero(self._bits[codes & self._mask])
        where = np.searchsorted(self._codes, codes[maybe])
        where = np.minimum(where, max(len(self._codes) - 1, 0))
        there = self._codes[where] == codes[maybe] if len(self._codes) else np.zeros(len(maybe), bool)
        return maybe[there], self._owners[where[there]]
