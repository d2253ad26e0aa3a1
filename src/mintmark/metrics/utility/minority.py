"""Is the rarest class of the target learnt from synthetic rows as well as from real ones?"""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, resampling
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import Exam, Labelled, resample
from mintmark.metrics.features import Floats
from mintmark.metrics.lesson import Lesson, lesson, luck, some
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.precision import average_precision


@dataclass(frozen=True)
class Minority:
    """A fraud team looks for the rare class and checks the cases that a model ranks highest: how many are real finds?

    The value is (AP_TSTR − π) / (AP_TRTR − π). AP is the average precision (area under the precision–recall curve) of
    the rarest class that has enough real rows, π its share of the unseen real rows, which is what chance scores. One
    model, gradient-boosted trees, learns from n synthetic rows, one from n real ones, and both are tested on the same
    unseen real rows. The ROC-AUC hides what happens at the top of the ranking where a class is rare (Davis & Goadrich
    2006); this does not. 1 means as good as real.

    Interval: paired bootstrap of test rows, bias-corrected and accelerated (BCa), for with few positives the ratio is
    skewed, and repeated rows flatter an average precision; with room for the luck of the training (`lesson.luck`). At
    most `rows` rows of each kind, drawn at random. A quantity has no classes, so no answer is given for it.
    """

    rows: int = Field(5_000, ge=100)
    resamples: int = Field(200, ge=100)
    support: int = Field(30, ge=10)
    """Fewest rows of the class, real to learn from and unseen to be tested on."""

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"rows": 50_000, "resamples": 2000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The ratio; CannotMeasure without classes or enough rows of one, or where real rows do not teach it."""
        given = lesson(case, cap=self.rows, rng=rng)
        rare = self._rare(given)
        n = given.n
        X, y = given.unseen
        hit = y == rare
        blocks = intervals.blocks(len(y), rng)
        left_out = (blocks != np.arange(int(blocks.max()) + 1)[:, None]).astype(np.float64)
        weights = np.concatenate([np.ones((1, len(y))), resample(len(y), self.resamples, rng), left_out])
        asked = replace(given.exam, classes=np.array([0.0, 1.0]))
        tstr, trtr = (
            average_precision(_answers(asked, some(rows, slice(n)), rare, X, rng), hit, weights)
            for rows in (given.made, given.real)
        )
        chance = np.maximum(weights @ hit, 1) / weights.sum(axis=1)
        if np.quantile((trtr - chance)[1 : self.resamples + 1], 0.025) <= 0:
            raise CannotMeasure(
                "real rows do not teach the rare class either: there is nothing to compare with",
                found=f"average precision {trtr[0]:.3f} where chance has {chance[0]:.3f}",
            )
        ratios = (tstr - chance) / (trtr - chance)
        value, wide = float(ratios[0]), luck(n, len(y))
        low, high = resampling.bca(value, ratios[1 : self.resamples + 1], ratios[self.resamples + 1 :])
        interval = value - wide * (value - low), value + wide * (high - value)
        details = {
            "class": _name(given.exam, rare),
            "share": float(chance[0]),
            "average_precision_tstr": float(tstr[0]),
            "average_precision_trtr": float(trtr[0]),
            "train_rows": n,
            **{key: value for key, value in given.note(len(y)).items() if key not in ("score", "naive")},
        }
        return Reading(value, interval, n, details)

    def _rare(self, given: Lesson) -> float:
        """The rarest class, counted 0, 1, …, that has enough real rows."""
        if given.exam.classes is None:
            raise CannotMeasure("the target is a quantity: there is no rare class")
        size = len(given.exam.classes)
        seen, unseen = (np.bincount(rows[1].astype(int), minlength=size) for rows in (given.real, given.unseen))
        enough = np.minimum(seen, unseen) >= self.support
        if enough.sum() < 1 or size < 2:
            raise CannotMeasure(f"no class has {self.support} real rows to learn from and {self.support} unseen ones")
        return float(np.argmin(np.where(enough, seen + unseen, np.inf)))


def _answers(asked: Exam, study: Labelled, rare: float, X: Floats, rng: np.random.Generator) -> Floats:
    return asked.answers((study[0], (study[1] == rare).astype(np.float64)), X, rng)


def _name(asked: Exam, rare: float) -> str:
    column = asked.space.columns[asked.place]
    assert asked.classes is not None
    code = float(asked.classes[int(rare)])
    return column.levels[int(code)] if column.discrete else f"{code:g}"
