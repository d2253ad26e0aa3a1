"""Are synthetic rows as typical and as odd as real rows are, level by level?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, jackknife, support
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.support import Supports


@dataclass(frozen=True)
class AlphaPrecision:
    """Real rows are sorted from the most typical to the oddest: do the synthetic ones fall among them evenly?

    The α-support is the ball about the centre of the real rows that holds a share α of them, among standardised
    principal components of ranks and levels. If the rows are alike it holds a share α of the synthetic ones too; the
    value is 1 − 2 ∫ |P(α) − α| dα over the shares P(α) that it does hold (integrated α-precision, Alaa et al. 2022). 1
    is best. Both rows that are all too typical and rows that are too odd lower it; details tell which: `mean_oddity` is
    the mean rank of the synthetic rows among the real, below ½ where they crowd about the centre. Only distances from
    the centre are compared, and not directions.

    Interval: normal, with the jackknife's variance over pairs of blocks.
    """

    rows: int = Field(10_000, ge=30)
    """Most rows of each side."""

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The agreement over all levels; details hold a few points of the curve."""
        clouds = Supports.of(case, self.rows, rng)
        oddity = support.oddity(clouds.made, clouds.real)
        shares = support.curve(oddity)
        value = float(support.agreement(shares))
        block = intervals.blocks(clouds.both.n, rng)
        left_out = [
            support.agreement(support.curve(support.oddity(clouds.made[block != b], clouds.real[block != b])))
            for b in range(int(block.max()) + 1)
        ]
        interval = intervals.normal(value, jackknife.variance(np.array(left_out)), (0.0, 1.0))
        details = {"mean_oddity": float(oddity.mean()), "curve": support.points(shares), **clouds.note()}
        return Reading(value, interval, clouds.both.n, details)
