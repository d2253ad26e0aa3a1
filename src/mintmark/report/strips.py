"""One score on one scale: its interval, the floor, the ceiling and the gate's bound, worse at the left, better at the
right."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mintmark.gate import Rule
from mintmark.metrics.evidence import Evidence
from mintmark.report.numerals import numeral, ticks

MARGIN = 0.07
"""The share of the scale that is kept free at each end."""


@dataclass(frozen=True)
class Mark:
    """A place on the scale, in per cent of its width from the left, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Strip:
    """All that is drawn of a score; every position is a percentage of the width."""

    value: Mark
    whisker: tuple[float, float]
    ticks: tuple[Mark, ...]
    bounds: tuple[Mark, ...]
    allowed: tuple[float, float] | None
    """Where the gate's rules let the whole interval lie."""
    floor: Mark | None
    ceiling: Mark | None


def strip(evidence: Evidence, rules: Iterable[Rule]) -> Strip:
    """Lays a score out on its scale, which always runs from worse to better."""
    own = [rule for rule in rules if rule.metric == evidence.metric]
    low, high = _ends(evidence, own)

    def at(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(100 * (1 - share if evidence.better == "lower" else share), 2)

    ends = sorted((at(evidence.interval[0]), at(evidence.interval[1])))
    return Strip(
        value=Mark(at(evidence.value), numeral(evidence.value)),
        whisker=(ends[0], ends[1]),
        ticks=tuple(Mark(at(tick), numeral(tick)) for tick in ticks(low, high)),
        bounds=tuple(Mark(at(rule.bound), f"{rule.compare} {rule.bound:g}") for rule in own),
        allowed=_allowed([(rule.compare, at(rule.bound)) for rule in own], evidence.better),
        floor=Mark(at(evidence.floor.value), numeral(evidence.floor.value)) if evidence.floor else None,
        ceiling=Mark(at(evidence.ceiling.value), numeral(evidence.ceiling.value)) if evidence.ceiling else None,
    )


def _ends(evidence: Evidence, rules: list[Rule]) -> tuple[float, float]:
    points = [evidence.value, *evidence.interval, *(rule.bound for rule in rules)]
    points += [other.value for other in (evidence.floor, evidence.ceiling) if other]
    finite = [point for point in points if math.isfinite(point)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if high - low < 1e-12 + 1e-6 * abs(high):
        low, high = low - max(0.05, 0.05 * abs(low)), high + max(0.05, 0.05 * abs(high))
    spare = MARGIN * (high - low)
    return low - spare, high + spare


def _allowed(bounds: list[tuple[str, float]], better: str) -> tuple[float, float] | None:
    """The stretch on which every rule holds; None without rules, or where they exclude each other."""
    if not bounds:
        return None
    left, right = 0.0, 100.0
    for compare, at in bounds:
        # The scale is turned round where lower is better, so "at most" may mean either side.
        if compare.startswith("<") == (better == "lower"):
            left = max(left, at)
        else:
            right = min(right, at)
    return (left, right) if left < right else None
