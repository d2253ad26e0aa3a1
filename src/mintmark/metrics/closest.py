"""Which point of a pool is nearest: exact, against every point, by matrix products in blocks of bounded memory."""

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points

Places = NDArray[np.int64]

BLOCK = 1 << 22
"""Products held at once: 16 MB."""
PAIRS = 1_000_000_000
"""Most distances of one question: about five seconds. Queries are left out before any point of the pool is."""


def closest(queries: Points, pool: Points) -> tuple[Floats, Places]:
    """Distance to the nearest point of the pool and its position, each of shape (queries,).

    Of points that are equally near it may be any: shuffle the pool where it matters which.
    """
    step = max(1, BLOCK // len(pool))
    norms = np.einsum("ij,ij->i", pool, pool) / 2
    distance, place = np.empty(len(queries)), np.empty(len(queries), dtype=np.int64)
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        found = np.argmax(block @ pool.T - norms, axis=1)
        # The expanded square cancels badly: the winner's distance is computed again, so that a copy lies at exactly 0.
        distance[start : start + step] = np.linalg.norm(block - pool[found], axis=1)
        place[start : start + step] = found
    return distance, place


def affordable(cap: int, pool: int, *, least: int = 500) -> int:
    """How many queries, at most `cap`, can be put to a pool of that size within `PAIRS`; never fewer than `least`."""
    return min(cap, max(least, PAIRS // max(1, pool)))
