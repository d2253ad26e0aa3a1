"""Do synthetic rows lie where real rows are dense?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls, intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Density:
    """Each synthetic row is held up to the real ones: in how many neighbourhoods of real rows does it lie?

    The value is the mean over synthetic rows of the number of real balls that hold them, divided by k, where the ball
    about a real row reaches to its k-th nearest other real row (Naeem et al. 2020), among ranks of numbers and levels.
    Rows of one distribution have 1 on average, whatever that is; below it rows lie outside of reality. Above it they
    crowd where reality is densest: more is better only up to 1, and a value far above is a sign of collapse that
    `coverage.neighbours` settles.

    Interval: normal, widened for rows that share a ball (see `balls.TIMES`).
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
        """The mean share of neighbourhoods; details hold what chance gives."""
        clouds = balls.Clouds.of(case, self.rows, rng, minimum=30)
        held = balls.balls_holding(clouds.made, clouds.real, balls.radii(clouds.real, self.neighbours))
        found = held / self.neighbours
        value = float(found.mean())
        interval = intervals.normal(value, balls.TIMES * float(found.var(ddof=1)) / clouds.n, (0.0, np.inf))
        return Reading(value, interval, clouds.n, {"by_chance": 1.0, "k": self.neighbours, **clouds.note()})
