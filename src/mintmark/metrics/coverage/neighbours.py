"""Which share of the real rows has a synthetic row in its neighbourhood?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Neighbours:
    """Each real row looks around itself: is there a synthetic row as near as its own kind is?

    The value is the share of real rows with at least one synthetic row in the ball that reaches to their k-th nearest
    other real row (coverage, Naeem et al. 2020), among ranks of numbers and levels. Fresh real rows have
    1 − ∏ (N − i)/(M + N − i), i = 1 … k, on average, whatever their distribution: 0.97 for k = 5 and N = M. A generator
    that forgets a kind of people leaves their neighbourhoods empty: `coverage.holes` says whose.

    Interval: exact binomial, widened for rows that share a neighbourhood (see `balls.share`).
    """

    rows: int = Field(2000, ge=30)
    """Most rows of each side: all pairs of them are looked at."""
    neighbours: int = Field(balls.NEIGHBOURS, ge=1, le=20)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 10_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of real rows; details hold what fresh real rows have on average."""
        clouds = balls.Clouds.of(case, self.rows, rng, minimum=30)
        _, squares = balls.nearest(clouds.real, clouds.made)
        value, interval = balls.share(squares <= balls.radii(clouds.real, self.neighbours))
        expected = balls.by_chance(clouds.n, clouds.n, self.neighbours)
        details = {"by_chance": expected, "k": self.neighbours, **clouds.note()}
        return Reading(value, interval, clouds.n, details)
