"""Would an analyst who has only synthetic rows choose the model that is best in reality?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import Exam, Labelled, Result, resample
from mintmark.metrics.features import Floats
from mintmark.metrics.lesson import lesson, some
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.students import CANDIDATES, unseen_columns


@dataclass(frozen=True)
class Ranking:
    """An analyst compares seven models on synthetic rows alone and picks the winner; how much is lost by the choice?

    Each candidate learns from three quarters of the synthetic rows and is validated on the last; in reality it learns
    from as many real rows and is tested on unseen ones. The value is the regret (m_best − m_chosen) / (m_best − m₀):
    the share of what the really best candidate gains over the naive answer m₀ that is lost by taking the synthetic
    winner. 0 means that the choice was as good as one by real rows. Details hold both rankings and their agreement,
    Kendall's τ with the exact p-value that a ranking at random agrees as well (Kendall 1938).

    Interval: bootstrap of validation and test rows at once, the choice made anew in each draw. The candidates are fixed
    settings of four families, so a regret of 0 holds for these, and where all are alike there is little to regret. At
    most `rows` rows to learn from and `test_rows` to be tested on.
    """

    rows: int = Field(5_000, ge=60)
    test_rows: int = Field(5_000, ge=30)
    resamples: int = Field(500, ge=100)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The regret; CannotMeasure without a target, or where real rows teach it to no candidate."""
        given = lesson(case, cap=max(self.rows, self.test_rows), rng=rng)
        asked = given.exam
        n = min(given.n, self.rows)
        cut = n // 4
        study, validation = some(given.made, slice(cut, n)), some(given.made, slice(cut))
        unseen = some(given.unseen, slice(self.test_rows))
        inside = self._tried(asked, study, validation, rng)
        truth = self._tried(asked, some(given.real, slice(cut, n)), unseen, rng)
        best = max(truth, key=lambda name: truth[name].value)
        given.teaches(truth[best])
        chosen = max(inside, key=lambda name: inside[name].value)
        value = (truth[best].value - truth[chosen].value) / (truth[best].value - asked.naive)
        draws = _regrets(inside, truth, best, asked.naive)
        agreement = stats.kendalltau(*([each[name].value for name in CANDIDATES] for each in (inside, truth)))
        known = bool(np.isfinite(agreement.statistic))
        details = {
            "chosen": chosen,
            "best": best,
            "by_synthetic_rows": {name: result.value for name, result in inside.items()},
            "by_real_rows": {name: result.value for name, result in truth.items()},
            "kendall": float(agreement.statistic) if known else None,
            "p_value": float(agreement.pvalue) if known else None,
            "train_rows": n - cut,
            "validation_rows": cut,
            "columns_that_only_boosted_trees_see": unseen_columns(asked, given.made),
            **given.note(len(unseen[1])),
        }
        return Reading(value, intervals.percentile(value, draws), n, details)

    def _tried(self, asked: Exam, study: Labelled, test: Labelled, rng: np.random.Generator) -> dict[str, Result]:
        weights = resample(len(test[1]), self.resamples, rng)
        return {
            name: asked.marked(student.answers(asked, study, test[0], rng), test[1], weights)
            for name, student in CANDIDATES.items()
        }


def _regrets(inside: dict[str, Result], truth: dict[str, Result], best: str, naive: float) -> Floats:
    """The regret in each draw, shape (draws,); below 0 the chosen one is taken for as good as the best."""
    picked = np.argmax([result.draws for result in inside.values()], axis=0)
    marks = np.array([truth[name].draws for name in inside])
    top = truth[best].draws
    return np.maximum(0.0, (top - marks[picked, np.arange(len(top))]) / (top - naive))
