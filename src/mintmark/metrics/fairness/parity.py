"""Would a model that learnt from synthetic rows decide alike about all groups of people?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.gaps import widest
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.panel import panel


@dataclass(frozen=True)
class Parity:
    """A bank trains on the synthetic rows and decides about real people: how far apart are the groups' rates of "yes"?

    The value is the demographic parity difference, max − min over groups of P(ŷ = 1) on unseen real rows; 0 is best.
    Groups are the levels of each sensitive column (numbers cut into quarters) and of each pair of them; the widest gap
    of any family counts. With one sensitive column that is `demographic_parity_difference` of fairlearn. Several
    classes are taken one by one; for a quantity it is the gap of mean predictions, in standard deviations of the real
    target. The model is boosted trees, sees the sensitive columns too, and decides for the likelier class.

    A gap may be in reality and no fault of the data: the ceiling shows what real rows teach, `fairness.amplification`
    the excess. Groups with fewer than 30 test rows are unknown. Interval: of each pair's difference (Newcombe 1998), at
    a level raised for all pairs (Bonferroni). It leaves out the luck of the training, and is so cautious that it covers
    99 % with it, simulated.
    """

    claim: ClassVar[Claim] = Claim.FAIRNESS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, str] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The widest gap; details name the two groups and the outcome between which it lies."""
        asked = panel(case, (Role.SYNTHETIC,), rng)
        gap = widest(asked.rates(asked.decisions(asked.answers(Role.SYNTHETIC))))
        unit = "share decided for" if asked.classes else "standard deviations of the real target"
        return Reading(
            gap.value, gap.interval, len(asked.test[1]), {"widest": gap.between, "unit": unit, **asked.note()}
        )
