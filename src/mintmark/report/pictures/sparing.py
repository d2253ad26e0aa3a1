"""Counts of real people: what may be shown of them, and how far they lie from synthetic ones."""

from collections.abc import Sequence

import numpy as np

FEWEST = 10
"""Real rows that a bar must stand for, or it is not drawn."""


def shares(counts: Sequence[int], total: int) -> list[float | None]:
    """Shares of real rows, with None where fewer than ten rows stand behind one.

    What is hidden could be told from the rest if it were too little in sum: then the next smallest is hidden as well.
    Shares are rounded to 0.1 %, and empty places look like hidden ones.
    """
    hidden = {place for place, count in enumerate(counts) if count < FEWEST}
    rest = sorted((count, place) for place, count in enumerate(counts) if place not in hidden)
    while rest and 0 < sum(counts[place] for place in hidden) < FEWEST:
        hidden.add(rest.pop(0)[1])
    return [None if place in hidden else round(count / total, 3) for place, count in enumerate(counts)]


def share(count: int, total: int) -> float | None:
    """One share; None where fewer than ten rows stand behind it or behind its complement."""
    return None if count < FEWEST or 0 < total - count < FEWEST else round(count / total, 3)


def apart(made: Sequence[int], seen: Sequence[int]) -> float:
    """The total variation distance of two sets of counts, from 0 to 1."""
    p, q = (np.asarray(counts, dtype=np.float64) for counts in (made, seen))
    return float(0.5 * np.abs(p / max(1.0, p.sum()) - q / max(1.0, q.sum())).sum())
