"""Do synthetic rows reach the typical real rows and the odd ones, level by level?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls, intervals, jackknife, support
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.support import Supports


@dataclass(frozen=True)
class BetaRecall:
    """Each real row looks for its nearest synthetic one: is it there, and how typical of the generator is it?

    The β-support holds the share β of the synthetic rows that lie nearest to their centre, among standardised principal
    components of ranks and levels. R(β) is the share of real rows whose nearest synthetic row belongs to it and lies no
    farther than their k-th nearest other real row. The value is 1 − 2 ∫ |R(β) − β| dβ (integrated β-recall, Alaa et al.
    2022, with k = 1; there even fresh real rows cannot exceed ½; with k = 5 they come close to 1, less so with many
    columns, where typical rows are everybody's nearest). Where it is low and R(1) is high, the generator makes
    everybody, but typical people too often.

    Interval: normal, with the jackknife's variance over blocks of real rows, widened for rows that share a
    neighbourhood (see `balls.TIMES`).
    """

    rows: int = Field(10_000, ge=30)
    """Most rows of each side: all pairs of them are looked at."""
    neighbours: int = Field(balls.NEIGHBOURS, ge=1, le=20)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The agreement over all levels; details hold a few points of the curve."""
        clouds = Supports.of(case, self.rows, rng)
        place, squares = balls.nearest(clouds.real, clouds.made)
        reached = squares <= balls.radii(clouds.real, self.neighbours)
        oddity = np.where(reached, support.oddity(clouds.made, clouds.made)[place], np.inf)
        shares = support.curve(oddity)
        value = float(support.agreement(shares))
        block = intervals.blocks(clouds.both.n, rng)
        left_out = [support.agreement(support.curve(oddity[block != b])) for b in range(int(block.max()) + 1)]
        variance = balls.TIMES * jackknife.variance(np.array(left_out))
        details = {"reached": float(reached.mean()), "curve": support.points(shares), "k": self.neighbours,
                   **clouds.note()}  # fmt: skip
        return Reading(value, intervals.normal(value, variance, (0.0, 1.0)), clouds.both.n, details)
