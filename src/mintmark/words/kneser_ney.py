"""A language model of words by counting: interpolated Kneser–Ney, the strongest of the plain ones."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log
from typing import TypeAlias

Word: TypeAlias = "int | str"
Gram: TypeAlias = "tuple[Word, ...]"

BEGIN, END = "<s>", "</s>"
"""What stands before the first word of a text, and behind its last; codes of words are numbers."""


class KneserNey:
    """Probabilities of words after the words before them, learnt from texts (Kneser & Ney 1995).

    Interpolated, with one discount for each order, D = n₁ / (n₁ + 2 n₂) (Ney, Essen & Kneser 1994; Chen & Goodman 1999,
    section 2.7). Orders below the highest count in how many different contexts a word stands, not how often. The lowest
    is mixed with the uniform distribution over all known words and one that stands for every unknown one.
    """

    def __init__(self, texts: Iterable[Sequence[Word]], order: int = 3) -> None:
        """Counts all texts."""
        self._order = order
        counts: list[Counter[Gram]] = [Counter() for _ in range(order)]
        for text in texts:
            padded = self._padded(text)
            for end in range(order, len(padded) + 1):
                counts[-1][padded[end - order : end]] += 1
        for lower in range(order - 2, -1, -1):
            # One for each different word before it: what is there at all in the order above.
            counts[lower] = Counter(gram[1:] for gram in counts[lower + 1])
        self._counts = counts
        self._discounts = [_discount(each) for each in counts]
        self._totals: list[Counter[Gram]] = []
        self._kinds: list[Counter[Gram]] = []
        for each in counts:
            totals: dict[Gram, int] = defaultdict(int)
            for gram, count in each.items():
                totals[gram[:-1]] += count
            self._totals.append(Counter(totals))
            self._kinds.append(Counter(gram[:-1] for gram in each))
        self._known = len(counts[0])

    def probability(self, word: Word, before: Sequence[Word]) -> float:
        """Of a word (or END) after these words, of which the last `order` − 1 count; never 0."""
        context = (*(BEGIN,) * self._order, *before)[-(self._order - 1) :] if self._order > 1 else ()
        found = 1 / (self._known + 1)
        for level in range(self._order):
            history = context[self._order - 1 - level :]
            total = self._totals[level][history]
            if total:
                discount = self._discounts[level]
                held = max(self._counts[level][(*history, word)] - discount, 0.0)
                found = (held + discount * self._kinds[level][history] * found) / total
        return found

    def surprise(self, text: Sequence[Word]) -> float:
        """Minus the natural logarithm of the probability of a whole text, its end included."""
        padded = self._padded(text)
        first = self._order - 1
        return -sum(log(self.probability(padded[i], padded[i - first : i])) for i in range(first, len(padded)))

    def _padded(self, text: Sequence[Word]) -> Gram:
        return (*(BEGIN,) * (self._order - 1), *text, END)


def _discount(counts: Counter[Gram]) -> float:
    once, twice = (sum(count == times for count in counts.values()) for times in (1, 2))
    return once / (once + 2 * twice) if once else 0.5
