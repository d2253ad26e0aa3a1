"""How far apart are the first three moments of all columns together, by a cubic kernel?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.metrics import intervals
from mintmark.metrics.embedding import Embedding
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import AXES, sides


@dataclass(frozen=True)
class Kernel:
    """Means, covariances and third moments of both tables are set against each other, all at once.

    The value is the unbiased squared maximum mean discrepancy under the kernel k(x, y) = (x·y/d + 1)³: the KID of
    pictures (Bińkowski et al. 2018), here over the standardised principal components of ranks and levels. 0 is best,
    and chance leaves the mean at 0 exactly, at any n, so that a value may lie below. Unlike the Fréchet distance it
    sees skewness and needs no correction; what keeps the first three moments is not seen.

    Computed in disjoint blocks of rows (Zaremba et al. 2013), whose estimates are independent of each other: the
    interval is Student's t over them, and takes the space for given.
    """

    rows: int = Field(6000, ge=30)
    """Most rows of each side."""
    block: int = Field(500, ge=10, le=5000)
    """Most rows of each side in a block."""
    dimensions: int = Field(20, ge=1, le=200)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean over blocks; details name their number and the space."""
        both = sides(case, self.rows, rng, axes=AXES)
        embedding = Embedding.of(both.space, both.real, both.made, self.dimensions)
        X, Y = (embedding.points(rows)[rng.permutation(both.n)] for rows in (both.real, both.made))
        count = max(FEWEST, -(-both.n // self.block))
        value, interval = by_blocks(X, Y, count)
        details = {"blocks": count, "rows_in_a_block": both.n // count, **embedding.note(), **both.note()}
        return Reading(value, interval, both.n, details)


FEWEST = 10
"""Blocks: with fewer, their spread is hardly known."""


def by_blocks(X: Floats, Y: Floats, count: int) -> tuple[float, Interval]:
    """The mean discrepancy of `count` pairs of blocks of points, in their order, and its interval."""
    parts = zip(np.array_split(X, count), np.array_split(Y, count), strict=True)
    found = np.array([discrepancy(x, y) for x, y in parts])
    value, error = float(found.mean()), float(found.std(ddof=1) / np.sqrt(count))
    half = float(stats.t.ppf((1 + intervals.LEVEL) / 2, count - 1)) * error
    return value, (value - half, value + half)


def discrepancy(X: Floats, Y: Floats) -> float:
    """Unbiased squared MMD of points, shape (m, d) and (n, d), under (x·y/d + 1)³."""
    return _within(X) + _within(Y) - 2 * float(_cubic(X, Y).mean())


def _within(X: Floats) -> float:
    every = _cubic(X, X)
    return float((every.sum() - np.trace(every)) / (len(X) * (len(X) - 1)))


def _cubic(X: Floats, Y: Floats) -> Floats:
    base = X @ Y.T / X.shape[1] + 1
    return base * base * base
