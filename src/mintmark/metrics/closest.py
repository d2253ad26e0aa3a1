"""Which row of a pool is nearest: exact, against every row, by matrix products in blocks of bounded memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points

Places = NDArray[np.int64]

PART = 8_192
"""Rows of the pool that are laid out as points at once: they stay in the processor's cache."""
QUERIES = 512
"""Queries that are compared with a part at once: 16 MB of products."""
PAIRS = 500_000_000
"""Most distances of one question: about three seconds. Queries are left out before any row of the pool is."""


def closest(
    queries: Points, pool: Floats | Points, points: Callable[[Floats], Points] | None = None
) -> tuple[Floats, Places]:
    """Distance to the nearest row of the pool and its position, each of shape (queries,).

    `points` lays out rows of the pool in the queries' space, where they are not points yet; the pool is gone through
    once. Of rows that are equally near it may be any: shuffle the pool where it matters which.
    """
    lay: Callable[[Any], Points] = points or np.asarray
    place = _winners(queries, pool, lay)
    distance = np.empty(len(queries))
    for start in range(0, len(queries), QUERIES):
        block = slice(start, start + QUERIES)
        # The expanded square cancels badly: the winner's distance is computed again, so that a copy lies at exactly 0.
        distance[block] = np.linalg.norm(queries[block] - lay(pool[place[block]]), axis=1)
    return distance, place


def _winners(queries: Points, pool: Floats | Points, lay: Callable[[Any], Points]) -> Places:
    best, winner = np.full(len(queries), -np.inf), np.zeros(len(queries), dtype=np.int64)
    for first in range(0, len(pool), PART):
        part = lay(pool[first : first + PART])
        halves = np.einsum("ij,ij->i", part, part) / 2
        for start in range(0, len(queries), QUERIES):
            block = slice(start, start + QUERIES)
            score = queries[block] @ part.T
            score -= halves
            found = np.argmax(score, axis=1)
            highest = score[np.arange(len(found)), found]
            better = highest > best[block]
            best[block][better], winner[block][better] = highest[better], first + found[better]
    return winner


def affordable(cap: int, pool: int, *, least: int = 500) -> int:
    """How many queries, at most `cap`, can be put to a pool of that size within `PAIRS`; never fewer than `least`."""
    return min(cap, max(least, PAIRS // max(1, pool)))
