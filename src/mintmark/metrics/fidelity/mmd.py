"""How far apart are the joint distributions of all columns, by Gaussian kernels of five widths?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy.spatial.distance import pdist

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, jackknife
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Map, Points
from mintmark.metrics.sides import AXES, sides

WIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Bandwidths, in median distances of two rows."""
MEDIAN_ROWS = 500
"""Rows from which the median distance is estimated."""


@dataclass(frozen=True)
class Mmd:
    """Two clouds of rows are blurred, by a little and by a lot, and laid over each other: what does not cancel?

    The value is the unbiased squared maximum mean discrepancy (Gretton et al. 2012), the mean over Gaussian kernels of
    five widths about the median distance of two rows. Numbers enter as ranks among both tables and levels as axes of
    their own. 0 is best; with enough rows any difference at all makes it positive, and chance leaves the mean at 0, so
    that a value may lie below. Kernels are expanded in random Fourier features (Rahimi & Recht 2007), which is linear
    in rows and unbiased: each pair of a cosine and a sine has length 1, so the terms of a row with itself are known.

    Interval: normal, with the jackknife's variance over blocks of rows. Simulated with 200 to 1,500 rows, it covers 97
    % without a difference, and with one 90 to 94 %, too low where it misses. Details hold the p-value of a permutation
    test that deals the blocks anew to the two tables, which is exact because blocks of equal size are exchangeable. A
    difference in few of many columns is blurred away: see `fidelity.detection`.
    """

    rows: int = Field(3000, ge=30)
    """Most rows of each side."""
    features: int = Field(256, ge=64, le=8192)
    """Random features for each width; half are cosines, half sines."""
    permutations: int = Field(999, ge=999)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"rows": 50_000, "features": 2048, "permutations": 9999},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The discrepancy; details hold it by width, and the p-value that both tables are of one distribution."""
        both = sides(case, self.rows, rng, axes=AXES)
        map_ = Map.of(both.space, np.concatenate([both.real, both.made]))
        X, Y = map_.points(both.real), map_.points(both.made)
        median = median_distance(np.concatenate([X, Y]), rng)
        blocks = [_equal_blocks(both.n, rng) for _ in range(2)]
        grams = np.stack([self._gram(X, Y, width * median, blocks, rng) for width in WIDTHS])
        count = len(grams[0]) // 2
        size = both.n // count
        found = [discrepancy(gram, size) for gram in grams]
        gram = grams.mean(axis=0)
        value = discrepancy(gram, size)
        details = {
            "p_value": self._p_value(gram, rng),
            "permutations": self.permutations,
            "by_width": [{"width": w * median, "discrepancy": v} for w, v in zip(WIDTHS, found, strict=True)],
            "features": self.features,
            "space": f"ranks and levels, {X.shape[1]} axes",
            **both.note(),
        }
        interval = intervals.normal(value, _variance(gram, size), (-np.inf, np.inf))
        return Reading(value, interval, size * count, details)

    def _gram(
        self, X: Points, Y: Points, width: float, blocks: list[NDArray[np.int64]], rng: np.random.Generator
    ) -> Floats:
        directions = rng.normal(0, 1 / width, (X.shape[1], self.features // 2)).astype(np.float32)
        means = np.concatenate([block_means(Z, directions, rows) for Z, rows in zip((X, Y), blocks, strict=True)])
        return means @ means.T

    def _p_value(self, gram: Floats, rng: np.random.Generator) -> float:
        """Signs say to which table each block is dealt; as many blocks go to either."""
        count = len(gram) // 2
        signs = np.repeat([1.0, -1.0], count)
        dealt = rng.permuted(np.tile(signs, (self.permutations, 1)), axis=1)
        observed, chance = signs @ gram @ signs, ((dealt @ gram) * dealt).sum(axis=1)
        return float((1 + (chance >= observed * (1 - 1e-9)).sum()) / (1 + self.permutations))


def median_distance(points: Points, rng: np.random.Generator) -> float:
    """Of two rows that differ (Gretton et al. 2012); CannotMeasure where none do."""
    some = points[rng.permutation(len(points))[:MEDIAN_ROWS]]
    distances = pdist(some)
    distances = distances[distances > 0]
    if not len(distances):
        raise CannotMeasure("all rows are alike, real and synthetic")
    return float(np.median(distances))


def block_means(points: Points, directions: Points, rows: NDArray[np.int64]) -> Floats:
    """Mean random features of the blocks of rows, shape (blocks, 2 · directions); `rows` has shape (blocks, size)."""
    angles = points[rows.ravel()] @ directions
    scale = np.float32(1 / np.sqrt(directions.shape[1]))
    features = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) * scale
    return features.reshape(*rows.shape, -1).mean(axis=1, dtype=np.float64)


def discrepancy(gram: Floats, size: int) -> float:
    """Unbiased squared MMD from the inner products of block means, those of one table first; `size` rows a block."""
    count = len(gram) // 2
    return float(_unbiased(*_sums(gram, count), count, size))


def _sums(gram: Floats, count: int) -> tuple[float, float, float]:
    return gram[:count, :count].sum(), gram[count:, count:].sum(), gram[:count, count:].sum()


def _unbiased(ours: Any, theirs: Any, across: Any, count: int, size: int) -> Any:
    """The sums are over pairs of `count` block means; a row with itself has the kernel's value 1."""
    n = count * size
    return ((ours + theirs) * size * size - 2 * n) / (n * (n - 1)) - 2 * across / count**2


def _variance(gram: Floats, size: int) -> float:
    """Each pair of blocks, one of either table, is left out once."""
    count = len(gram) // 2
    parts = gram[:count, :count], gram[count:, count:], gram[:count, count:]
    ours, theirs = (part.sum() - 2 * part.sum(axis=1) + np.diag(part) for part in parts[:2])
    across = parts[2].sum() - parts[2].sum(axis=1) - parts[2].sum(axis=0) + np.diag(parts[2])
    return jackknife.variance(_unbiased(ours, theirs, across, count - 1, size))


def _equal_blocks(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of each block, shape (blocks, size); the few rows that are left over are not used."""
    count = min(intervals.BLOCKS, n // 2)
    size = n // count
    return rng.permutation(n)[: count * size].reshape(count, size)
