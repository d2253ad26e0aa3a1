"""Does every kind of model learn from synthetic rows what it learns from real ones, or only the one that was tried?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.exam import Result, resample
from mintmark.metrics.features import Floats
from mintmark.metrics.lesson import lesson, luck, some
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.multiplicity import holm
from mintmark.metrics.students import FAMILIES, unseen_columns


@dataclass(frozen=True)
class Families:
    """Each analyst has a favourite: trees, a linear model, neighbours. Whose model suffers most from synthetic rows?

    The value is the worst transfer ratio (m_TSTR − m₀) / (m_TRTR − m₀) among four families with fixed settings, hence
    the same tuning budget: gradient-boosted trees, extremely randomised trees, logistic or ridge regression, and
    nearest neighbours. All learn from the same n rows and are tested on the same unseen real rows, as in
    `utility.transfer`. A family that learns nothing from real rows is left out and named.

    The worst of several is low by chance alone, and the ceiling, which is the worst of as many, shows by how much.
    Interval: the simultaneous ones of all families (paired bootstrap of test rows, Bonferroni), of which the least ends
    are taken, so that they hold the least true ratio. Details adjust by Holm which families are worse than with real
    rows. The bootstrap has room for the luck of the training (`lesson.luck`). At most `rows` rows to learn from, and
    `test_rows` to be tested on.
    """

    rows: int = Field(5_000, ge=30)
    test_rows: int = Field(5_000, ge=30)
    resamples: int = Field(1000, ge=200)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The worst ratio; CannotMeasure without a target, or where no family learns anything from real rows."""
        given = lesson(case, cap=max(self.rows, self.test_rows), rng=rng)
        asked, unseen = given.exam, some(given.unseen, slice(self.test_rows))
        n = min(given.n, self.rows)
        weights = resample(len(unseen[1]), self.resamples, rng)
        found: dict[str, tuple[Result, Result]] = {}
        for name, student in FAMILIES.items():
            tstr, trtr = (
                asked.marked(student.answers(asked, some(rows, slice(n)), unseen[0], rng), unseen[1], weights)
                for rows in (given.made, given.real)
            )
            found[name] = tstr, trtr
        taught = {name: pair for name, pair in found.items() if np.quantile(pair[1].draws, 0.025) > asked.naive}
        if not taught:
            raise CannotMeasure("real rows teach no family of models the target: there is nothing to transfer")
        wide = luck(n, len(unseen[1]))
        ratios = {name: _ratio(*pair, asked.naive, wide) for name, pair in taught.items()}
        level = 1 - (1 - intervals.LEVEL) / len(ratios)
        ends = {name: intervals.percentile(value, draws, level) for name, (value, draws) in ratios.items()}
        details = {
            "families": _told(taught, ratios, ends),
            "learn_nothing_from_real_rows": [name for name in found if name not in taught],
            "train_rows": n,
            "columns_that_only_boosted_trees_see": unseen_columns(asked, given.made),
            **given.note(len(unseen[1])),
        }
        value = min(value for value, _ in ratios.values())
        return Reading(
            value, (min(low for low, _ in ends.values()), min(high for _, high in ends.values())), n, details
        )


def _ratio(tstr: Result, trtr: Result, naive: float, wide: float) -> tuple[float, Floats]:
    value = (tstr.value - naive) / (trtr.value - naive)
    return value, value + wide * ((tstr.draws - naive) / (trtr.draws - naive) - value)


def _told(
    taught: dict[str, tuple[Result, Result]], ratios: dict[str, tuple[float, Floats]], ends: dict[str, Interval]
) -> list[dict[str, Any]]:
    p = holm(np.array([(1 + np.count_nonzero(draws >= 1)) / (1 + len(draws)) for _, draws in ratios.values()]))
    return [
        {
            "family": name,
            "ratio": ratios[name][0],
            "interval": list(ends[name]),
            "tstr": pair[0].value,
            "trtr": pair[1].value,
            "p_worse": float(chance),
        }
        for (name, pair), chance in zip(taught.items(), p, strict=True)
    ]
