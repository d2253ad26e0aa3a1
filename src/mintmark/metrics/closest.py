"""Which point of a pool is nearest: exact, against every point, by matrix products in blocks of bounded memory."""

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points

Places = NDArray[np.int64]

BLOCK = 1 << 22
"""Products held at once: 16 MB."""
QUERIES = 512
"""Queries that go through the pool together."""
PAIRS = 1_000_000_000
"""Most distances of one question: about five seconds. Queries are left out before any point of the pool is."""


def closest(queries: Points, pool: Points) -> tuple[Floats, Places]:
    """Distance to the nearest point of the pool and its position, each of shape (queries,).

    Of points that are equally near it may be any: shuffle the pool where it matters which.
    """
    distance, place = np.empty(len(queries)), np.empty(len(queries), dtype=np.int64)
    for start in range(0, len(queries), QUERIES):
        block = queries[start : start + QUERIES]
        found = _winners(block, pool)
        # The expanded square cancels badly: the winner's distance is computed again, so that a copy lies at exactly 0.
        distance[start : start + QUERIES] = np.linalg.norm(block - pool[found], axis=1)
        place[start : start + QUERIES] = found
    return distance, place


def _winners(block: Points, pool: Points) -> Places:
    """The pool is gone through once a block of queries, in parts that stay in the processor's cache."""
    best, winner = np.full(len(block), -np.inf), np.zeros(len(block), dtype=np.int64)
    rows, step = np.arange(len(block)), max(1, BLOCK // len(block))
    for start in range(0, len(pool), step):
        part = pool[start : start + step]
        score = block @ part.T - np.einsum("ij,ij->i", part, part) / 2
        found = np.argmax(score, axis=1)
        better = score[rows, found] > best
        best[better], winner[better] = score[rows, found][better], start + found[better]
    return winner


def affordable(cap: int, pool: int, *, least: int = 500) -> int:
    """How many queries, at most `cap`, can be put to a pool of that size within `PAIRS`; never fewer than `least`."""
    return min(cap, max(least, PAIRS // max(1, pool)))
