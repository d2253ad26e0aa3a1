"""Where a score stands between shuffled columns (0) and unseen real data (1): one scale for all questions."""

import math
from dataclasses import dataclass
from typing import Any, Literal

Ends = tuple[float, float]


@dataclass(frozen=True)
class Position:
    """A place on the scale with its 95 % interval: below 0 is worse than the floor, above 1 better than the ceiling."""

    value: float
    interval: Ends

    def to_json(self) -> dict[str, Any]:
        """As a finding writes it; an end that is not finite is null."""
        ends = [end if math.isfinite(end) else None for end in self.interval]
        return {"position": self.value, "position_interval": ends}


@dataclass(frozen=True)
class NoPosition:
    """Why there is no such place."""

    reason: str

    def to_json(self) -> dict[str, Any]:
        """As a finding writes it."""
        return {"position": None, "position_interval": None, "no_position": self.reason}


@dataclass(frozen=True)
class Point:
    """An estimate with its 95 % interval."""

    value: float
    interval: Ends

    @property
    def half(self) -> float:
        """The longer arm of the interval."""
        return max(self.value - self.interval[0], self.interval[1] - self.value)


def position(score: Point, floor: Point, ceiling: Point, better: Literal["lower", "higher"]) -> Position | NoPosition:
    """(score − floor) / (ceiling − floor): 1 is as good as real, whether lower or higher is better.

    The interval is Fieller's (1954): all θ for which score − θ · ceiling − (1 − θ) · floor may be 0. Its variance takes
    the three as independent; they share the reference rows, which makes it too wide rather than too narrow. Each arm of
    an interval stands for 1.96 standard errors, of the floor and the ceiling the longer one (Donner & Zou 2012).
    NoPosition where floor and ceiling cannot be told apart, for the quotient then has no end, or stand the wrong way.
    """
    span = ceiling.value - floor.value
    unsure = math.hypot(floor.half, ceiling.half)
    if not abs(span) > unsure:
        return NoPosition("shuffled columns and unseen real data cannot be told apart by this question")
    if (span < 0) != (better == "lower"):
        return NoPosition("shuffled columns do better than unseen real data under this question")
    below, above = score.value - score.interval[0], score.interval[1] - score.value
    if span < 0:
        below, above = above, below
    value = (score.value - floor.value) / span
    low = _end(value, below, floor.half, ceiling.half, abs(span), -1)
    high = _end(value, above, floor.half, ceiling.half, abs(span), 1)
    return Position(value, (min(value, low), max(value, high)))


def _end(value: float, arm: float, floor: float, ceiling: float, span: float, side: int) -> float:
    """The root of (value − θ)² = arm² + θ² ceiling² + (1 − θ)² floor² on that side, all arms in units of the span."""
    if not math.isfinite(arm):
        return side * math.inf
    arm, floor, ceiling = arm / span, floor / span, ceiling / span
    a = 1 - ceiling**2 - floor**2
    b = value - floor**2
    c = value**2 - arm**2 - floor**2
    return (b + side * math.sqrt(max(0.0, b * b - a * c))) / a
