"""Does a model that learnt from real rows recognise their rule in the synthetic ones?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.exam import resample
from mintmark.metrics.lesson import lesson, some
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Reverse:
    """A model in service, trained on real people, meets the synthetic rows: do its answers hold there as well?

    One model, gradient-boosted trees trained on real rows, is tested on synthetic rows (TRTS) and on equally many
    unseen real ones (TRTR; Esteban, Hyland & Rätsch 2017). With ρ = (m_TRTS − m₀) / (m_TRTR − m₀), the value is ρ up
    to 1 and 1/ρ beyond. Near 1 the synthetic targets follow from their features as real ones do. ρ below 1: labels are
    blurred, or features implausible; above 1: the rows are easier than reality, a sign of narrowing. m is the ROC-AUC
    (several classes: mean of one against the rest; m₀ = 0.5) or R² (m₀ = 0). One clear row per class, repeated, does
    well if its ease happens to be that of reality: read it beside `utility.transfer`.

    Interval: bootstrap of both test tables, on ρ. It leaves out the luck of the training, which both tests share:
    simulated with fresh rows, it covers 1 in 92 % of cases. At most `rows` rows of each kind, drawn at random.
    """

    rows: int = Field(5_000, ge=30)
    resamples: int = Field(200, ge=100)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"rows": 50_000, "resamples": 1000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The folded ratio; CannotMeasure without a target, or where real rows do not teach it."""
        given = lesson(case, cap=self.rows, rng=rng)
        asked = given.exam
        n = min(len(given.made[1]), len(given.unseen[1]))
        tests = some(given.made, slice(n)), some(given.unseen, slice(n))
        said = asked.answers(given.real, np.concatenate([X for X, _ in tests]), rng)
        weights = [resample(n, self.resamples, rng) for _ in tests]
        trts, trtr = (
            asked.marked(part, y, each) for part, (_, y), each in zip((said[:n], said[n:]), tests, weights, strict=True)
        )
        given.teaches(trtr)
        ratio = (trts.value - asked.naive) / (trtr.value - asked.naive)
        ends = intervals.percentile(ratio, (trts.draws - asked.naive) / (trtr.draws - asked.naive))
        details = {
            "ratio": ratio,
            "ratio_interval": list(ends),
            "trts": trts.to_json(),
            "trtr": trtr.to_json(),
            "train_rows": len(given.real[1]),
            **given.note(n),
        }
        return Reading(_fold(ratio), _folded(ends), n, details)


def _fold(ratio: float) -> float:
    return ratio if ratio <= 1 else 1 / ratio


def _folded(ends: Interval) -> Interval:
    low, high = _fold(ends[0]), _fold(ends[1])
    return min(low, high), 1.0 if ends[0] <= 1 <= ends[1] else max(low, high)
