"""Which share of the synthetic rows lies where real rows are?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Precision:
    """Each synthetic row is held up to the real ones: is it somewhere where reality is?

    The value is the share of synthetic rows that lie in the ball about at least one real row that reaches to its k-th
    nearest other real row (improved precision, Kynkäänniemi et al. 2019), among ranks of numbers and levels. 1 is best,
    but even fresh real rows miss it, by more the more columns there are: see the ceiling. One real outlier has a large
    ball, which forgives what falls into it: `fidelity.density` does not. That all of reality is reached is not asked:
    see `coverage.recall`.

    Interval: exact binomial, widened for rows that share a ball (see `balls.share`).
    """

    rows: int = Field(2000, ge=30)
    """Most rows of each side: all pairs of them are looked at."""
    neighbours: int = Field(balls.NEIGHBOURS, ge=1, le=20)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 10_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of synthetic rows; details name the space and k."""
        clouds = balls.Clouds.of(case, self.rows, rng, minimum=30)
        held = balls.balls_holding(clouds.made, clouds.real, balls.radii(clouds.real, self.neighbours))
        value, interval = balls.share(held > 0)
        return Reading(value, interval, clouds.n, {"k": self.neighbours, **clouds.note()})
