"""Are texts about the same things as real ones, in the same shares?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.cluster import KMeans

from mintmark import seeds
from mintmark.metrics import intervals
from mintmark.metrics.directions import directions
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import written


@dataclass(frozen=True)
class Topics:
    """A librarian sorts real and synthetic texts onto the same shelves: how much would have to be moved?

    All texts are reduced to their main directions (latent semantic analysis, Deerwester et al. 1990: words and pairs of
    words that go together) and sorted into `shelves` clusters (k-means), learnt on both sides alike. The value is the
    total variation distance of the shares, ½ Σ |p − q|: 0 is best, and 1 where no shelf holds both. What is said of a
    topic is not compared, and topics smaller than a shelf are not seen.

    Chance alone keeps the value above 0 and does so for the ceiling too, at the same n. Interval: a bootstrap of blocks
    of texts, centred (see `intervals.centred`), for the shelves at hand.
    """

    shelves: int = Field(20, ge=2, le=500)
    texts: int = Field(5_000, ge=100)
    """Most texts of either side."""
    resamples: int = Field(400, ge=100)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"texts": 20_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The distance; details hold how many shelves there are."""
        both = written(case, rng, self.texts)
        vectors = np.concatenate(directions(both.real, both.made, "topics", rng, "fidelity.topics"))
        shelves = min(self.shelves, max(2, both.n // 15), len(np.unique(vectors, axis=0)))
        sorted_ = KMeans(shelves, n_init=1, random_state=seeds.integer(rng)).fit_predict(vectors)
        real, made = (intervals.block_counts(side, shelves, rng) for side in np.split(sorted_, [both.n]))
        value = float(_distance(real.sum(axis=0), made.sum(axis=0)))
        weights = [intervals.block_weights(both.n, self.resamples, rng) for _ in range(2)]
        draws = _distance(weights[0] @ real, weights[1] @ made)
        details = {"shelves": shelves, **both.note}
        low, high = intervals.centred(value, draws)
        return Reading(value, (low, min(1.0, high)), both.n, details)


def _distance(real: NDArray[np.float64], made: NDArray[np.float64]) -> Any:
    shares = [side / side.sum(axis=-1, keepdims=True) for side in (real, made)]
    return np.abs(shares[0] - shares[1]).sum(axis=-1) / 2
