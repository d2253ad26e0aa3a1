"""One score on one scale: its interval, the floor, the ceiling and the gate's bound, worse at the left, better at the
right."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mintmark.gate import Rule
from mintmark.metrics.evidence import Evidence
from mintmark.report.numerals import decimals, fixed, nice_step, numeral, ticks

MARGIN = 0.07
"""The share of the scale that is kept free at each end."""
SHORTEST = 0.01
"""A scale is at least so long, lest nothing look like something."""
TICKS = 4
MOST, LEAST = 6, 1e-6
"""Digits after the point that an interval may ask for, and the width below which it asks for none."""


@dataclass(frozen=True)
class Mark:
    """A place on the scale, in per cent of its width from the left, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True)
class Strip:
    """All that is drawn of a score; every position is a percentage of the width."""

    value: Mark
    interval: tuple[str, str]
    """What stands at the ends of the interval."""
    whisker: tuple[float, float]
    ticks: tuple[Mark, ...]
    bounds: tuple[Mark, ...]
    allowed: tuple[float, float] | None
    """Where the gate's rules let the whole interval lie."""
    floor: Mark | None
    ceiling: Mark | None
    decimals: int
    """Digits after the point of every number that belongs to this score."""


def strip(evidence: Evidence, rules: Iterable[Rule]) -> Strip:
    """Lays a score out on its scale, which always runs from worse to better."""
    own = [rule for rule in rules if rule.metric == evidence.metric]
    low, high = _ends(evidence, own)

    def at(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(100 * (1 - share if evidence.better == "lower" else share), 2)

    digits = _digits(evidence, own, high - low)

    def mark(value: float) -> Mark:
        return Mark(at(value), fixed(value, digits))

    ends = sorted((at(evidence.interval[0]), at(evidence.interval[1])))
    marks = ticks(low, high, TICKS)
    step = nice_step((high - low) / TICKS)
    return Strip(
        value=mark(evidence.value),
        interval=(fixed(evidence.interval[0], digits), fixed(evidence.interval[1], digits)),
        whisker=(ends[0], ends[1]),
        ticks=tuple(Mark(at(tick), numeral(tick, 3 if step > 0.002 * abs(tick) else 6)) for tick in marks),
        bounds=tuple(Mark(at(rule.bound), f"{rule.compare} {rule.bound:g}") for rule in own),
        allowed=_allowed([(rule.compare, at(rule.bound)) for rule in own], evidence.better),
        floor=mark(evidence.floor.value) if evidence.floor else None,
        ceiling=mark(evidence.ceiling.value) if evidence.ceiling else None,
        decimals=digits,
    )


def _digits(evidence: Evidence, rules: list[Rule], span: float) -> int:
    """Enough digits that both ends of the interval read apart, and none as if it lay on a bound that it misses."""
    width = evidence.interval[1] - evidence.interval[0]
    digits = max(decimals(span), min(MOST, decimals(1.2 * width) - 1) if LEAST < width < math.inf else 0)
    pairs = [(end, rule.bound) for rule in rules for end in evidence.interval if math.isfinite(end)]
    while digits < 8 and any(end != bound and fixed(end, digits) == fixed(bound, digits) for end, bound in pairs):
        digits += 1
    return digits


def _ends(evidence: Evidence, rules: list[Rule]) -> tuple[float, float]:
    points = [evidence.value, *evidence.interval, *(rule.bound for rule in rules)]
    points += [other.value for other in (evidence.floor, evidence.ceiling) if other]
    finite = [point for point in points if math.isfinite(point)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    short = max(SHORTEST, 0.001 * abs(high)) - (high - low)
    if short > 0:
        # Lengthened at the worse end, so that a perfect score stays at its edge.
        low, high = (low, high + short) if evidence.better == "lower" else (low - short, high)
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
