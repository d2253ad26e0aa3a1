"""Byte-pair encoding: texts as numbers of frequent runs of bytes, learnt from texts; any text can be told so."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mintmark.words import pieces

BYTES = 256
Pair = tuple[int, int]


@dataclass(frozen=True)
class Tokens:
    """The merges, in the order in which they were learnt; tokens 0 to 255 are bytes, and merge i makes token 256 + i.

    Sennrich, Haddow & Birch 2016, over bytes (Radford et al. 2019): no text has an unknown part.
    """

    merges: tuple[Pair, ...]

    @classmethod
    def learn(cls, texts: Iterable[str], count: int) -> "Tokens":
        """The most frequent pairs within words, up to `count`; of equally frequent ones the lowest numbers first.

        A pair that stands once only is not merged: it would be one text's own.
        """
        held = Counter(piece for text in texts for piece in pieces.words(text))
        words = [list(piece.encode()) for piece in held]
        times = list(held.values())
        counts: Counter[Pair] = Counter()
        where: dict[Pair, set[int]] = defaultdict(set)
        for place, word in enumerate(words):
            for pair in pairwise(word):
                counts[pair] += times[place]
                where[pair].add(place)
        merges: list[Pair] = []
        while len(merges) < count and counts:
            best = max(counts, key=lambda pair: (counts[pair], -pair[0], -pair[1]))
            if counts[best] < 2:
                break
            for place in where.pop(best):
                for pair in pairwise(words[place]):
                    counts[pair] -= times[place]
                words[place] = _merged(words[place], best, BYTES + len(merges))
                for pair in pairwise(words[place]):
                    counts[pair] += times[place]
                    where[pair].add(place)
            del counts[best]
            merges.append(best)
        return cls(tuple(merges))

    def __len__(self) -> int:
        return BYTES + len(self.merges)

    def encode(self, text: str) -> list[int]:
        """The numbers of a text."""
        return [token for piece in pieces.words(text) for token in self._word(piece)]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text; bytes that are no UTF-8 become a replacement sign."""
        return b"".join(self._bytes[token] for token in tokens).decode(errors="replace")

    @cached_property
    def _bytes(self) -> list[bytes]:
        out = [bytes([byte]) for byte in range(BYTES)]
        for one, other in self.merges:
            out.append(out[one] + out[other])
        return out

    @cached_property
    def _ranks(self) -> dict[Pair, int]:
        return {pair: place for place, pair in enumerate(self.merges)}

    @cached_property
    def _known(self) -> dict[str, list[int]]:
        return {}

    def _word(self, piece: str) -> list[int]:
        found = self._known.get(piece)
        if found is None:
            found = list(piece.encode())
            while len(found) > 1:
                pair = min(pairwise(found), key=lambda each: self._ranks.get(each, len(self)))
                if pair not in self._ranks:
                    break
                found = _merged(found, pair, BYTES + self._ranks[pair])
            self._known[piece] = found
        return found


def _merged(word: Sequence[int], pair: Pair, token: int) -> list[int]:
    out: list[int] = []
    place = 0
    while place < len(word):
        if place + 1 < len(word) and (word[place], word[place + 1]) == pair:
            out.append(token)
            place += 2
        else:
            out.append(word[place])
            place += 1
    return out
