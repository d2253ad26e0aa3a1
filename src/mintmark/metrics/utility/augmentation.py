"""Does adding the synthetic rows to the real ones make a better model of unseen real people?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import resample
from mintmark.metrics.lesson import both, lesson, luck, some
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Augmentation:
    """An analyst has the real rows, but too few, and adds as many synthetic ones: was it worth it?

    The value is the gain m_TR+S − m_TR: the score on unseen real rows of gradient-boosted trees that learnt from n real
    and n synthetic rows, less that of the same trees on the n real rows alone. 0 means that nothing was gained, less
    that the synthetic rows did harm. The ceiling adds n fresh real rows instead: no synthetic data can be expected to
    gain more, and where even those gain nothing, the real rows were enough. m is the ROC-AUC (several classes: mean of
    one against the rest) or R². A generator that learnt from the same real rows knows nothing that they do not say, so
    what it can add is smoothness, or whatever its assumptions add.

    Interval: paired bootstrap of test rows, with room for the luck of the training (`lesson.luck`). At most `rows` real
    rows and as many synthetic ones, and `test_rows` unseen rows, all drawn at random.
    """

    rows: int = Field(5_000, ge=30)
    test_rows: int = Field(5_000, ge=30)
    resamples: int = Field(200, ge=100)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"rows": 50_000, "test_rows": 50_000, "resamples": 1000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The gain; CannotMeasure without a target, or where real rows, synthetic ones added or not, teach nothing."""
        given = lesson(case, cap=max(self.rows, self.test_rows), rng=rng)
        n = min(given.n, self.rows)
        unseen = some(given.unseen, slice(self.test_rows))
        real, made = some(given.real, slice(n)), some(given.made, slice(n))
        weights = resample(len(unseen[1]), self.resamples, rng)
        alone = given.exam.sit(real, unseen, weights, rng)
        joined = given.exam.sit(both(real, made), unseen, weights, rng)
        given.teaches(max(alone, joined, key=lambda result: result.value))
        value = joined.value - alone.value
        wide = luck(n, len(unseen[1]))
        interval = intervals.percentile(value, value + wide * (joined.draws - alone.draws - value))
        details = {
            "real_alone": alone.to_json(),
            "real_and_synthetic": joined.to_json(),
            "real_rows": n,
            "synthetic_rows": n,
            **given.note(len(unseen[1])),
        }
        return Reading(value, interval, n, details)
