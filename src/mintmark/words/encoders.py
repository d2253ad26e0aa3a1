"""Texts as directions: the nearer two of them, the more alike what they are about."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

from mintmark import seeds
from mintmark.words.coded import spans
from mintmark.words.texts import plain

Vectors = NDArray[np.float32]

FEWEST = 20
"""Texts below which nothing is learnt of which words matter."""


class Encoder(Protocol):
    """Turns texts into vectors of length 1; one of which nothing is known is 0."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, axes)."""
        ...


class Letters:
    """Runs of 3 to 5 letters within words, hashed onto 1,024 axes with random signs (Weinberger et al. 2009).

    It learns nothing and so needs no texts. It sees the same words and forms of words, not the same meaning.
    """

    def __init__(self) -> None:
        """Nothing to set."""
        self._hashing = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=1024, lowercase=False)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 1024)."""
        return self._hashing.transform([plain(text) for text in texts]).toarray().astype(np.float32)


class Topics:
    """Latent semantic analysis (Deerwester et al. 1990): TF-IDF of words and pairs, reduced to its main directions.

    Learnt from texts: words that occur together there are near each other. Words that do not occur there say nothing.
    """

    def __init__(self, learnt: Sequence[str], rng: np.random.Generator, axes: int = 128) -> None:
        """From at least `FEWEST` texts."""
        common = 2 if len(learnt) > 10 * FEWEST else 1
        self._tfidf = TfidfVectorizer(
            analyzer=_terms, min_df=common, sublinear_tf=True, max_features=50_000, dtype=np.float32
        )
        matrix = self._tfidf.fit_transform(learnt)
        most = min(axes, min(matrix.shape) - 1)
        self._svd = TruncatedSVD(max(1, most), random_state=seeds.integer(rng)).fit(matrix)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, axes)."""
        return unit(self._svd.transform(self._tfidf.transform(texts)).astype(np.float32))


def weighted(texts: Sequence[str]) -> csr_matrix:
    """Each text by its words, as rows of length 1, shape (texts, words): the rarer a word is, the more it counts.

    TF-IDF (Salton & Buckley 1988) with logarithmic counts. A text without words is 0; one word at least must be there.
    """
    return TfidfVectorizer(analyzer=_words, sublinear_tf=True).fit_transform(texts)


def _words(text: str) -> list[str]:
    folded = plain(text)
    return [folded[begin:end] for begin, end in spans(text)]


def _terms(text: str) -> list[str]:
    """Its words and pairs of words."""
    words = _words(text)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def unit(vectors: Vectors) -> Vectors:
    """The same directions at length 1; 0 stays 0."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
