"""One attack on people that were learnt from, and the same attack on people that were not: how much more succeeds?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Interval


@dataclass(frozen=True)
class Outcome:
    """Counts of an attack's successes (Giomi et al. 2023: attack, control and baseline)."""

    hits: int
    targets: int
    control_hits: int
    controls: int
    naive: float
    """The share of successes of an attacker who looks at no target."""

    @classmethod
    def of(cls, members: NDArray[np.bool_], others: NDArray[np.bool_], naive: float) -> "Outcome":
        """From the success of each attempt on a member and on somebody else."""
        return cls(int(members.sum()), len(members), int(others.sum()), len(others), naive)

    @property
    def excess(self) -> float:
        """Share of successes on members less that on others: what having been learnt from costs a person."""
        return self.hits / self.targets - self.control_hits / self.controls

    def interval(self, level: float = intervals.LEVEL) -> Interval:
        """Newcombe 1998, for the difference of two independent shares."""
        return intervals.difference(self.hits, self.targets, self.control_hits, self.controls, level)

    def to_json(self, level: float = intervals.LEVEL) -> dict[str, Any]:
        """Shares alone, so that no small count is told."""
        success, control = self.hits / self.targets, self.control_hits / self.controls
        return {
            "success": success,
            "control": control,
            "naive": self.naive,
            "excess": self.excess,
            "interval": list(self.interval(level)),
            "risk": max(0.0, self.excess / (1 - control)) if control < 1 else 0.0,
            "better_than_naive": success > self.naive,
        }


def worst(outcomes: dict[str, Outcome]) -> tuple[str, float, Interval, float]:
    """The greatest excess of several: its name, value, interval, and the level that makes up for choosing it.

    Bonferroni: at the raised level all intervals hold at once, and so do the greatest of their lower ends and the
    greatest of their upper ends for the greatest true excess.
    """
    level = 1 - (1 - intervals.LEVEL) / len(outcomes)
    ends = [each.interval(level) for each in outcomes.values()]
    name = max(outcomes, key=lambda key: outcomes[key].excess)
    return name, outcomes[name].excess, (max(low for low, _ in ends), max(high for _, high in ends)), level
