"""How far is the synthetic domain from the real one, for somebody who trains in one and works in the other?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.metrics import boosting, intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import sides


@dataclass(frozen=True)
class Gap:
    """Somebody will train on synthetic rows and work on real ones: how different do the two look to a learner?

    The value is the proxy A-distance 2 (1 − 2 ε), where ε is the error of gradient-boosted trees that tell synthetic
    rows from unseen real ones, on rows that they were not trained on: 0 where guessing is best, 2 where they never err.
    It bounds how much a model's error may grow on the way from one domain to the other (Ben-David et al. 2010). Chance
    leaves its mean at 0, so that a value may lie below.

    Interval: the exact binomial one of ε (Clopper & Pearson 1934), given the trees. A stronger learner may find more;
    the AUC of the same question, with the columns that tell, is `fidelity.detection`.
    """

    study: int = Field(2000, ge=15)
    """Most rows of each side that the trees learn from, and at most half of them."""
    rows: int = Field(6000, ge=30)
    """Most rows of each side."""

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"study": 25_000, "rows": 50_000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The proxy A-distance; details hold the error, the p-value against guessing, and who learnt from how many."""
        case.need(Role.HOLDOUT)
        both = sides(case, self.rows, rng)
        study = min(self.study, both.n // 2)
        real, made = (Z[rng.permutation(both.n)] for Z in (both.real, both.made))
        X, y = np.concatenate([real[:study], made[:study]]), np.repeat([0.0, 1.0], study)
        model = boosting.fit(X, y, categorical=both.space.categorical, task="binary", rng=rng)
        wrong = int((boosting.scores(model, real[study:]) > 0.5).sum())
        wrong += int((boosting.scores(model, made[study:]) <= 0.5).sum())
        tested = 2 * (both.n - study)
        low, high = intervals.proportion(wrong, tested)
        details = {
            "error": wrong / tested,
            "p_value": float(stats.binom.cdf(wrong, tested, 0.5)),
            "learnt_from": 2 * study,
            "tested_on": tested,
            **both.note(),
        }
        return Reading(_distance(wrong / tested), (_distance(high), _distance(low)), both.n, details)


def _distance(error: float) -> float:
    return 2 * (1 - 2 * error)
