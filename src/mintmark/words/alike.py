"""Which texts of many are nearly the same."""

from collections.abc import Sequence

import numpy as np

from mintmark.words import coded, minhash
from mintmark.words.buckets import Buckets
from mintmark.words.coded import Places
from mintmark.words.jaccard import jaccard


def pairs(texts: Sequence[str], threshold: float, shingle: int = 3, recall: float = 0.98) -> tuple[Places, Places]:
    """Pairs (later, earlier) with a Jaccard similarity of at least `threshold` between their runs of words.

    Of texts with the same words, all but the first are paired with the first alone. Candidates come from MinHash bands,
    which miss a pair at the threshold with a probability of 1 − `recall`, and each is counted exactly.
    """
    words = coded.words(texts)
    there = np.flatnonzero(words.counts)
    first, like = np.unique(coded.wholes(words)[there], return_index=True, return_inverse=True)[1:]
    copies = first[like] != np.arange(len(there))
    heads = there[np.sort(first)]
    sets = coded.shingles(words.take(heads), shingle)
    bands, rows = minhash.shape(threshold, recall)
    signed = minhash.signatures(sets, bands * rows)
    keys, marks = minhash.bands(signed, bands, rows), minhash.marks(signed)
    buckets = Buckets(bands, bands * rows, minhash.fewest(threshold, bands * rows))
    buckets.add(keys, marks)
    later, earlier = buckets.sharing(keys, marks)
    later, earlier = later[earlier < later], earlier[earlier < later]
    bags = {text: frozenset(sets[text].tolist()) for text in {*later.tolist(), *earlier.tolist()}}
    near = np.fromiter(
        (jaccard(bags[a], bags[b]) >= threshold for a, b in zip(later.tolist(), earlier.tolist(), strict=True)),
        bool,
        len(later),
    )
    ones = np.concatenate([there[copies], heads[later[near]]])
    others = np.concatenate([there[first[like]][copies], heads[earlier[near]]])
    return ones, others
