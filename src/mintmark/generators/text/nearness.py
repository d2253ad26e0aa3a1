"""Which texts are nearly the same as an earlier one, text by text (MinHash in bands, Broder 1997; compared exactly)."""

from collections import defaultdict

from mintmark.words import coded, minhash
from mintmark.words.jaccard import jaccard


class Near:
    """Remembers texts, and finds the one that a new text is nearly the same as.

    Nearly the same is a Jaccard similarity of at least `threshold` between the sets of their runs of `shingle` words.
    A pair at the threshold is found with a probability of at least `recall`.
    """

    def __init__(self, threshold: float, *, shingle: int = 1, recall: float = 0.98) -> None:
        """Of nothing yet."""
        self._threshold, self._shingle = threshold, shingle
        self._bands, self._rows = minhash.shape(threshold, recall)
        self._texts: list[tuple[str, frozenset[int]]] = []
        self._places: dict[tuple[int, int], list[int]] = defaultdict(list)

    def twin(self, text: str) -> tuple[float, str] | None:
        """How near the first text is that is near enough, and that text; else None, and the text is remembered."""
        sets = coded.shingles(coded.words([text]), self._shingle)
        held = frozenset(sets[0].tolist())
        signed = minhash.signatures(sets, self._bands * self._rows)
        keys = list(enumerate(minhash.bands(signed, self._bands, self._rows)[0].tolist()))
        for place in sorted({place for key in keys for place in self._places.get(key, ())}):
            other, theirs = self._texts[place]
            near = jaccard(held, theirs)
            if near >= self._threshold:
                return near, other
        for key in keys:
            self._places[key].append(len(self._texts))
        self._texts.append((text, held))
        return None
