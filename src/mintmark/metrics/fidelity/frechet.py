"""How far apart are the centre and the spread of all columns together, as the Fréchet distance of two Gaussians?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, jackknife
from mintmark.metrics.embedding import Embedding
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.moments import Moments
from mintmark.metrics.sides import AXES, sides


@dataclass(frozen=True)
class Frechet:
    """Both tables are taken for clouds of Gaussian shape: how much work is it to move one onto the other?

    The value is ‖Δμ‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½), the squared 2-Wasserstein distance of two Gaussians: the FID of
    pictures (Heusel et al. 2017), here over the standardised principal components of ranks and levels, so that 1 is one
    standard deviation in one direction. 0 is best. At n rows it lies about c/n too high; both sides have the same n,
    and the value is extrapolated to n = ∞ from n and its two halves (Chong & Forsyth 2020), so that chance leaves it
    around 0 and now and then below.

    Interval: normal, with the variance of the jackknife over pairs of blocks. Anything that keeps means and covariances
    is not seen.
    """

    rows: int = Field(6000, ge=30)
    """Most rows of each side."""
    dimensions: int = Field(20, ge=1, le=200)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The extrapolated distance; details hold the one at n, its part that is due to means, and the space."""
        both = sides(case, self.rows, rng, axes=AXES)
        embedding = Embedding.of(both.space, both.real, both.made, self.dimensions)
        block = intervals.blocks(both.n, rng)
        real, made = (Moments.of(embedding.points(rows), block) for rows in (both.real, both.made))
        value, at_n = _extrapolated(real, made, np.ones((1, len(real.counts))))
        left_out, _ = _extrapolated(real, made, jackknife.all_but_one(len(real.counts)))
        whole = np.ones((1, len(real.counts)))
        gap = real.mixed(whole).means[0] - made.mixed(whole).means[0]
        details = {"at_n": float(at_n[0]), "of_means": float(gap @ gap), **embedding.note(), **both.note()}
        interval = intervals.normal(float(value[0]), jackknife.variance(left_out), (-np.inf, np.inf))
        return Reading(float(value[0]), interval, both.n, details)


def distances(one: Moments, other: Moments) -> Floats:
    """The squared 2-Wasserstein distance of Gaussians with these moments, for each set of rows; shape (sets,)."""
    gap, ours, theirs = one.means - other.means, one.covariances, other.covariances
    lengths, directions = np.linalg.eigh(ours)
    root = (directions * np.sqrt(np.maximum(lengths, 0))[:, None, :]) @ directions.transpose(0, 2, 1)
    crossed = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ theirs @ root), 0)).sum(axis=1)
    traces = np.trace(ours, axis1=1, axis2=2) + np.trace(theirs, axis1=1, axis2=2)
    return (gap**2).sum(axis=1) + traces - 2 * crossed


def _extrapolated(real: Moments, made: Moments, weights: Floats) -> tuple[Floats, Floats]:
    """2 F(n) − F(n/2), which is free of the term in 1/n, and F(n), under each row of block weights."""
    first = np.arange(weights.shape[1]) % 2 == 0
    whole, *halves = (
        distances(real.mixed(part), made.mixed(part)) for part in (weights, weights * first, weights * ~first)
    )
    return 2 * whole - (halves[0] + halves[1]) / 2, whole
