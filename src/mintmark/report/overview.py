"""All scores on one scale, from shuffled columns to unseen real data, so that they can be read side by side."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from mintmark.metrics.evidence import Claim, Evidence
from mintmark.metrics.position import Position

LOW, HIGH = -0.25, 1.25
"""The scale's ends; what lies beyond is drawn at the edge."""
ALPHA = 0.05
"""How often any score at all is called worse than unseen real data by chance."""


@dataclass(frozen=True)
class Line:
    """One score on the common scale; positions are per cent of its width from the left."""

    metric: str
    claim: Claim
    place: Position
    at: float
    whisker: tuple[float, float]

    @property
    def beyond(self) -> bool:
        """Does the value lie off the scale?"""
        return not LOW <= self.place.value <= HIGH


@dataclass(frozen=True)
class Overview:
    """The scores that have a place, in the order given, and why the others have none."""

    lines: tuple[Line, ...]
    without: dict[str, tuple[str, ...]]
    """Reasons, each with the metrics that it holds for."""
    worse: tuple[str, ...]
    """Of the metrics without a place, those that are surely worse than unseen real data: leaks have no other alarm."""

    floor = round(100 * -LOW / (HIGH - LOW), 2)
    ceiling = round(100 * (1 - LOW) / (HIGH - LOW), 2)


def overview(scores: Iterable[Evidence]) -> Overview:
    """Lays all scores out on the scale."""
    lines: list[Line] = []
    without: dict[str, tuple[str, ...]] = {}
    lost: list[Evidence] = []
    for evidence in scores:
        place = evidence.position
        if isinstance(place, Position):
            low, high = place.interval
            lines.append(Line(evidence.metric, evidence.claim, place, _at(place.value), (_at(low), _at(high))))
        else:
            without[place.reason] = (*without.get(place.reason, ()), evidence.metric)
            lost.append(evidence)
    return Overview(tuple(lines), without, tuple(each.metric for each in lost if _worse(each, len(lost))))


def _worse(evidence: Evidence, among: int) -> bool:
    """Is the score worse than the ceiling by more than chance, of so many that are looked at (Bonferroni)?

    Each arm of an interval stands for 1.96 standard errors; that both met the same reference makes it too careful.
    """
    if evidence.ceiling is None:
        return False
    sign = 1 if evidence.better == "lower" else -1
    ours, theirs = (evidence.interval[::sign], evidence.ceiling.interval[::sign])
    arms = math.hypot(evidence.value - ours[0], theirs[1] - evidence.ceiling.value)
    deviations = NormalDist().inv_cdf(1 - ALPHA / among) / NormalDist().inv_cdf(0.975)
    return sign * (evidence.value - evidence.ceiling.value) > deviations * arms


def _at(value: float) -> float:
    return round(100 * (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW), 2)
