"""How different are the correlations of all columns together?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.embedding import Embedding
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.moments import Moments
from mintmark.metrics.sides import AXES, sides


@dataclass(frozen=True)
class Coral:
    """Somebody who adapts a model from the synthetic domain to the real one asks how far their spreads lie apart.

    The value is ‖C_S − C_T‖²_F / (4 d²), the loss that correlation alignment drives to 0 (Sun & Saenko 2016), where C
    is the covariance matrix of a table's standardised principal components of ranks and levels. Chance alone keeps the
    value above 0, for the ceiling too, at the same n.

    Interval: a centred bootstrap of blocks of rows. Means are not compared, nor anything beyond covariances.
    """

    rows: int = Field(6000, ge=30)
    """Most rows of each side."""
    dimensions: int = Field(20, ge=1, le=200)
    resamples: int = Field(400, ge=100)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The loss; details hold what the space is."""
        both = sides(case, self.rows, rng, axes=AXES)
        embedding = Embedding.of(both.space, both.real, both.made, self.dimensions)
        parts = [Moments.of(embedding.points(Z), intervals.blocks(both.n, rng)) for Z in (both.real, both.made)]
        count = len(parts[0].counts)
        value = float(loss(*(part.mixed(np.ones((1, count))).covariances for part in parts))[0])
        weights = [intervals.block_weights(count, self.resamples, rng) for _ in parts]
        draws = loss(*(part.mixed(weight).covariances for part, weight in zip(parts, weights, strict=True)))
        details = {**embedding.note(), **both.note()}
        return Reading(value, intervals.centred(value, draws), both.n, details)


def loss(ours: Floats, theirs: Floats) -> Floats:
    """‖C_S − C_T‖²_F / (4 d²) of covariance matrices, shape (sets, d, d) to (sets,)."""
    return ((ours - theirs) ** 2).sum(axis=(1, 2)) / (4 * ours.shape[-1] ** 2)
