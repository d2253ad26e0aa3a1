"""Do texts lie where real ones lie, and real ones where texts lie (MAUVE)?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy.special import rel_entr
from sklearn.cluster import KMeans

from mintmark import seeds
from mintmark.metrics import intervals
from mintmark.metrics.directions import directions
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import written
from mintmark.words.encoding import Named

Floats = NDArray[np.float64]

TEXTS_A_CELL = 10
"""Texts of a side for each cell, as published."""
CELLS = 500
"""Most cells, as published."""
PRIOR = 0.5
"""What is added to each cell's count (Krichevsky & Trofimov 1981)."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
"""Where the frontier is looked at, between −1 and 1, and how much each place counts."""
AT_ONCE = 50
"""Resamples that are worked out at once: it bounds the memory."""


@dataclass(frozen=True)
class Mauve:
    """A critic weighs two faults: writing what nobody would (1), and never writing what people do (2).

    Texts become directions under an encoder, and these are sorted into cells by k-means, learnt on both sides alike.
    With p and q the shares of real and synthetic texts in the cells and r = λp + (1 − λ)q, the frontier is the curve
    (exp(−c KL(q‖r)), exp(−c KL(p‖r))) over all λ, and the value the area under it (Pillutla et al. 2021, with c = 5):
    1 is best, and two sides that share no cell have 1 / C(2c, c) = 0.004. Shares are smoothed by ½ a cell, as Pillutla
    et al. 2023 advise. `encoder` is one of those of `filters.near_meaning`. **The published figures stand on GPT-2**:
    those of another encoder cannot be set beside them, only beside the ceiling here.

    Chance alone keeps the value below 1, for the ceiling too, at the same n. Interval: a bootstrap of blocks of texts,
    centred (see `intervals.centred`), for the cells at hand.
    """

    scale: float = Field(5.0, gt=0, le=50)
    """The c of the frontier: the larger, the harsher."""
    texts: int = Field(2_000, ge=100)
    """Most texts of either side."""
    resamples: int = Field(200, ge=100)
    encoder: Named = "topics"

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"texts": 5_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The area; details hold how many cells there are, and how far each side lacks what the other has."""
        both = written(case, rng, self.texts)
        vectors = np.concatenate(directions(both.real, both.made, self.encoder, rng, "fidelity.mauve"))
        cells = min(CELLS, max(2, both.n // TEXTS_A_CELL), len(np.unique(vectors, axis=0)))
        cell = KMeans(cells, n_init=1, random_state=seeds.integer(rng)).fit_predict(vectors)
        real, made = (intervals.block_counts(side, cells, rng) for side in np.split(cell, [both.n]))
        value = float(area(real.sum(axis=0), made.sum(axis=0), self.scale))
        weights = [intervals.block_weights(both.n, self.resamples, rng) for _ in range(2)]
        parts = [
            area(weights[0][first : first + AT_ONCE] @ real, weights[1][first : first + AT_ONCE] @ made, self.scale)
            for first in range(0, self.resamples, AT_ONCE)
        ]
        low, high = intervals.centred(value, np.concatenate(parts))
        details = {"cells": cells, "encoder": self.encoder, **both.note}
        return Reading(value, (low, min(1.0, high)), both.n, details)


def area(real: Floats, made: Floats, scale: float = 5.0, prior: float = PRIOR) -> Any:
    """Under the frontier of two histograms of counts, shape (..., cells) to (...), by Gauss–Legendre quadrature.

    Beyond λ = 1 the frontier runs straight from (exp(−c KL(q‖p)), 1) to the side. Cells that both lack need a prior.
    """
    p, q = (_shares(side, prior)[..., None] for side in (real, made))
    share = (NODES + 1) / 2
    r = share * p + (1 - share) * q
    x, y = (np.exp(-scale * rel_entr(side, r).sum(axis=-2)) for side in (q, p))
    # x = exp(−c KL(q‖r)) falls as λ grows, since d KL(q‖r)/dλ = Σ q (q − p) / r is never negative.
    slope = scale * x * (q * (q - p) / r).sum(axis=-2)
    rest = np.exp(-scale * rel_entr(q, p).sum(axis=(-2, -1)))
    return rest + (y * slope * WEIGHTS).sum(axis=-1) / 2


def _shares(counts: Floats, prior: float) -> Floats:
    return (counts + prior) / (counts + prior).sum(axis=-1, keepdims=True)
