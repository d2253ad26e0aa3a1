"""What a sampler proves of the rows that it learnt from: a formal guarantee, with what it does not cover."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from mintmark.errors import LedgerError

ROW = "one row more or one row less"

UNCOVERED = (
    "Names, order and storage types of the columns, and whatever the recipe declares, count as public.",
    "The number of training rows is not hidden where the recipe leaves it open how many rows to make.",
    "What else is told of the real data is not covered: scores and plots of a report, digests in the ledger.",
    "A person with several rows loses more: the losses of the rows add up.",
    "Other releases from the same rows are not counted: their losses add up with this one.",
)


@dataclass(frozen=True)
class Guarantee:
    """(ε, δ)-differential privacy (Dwork et al. 2006) of all that a sampler holds, and so of any rows that it makes.

    A sampler that has one bears it as its attribute `guarantee`, and saves it with itself.
    """

    epsilon: float
    delta: float
    neighbours: str
    """How two tables differ that the guarantee makes hard to tell apart."""
    spent: tuple[tuple[str, float], ...] = ()
    """What each look at the real rows was for, and which part of the privacy budget it took."""
    uncovered: tuple[str, ...] = UNCOVERED
    """What is not covered, in plain sentences."""

    def __post_init__(self) -> None:
        sound = isfinite(self.epsilon) and self.epsilon >= 0 and 0 <= self.delta < 1 and bool(self.neighbours)
        if not sound:
            raise LedgerError("this is no guarantee", found=f"epsilon {self.epsilon}, delta {self.delta}")

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {
            "epsilon": self.epsilon,
            "delta": self.delta,
            "neighbours": self.neighbours,
            "spent": [{"what": what, "share": share} for what, share in self.spent],
            "uncovered": list(self.uncovered),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Guarantee":
        """The inverse of `to_json`; LedgerError where it is no guarantee."""
        spent = tuple((str(one["what"]), float(one["share"])) for one in body["spent"])
        uncovered = tuple(str(line) for line in body["uncovered"])
        return cls(float(body["epsilon"]), float(body["delta"]), str(body["neighbours"]), spent, uncovered)
