"""Would a model that learnt from synthetic rows err alike about all groups of people?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.gaps import Rates, widest
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.panel import Panel, panel


@dataclass(frozen=True)
class Odds:
    """Two people deserve the same answer and belong to different groups: is one of them more often told wrong?

    A model that learnt from the synthetic rows decides about unseen real people. The value is the equalised odds
    difference (Hardt, Price & Srebro 2016): the wider of the gaps, max − min over groups, of the true-positive rate
    P(ŷ = 1 | y = 1) and of the false-positive rate P(ŷ = 1 | y = 0); 0 is best. Groups are the levels of each sensitive
    column (numbers cut into quarters) and of each pair of them; with one sensitive column that is
    `equalized_odds_difference` of fairlearn. Several classes are taken one against the rest; for a quantity it is the
    gap of mean errors, in standard deviations of the real target. The model is that of `fairness.parity`.

    Groups with fewer than 30 rows of a class are unknown there. Interval: of each pair's difference (Newcombe 1998), at
    a level raised for all pairs (Bonferroni). It leaves out the luck of the training, and is so cautious that it covers
    99 % with it, simulated. The truth that it measures errors by may itself be unjust.
    """

    claim: ClassVar[Claim] = Claim.FAIRNESS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, str] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The widest gap; details name the two groups and the rate between which it lies."""
        asked = panel(case, (Role.SYNTHETIC,), rng)
        gap = widest(_rates(asked))
        unit = "share decided for" if asked.classes else "standard deviations of the real target"
        return Reading(
            gap.value, gap.interval, len(asked.test[1]), {"widest": gap.between, "unit": unit, **asked.note()}
        )


def _rates(asked: Panel) -> list[Rates]:
    """The rates of right and of false alarms, or the mean errors."""
    decided, truth = asked.decisions(asked.answers(Role.SYNTHETIC)), asked.truth
    if not asked.classes:
        return asked.rates(decided - truth, outcomes=("mean error",))
    names = [f"{kind} rate of {name}" for kind in ("true-positive", "false-positive") for name in asked.outcomes]
    return asked.rates(np.hstack([decided, decided]), np.hstack([truth, 1 - truth]), tuple(names))
