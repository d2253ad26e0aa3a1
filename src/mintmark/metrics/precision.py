"""How pure the top of a ranking is."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHUNK = 100
"""Resamples weighed at once, which bounds the memory."""


def average_precision(scores: Floats, positive: NDArray[np.bool_], weights: Floats) -> Floats:
    """Σ (Rₖ − Rₖ₋₁) Pₖ over the distinct scores, under each row of weights: shape (draws, n) to (draws,).

    As scikit-learn's `average_precision_score`, exact with ties; 0 where no positive row has weight.
    """
    order = np.argsort(-scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.inf) != 0)
    hit = positive[order]
    out = np.empty(len(weights))
    for first in range(0, len(weights), CHUNK):
        part = weights[first : first + CHUNK, order]
        found = np.add.reduceat(part * hit, starts, axis=1)
        seen = np.cumsum(np.add.reduceat(part, starts, axis=1), axis=1)
        precision = np.cumsum(found, axis=1) / np.maximum(seen, np.finfo(float).tiny)
        total = found.sum(axis=1)
        out[first : first + CHUNK] = (found * precision).sum(axis=1) / np.where(total > 0, total, np.inf)
    return out
