"""Which share of the real rows lies where synthetic rows are?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Recall:
    """Each real row is held up to the synthetic ones: would the generator ever have made somebody like this?

    The value is the share of real rows that lie in the ball about at least one synthetic row that reaches to its k-th
    nearest other synthetic row (improved recall, Kynkäänniemi et al. 2019), among ranks of numbers and levels. 1 is
    best. It is easily flattered: synthetic rows that are scattered far and wide have large balls, which hold all of
    reality, so that columns drawn independently may beat fresh real rows; `coverage.neighbours` mends this by drawing
    the balls about real rows.

    Interval: exact binomial, widened for rows that share a ball (see `balls.share`).
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
        """The share of real rows; details name the space and k."""
        clouds = balls.Clouds.of(case, self.rows, rng, minimum=30)
        held = balls.balls_holding(clouds.real, clouds.made, balls.radii(clouds.made, self.neighbours))
        value, interval = balls.share(held > 0)
        return Reading(value, interval, clouds.n, {"k": self.neighbours, **clouds.note()})
