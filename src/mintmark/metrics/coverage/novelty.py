"""Do synthetic rows show as much that is new as fresh real rows do: neither copies nor inventions?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, combos, intervals
from mintmark.metrics.cells import Cut
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role

FEWEST = 10
"""New fresh rows, below which their share is too uncertain to be compared with."""


@dataclass(frozen=True)
class Novelty:
    """A reader who knows the training rows leafs through more: how often does something new turn up, as really it does?

    A row is new in a combination of `ways` columns (numbers cut into `bins`) if no training row lies in its cell. The
    share of new rows, averaged over combinations of columns, is taken for synthetic and for fresh real rows; their
    ratio is r. The value is min(r, 1 / r): 1 is best. Where r is below 1 the synthetic rows repeat what was learnt (0:
    nothing but that); where it is above 1 they hold combinations that reality does not. Details tell r and which it is.

    Interval: of the ratio on the log scale, with the variance over rows of both kinds (the delta method). It holds for
    the training rows and the combinations of columns at hand. A row may be new and impossible, and another old and well
    made: this is an average.
    """

    ways: int = Field(4, ge=1, le=8)
    bins: int = Field(5, ge=2, le=64)
    combinations: int = Field(100, ge=1)
    """Most combinations of columns; of more, that many are drawn at random."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"combinations": 1000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """How alike the shares of new rows are; CannotMeasure where fresh real rows show hardly anything new."""
        train, holdout, synthetic = (case.need(role) for role in (Role.TRAIN, Role.HOLDOUT, Role.SYNTHETIC))
        enough(synthetic=len(synthetic), train=len(train), holdout=len(holdout))
        space = Space.of(train, holdout, synthetic)
        X, fresh, made = (space.matrix(data) for data in (train, holdout, synthetic))
        cuts = [Cut.of(c, X[:, j], at=cells.evenly(self.bins), levels=100) for j, c in enumerate(space.columns)]
        new, asked = [np.zeros(len(fresh)), np.zeros(len(made))], 0
        for combo in combos.combos(cuts, (X, fresh, made), self.ways, self.combinations):
            unknown = combo.counts(0) == 0
            for rows, places in zip(new, combo.tables[1:], strict=True):
                rows += unknown[places]
            asked += 1
        theirs, ours = (rows / asked for rows in new)
        if np.count_nonzero(theirs) < FEWEST:
            raise CannotMeasure(
                f"too few fresh real rows show anything new: at least {FEWEST} are needed",
                found=f"{np.count_nonzero(theirs)} of {len(fresh)}",
            )
        ratio, ends = float(ours.mean() / theirs.mean()), _ratio(ours, theirs)
        details = {
            "ratio": ratio,
            "ratio_interval": list(ends),
            "new_synthetic": float(ours.mean()),
            "new_fresh": float(theirs.mean()),
            "meaning": _meaning(ends),
            "ways": min(self.ways, len(cuts)),
            "combinations": asked,
            **space.note(),
        }
        return Reading(_balance(ratio), _balances(*ends), min(len(made), len(fresh)), details)


def _ratio(ours: Floats, theirs: Floats) -> Interval:
    """Where no synthetic row is new the log has no value: the upper end is then the exact one of a share."""
    if not ours.any():
        return 0.0, intervals.proportion(0, len(ours))[1] / float(theirs.mean())
    logs = [float(rows.var(ddof=1)) / len(rows) / float(rows.mean()) ** 2 for rows in (ours, theirs)]
    found = float(np.log(ours.mean() / theirs.mean()))
    low, high = intervals.normal(found, sum(logs), (-50.0, 50.0))
    return float(np.exp(low)), float(np.exp(high))


def _meaning(ends: Interval) -> str:
    if ends[1] < 1:
        return "the synthetic rows repeat what was trained on"
    return "the synthetic rows hold combinations that reality does not" if ends[0] > 1 else "as new as fresh real rows"


def _balance(ratio: float) -> float:
    return min(ratio, 1 / ratio) if ratio > 0 else 0.0


def _balances(low: float, high: float) -> Interval:
    """The balance is greatest at ratio 1, and falls to either side."""
    ends = sorted((_balance(low), _balance(high)))
    return ends[0], 1.0 if low <= 1 <= high else ends[1]
