"""How well does a model that learnt from synthetic rows serve the group that it serves worst?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.explained import r2
from mintmark.metrics.features import Floats
from mintmark.metrics.gaps import SUPPORT
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.panel import Panel, panel

SHOWN = 50


@dataclass(frozen=True)
class WorstGroup:
    """A model that learnt from the synthetic rows serves real people well on average: whom does it serve worst?

    The value is the lowest score of any group on unseen real rows (TSTR): the ROC-AUC within the group (for several
    classes the mean over classes of one against the rest), or R² against the group's own mean; 1 is best. Groups are
    the levels of each sensitive column (numbers cut into quarters) and of each pair of them. The worst of many lies
    below the average by chance too, and a group may be hard to predict in reality: see the ceiling.

    Groups with fewer than 30 rows of a class are unknown. Interval: DeLong's variance of an AUC (or that of the rows'
    influences on R²), at a level raised for all groups (Bonferroni). It leaves out the luck of the training, and is so
    cautious that it covers 99 % with it, simulated.
    """

    claim: ClassVar[Claim] = Claim.FAIRNESS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, str] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The score of the worst group; details list the groups, the worst first.

        Raises CannotMeasure where no group is large enough.
        """
        asked = panel(case, (Role.SYNTHETIC,), rng)
        answers, y = asked.answers(Role.SYNTHETIC), asked.test[1]
        scored = []
        for family in asked.families:
            for place, label in enumerate(family.labels):
                inside = family.group == place
                score = _score(asked, answers[inside], y[inside])
                if score:
                    scored.append((score[0], score[1], label, int(inside.sum())))
        if not scored:
            raise CannotMeasure(f"no group has {SUPPORT} test rows of each class", found=f"{len(y)} test rows")
        scored.sort(key=lambda each: (each[0], each[2]))
        level = 1 - (1 - intervals.LEVEL) / len(scored)
        bounds = (0.0, 1.0) if asked.classes else (-np.inf, 1.0)
        ends = [intervals.normal(value, variance, bounds, level) for value, variance, _, _ in scored]
        details = {
            "score": asked.exam.score,
            "groups": [_told(*each, end) for each, end in zip(scored[:SHOWN], ends, strict=False)],
            "known_groups": len(scored),
            "level": level,
            **asked.note(),
        }
        low, high = (min(end[side] for end in ends) for side in (0, 1))
        return Reading(scored[0][0], (low, high), len(y), details)


def _score(asked: Panel, answers: Floats, y: Floats) -> tuple[float, float] | None:
    """The score within a group and its variance; None where it is unknown."""
    if not asked.classes:
        return r2(answers, y) if len(y) >= SUPPORT and y.var() > 0 else None
    told = answers[:, None] if asked.classes == 2 else answers
    parts = [
        roc.auc(told[y == code, place], told[y != code, place])
        for place, code in enumerate([1] if asked.classes == 2 else range(asked.classes))
        if _enough(y == code)
    ]
    if not parts:
        return None
    # Scores of several classes lean on the same rows: their errors are added up as if they went together.
    return float(np.mean([auc for auc, _ in parts])), float(np.mean([np.sqrt(var) for _, var in parts])) ** 2


def _enough(positive: NDArray[np.bool_]) -> bool:
    count = int(positive.sum())
    return min(count, len(positive) - count) >= SUPPORT


def _told(value: float, _: float, label: str, rows: int, ends: tuple[float, float]) -> dict[str, Any]:
    return {"group": label, "value": value, "interval": list(ends), "test_rows": round(rows, -1)}
