"""What share of the real rows may be replaced by synthetic ones before a model gets worse?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import Result, resample
from mintmark.metrics.lesson import both, lesson, luck, some
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.multiplicity import holm

SHARES = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Curve:
    """A data owner releases synthetic rows in place of some of the real ones: from which share on does that cost?

    Gradient-boosted trees learn from n rows of which a share s = 0, ¼, ½, ¾ or 1 is synthetic and the rest real, and
    are tested on the same unseen real rows. The value is the mean over s > 0 of (m_s − m₀) / (m_0 % − m₀), the height
    of the learning curve in units of what real rows alone teach; 1 means that nothing is lost at any share. m is the
    ROC-AUC (several classes: mean of one against the rest; m₀ = 0.5) or R² (m₀ = 0). Details hold the curve, and the
    smallest share that costs something, adjusted by Holm for the four shares tried.

    Interval: paired bootstrap of test rows, with room for the luck of the training (`lesson.luck`). At most `rows` rows
    to learn from and `test_rows` to be tested on, drawn at random.
    """

    rows: int = Field(20_000, ge=60)
    test_rows: int = Field(20_000, ge=30)
    resamples: int = Field(1000, ge=200)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean height of the curve; CannotMeasure without a target, or where real rows do not teach it."""
        given = lesson(case, cap=max(self.rows, self.test_rows), rng=rng)
        naive, n = given.exam.naive, min(given.n, self.rows)
        unseen = some(given.unseen, slice(self.test_rows))
        weights = resample(len(unseen[1]), self.resamples, rng)
        results: list[Result] = []
        for share in (0.0, *SHARES):
            made = round(share * n)
            study = both(some(given.made, slice(made)), some(given.real, slice(n - made)))
            results.append(given.exam.sit(study, unseen, weights, rng))
        real, mixed = results[0], results[1:]
        given.teaches(real)
        found = np.array([(each.value - naive) / (real.value - naive) for each in mixed])
        heights = np.array([(each.draws - naive) / (real.draws - naive) for each in mixed])
        heights = found[:, None] + luck(n, len(unseen[1])) * (heights - found[:, None])
        value = float(found.mean())
        p = holm((1 + np.count_nonzero(heights >= 1, axis=1)) / (1 + heights.shape[1]))
        costly = [share for share, chance in zip(SHARES, p, strict=True) if chance <= 0.05]
        details = {
            "curve": [{"share": share, **each.to_json()} for share, each in zip((0.0, *SHARES), results, strict=True)],
            "p_worse": dict(zip(map(str, SHARES), p.tolist(), strict=True)),
            "costs_from": costly[0] if costly else None,
            "train_rows": n,
            **given.note(len(unseen[1])),
        }
        return Reading(value, intervals.percentile(value, heights.mean(axis=0)), n, details)
