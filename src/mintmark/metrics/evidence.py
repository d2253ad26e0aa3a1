"""What was found out: a value with all that is needed to judge it, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from mintmark.metrics.position import NoPosition, Point, Position, position


class Claim(StrEnum):
    """What a question is about."""

    VALIDITY = "validity"
    FIDELITY = "fidelity"
    UTILITY = "utility"
    PRIVACY = "privacy"
    COVERAGE = "coverage"
    FAIRNESS = "fairness"
    SHORTCUTS = "shortcuts"
    PROVENANCE = "provenance"


Interval = tuple[float, float]


@dataclass(frozen=True)
class Reading:
    """What a metric knows: a value, its 95 % interval, and the number of rows behind it."""

    value: float
    interval: Interval
    n: int
    details: Mapping[str, Any] = field(default_factory=dict)
    """JSON values that explain the reading: which columns, which attack, which cap."""

    def __post_init__(self) -> None:
        low, high = self.interval
        if not low <= self.value <= high:
            raise ValueError(f"the value {self.value} lies outside its interval {self.interval}")


@dataclass(frozen=True)
class Evidence:
    """A reading beside what unseen real data and what independent columns score under the same question at equal n."""

    metric: str
    claim: Claim
    better: Literal["lower", "higher"]
    reading: Reading
    ceiling: Reading | None = None
    """The score of real data that no generator saw."""
    floor: Reading | None = None
    """The score of columns drawn independently of each other."""
    basis: Literal["measured", "proved", "traced"] = "measured"
    notes: tuple[str, ...] = ()
    """Caps, subsamples, and why a ceiling or floor is missing."""

    @property
    def value(self) -> float:
        """The value."""
        return self.reading.value

    @property
    def interval(self) -> Interval:
        """The 95 % interval."""
        return self.reading.interval

    @property
    def worst(self) -> float:
        """The end of the interval that speaks against the data: what the gate judges."""
        return self.interval[1] if self.better == "lower" else self.interval[0]

    @property
    def position(self) -> Position | NoPosition:
        """Where the value stands between floor (0) and ceiling (1): the one scale on which all metrics can be read."""
        if self.floor is None or self.ceiling is None:
            return NoPosition(f"there is no {'ceiling' if self.floor else 'floor'}")
        score, floor, ceiling = (Point(each.value, each.interval) for each in (self.reading, self.floor, self.ceiling))
        return position(score, floor, ceiling, self.better)

    def to_json(self) -> dict[str, Any]:
        """One finding, as every `--json` answer writes it."""
        return {
            "metric": self.metric,
            "claim": str(self.claim),
            "better": self.better,
            "value": self.value,
            "interval": list(self.interval),
            "n": self.reading.n,
            "ceiling": self.ceiling.value if self.ceiling else None,
            "ceiling_interval": list(self.ceiling.interval) if self.ceiling else None,
            "floor": self.floor.value if self.floor else None,
            "floor_interval": list(self.floor.interval) if self.floor else None,
            **self.position.to_json(),
            "basis": self.basis,
            "details": dict(self.reading.details),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class NoEvidence:
    """An answer that is missing says why."""

    metric: str
    claim: Claim | None
    reason: str

    def to_json(self) -> dict[str, Any]:
        """One finding, as every `--json` answer writes it."""
        return {"metric": self.metric, "claim": str(self.claim) if self.claim else None, "reason": self.reason}


Finding = Evidence | NoEvidence
