"""Which texts of a run have a twin: the first earlier text that is alike, counted exactly, many pairs at a time."""

import numpy as np
from numpy.typing import NDArray

from mintmark.words.coded import Coded, Places, owned
from mintmark.words.growing import Shelf
from mintmark.words.slots import Slots

_AT_ONCE = 1 << 13
"""Pairs that are counted at a time: what they hold fits a processor's cache."""


class Twins:
    """Of each text of a run its twin, if it has one, and how much they share (Jaccard 1901).

    Pairs come as candidates in order, by text and then by earlier text; none of the texts is empty.
    """

    def __init__(self, sets: Coded, threshold: float) -> None:
        """Alike is what shares at least `threshold`."""
        self._held, self._threshold = Slots(owned(sets.codes, sets.owners)), threshold
        self.sets = _distinct(sets, self._held.first)
        """The same texts, each code of a text once."""
        self.of = np.full(len(sets), -1)
        """The twin of each text; −1 where it has none."""
        self.how = np.zeros(len(sets))
        """How much it shares with it."""

    def among(self, others: Shelf, texts: Places, earlier: Places) -> None:
        """Looks for twins among others, all of which are kept.

        A text that has one is not compared any further: its first candidate is counted, then two more, then four.
        """
        rank = np.arange(len(texts)) - np.searchsorted(texts, texts)
        end, width = 1, 1
        while len(texts):
            now = rank < end
            self._compare(texts[now], others, earlier[now])
            left = ~now & (self.of[texts] < 0)
            texts, earlier, rank = texts[left], earlier[left], rank[left]
            end, width = end + 2 * width, 2 * width

    def within(self, texts: Places, earlier: Places) -> None:
        """Looks for twins among the run itself. Whoever has a twin is dropped, and nobody's twin.

        Each turn compares every text with its first candidate, where that one's own fate is settled.
        """
        while len(texts):
            unsettled = np.zeros(len(self.of), bool)
            unsettled[texts] = True
            first = np.flatnonzero(np.diff(texts, prepend=-1))
            now = first[~unsettled[earlier[first]]]
            self._compare(texts[now], self.sets, earlier[now])
            left = (self.of[texts] < 0) & (self.of[earlier] < 0)
            left[now] = False
            texts, earlier = texts[left], earlier[left]

    def _compare(self, texts: Places, others: Coded | Shelf, earlier: Places) -> None:
        for start in range(0, len(texts), _AT_ONCE):
            these = slice(start, start + _AT_ONCE)
            how = self._shares(texts[these], others, earlier[these])
            alike = start + np.flatnonzero(how >= self._threshold)
            alike = alike[self.of[texts[alike]] < 0]
            first = alike[np.flatnonzero(np.diff(texts[alike], prepend=-1))]
            self.of[texts[first]], self.how[texts[first]] = earlier[first], how[first - start]

    def _shares(self, texts: Places, others: Coded | Shelf, earlier: Places) -> NDArray[np.float64]:
        theirs = others.take(earlier)
        held = self._held.find(owned(theirs.codes, np.repeat(texts, theirs.counts))) >= 0
        both = np.diff(np.concatenate([[0], np.cumsum(held)])[theirs.starts])
        return both / (self.sets.starts[texts + 1] - self.sets.starts[texts] + theirs.counts - both)


def _distinct(sets: Coded, first: Places) -> Coded:
    again = np.flatnonzero(first != np.arange(len(first)))
    if not len(again):
        return sets
    return Coded(np.delete(sets.codes, again), sets.starts - np.searchsorted(again, sets.starts))
