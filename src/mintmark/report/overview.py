"""All scores on one scale, from shuffled columns to unseen real data, so that they can be read side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Evidence
from mintmark.metrics.position import Position

LOW, HIGH = -0.25, 1.25
"""The scale's ends; what lies beyond is drawn at the edge."""


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

    floor = round(100 * -LOW / (HIGH - LOW), 2)
    ceiling = round(100 * (1 - LOW) / (HIGH - LOW), 2)


def overview(scores: Iterable[Evidence]) -> Overview:
    """Lays all scores out on the scale."""
    lines: list[Line] = []
    without: dict[str, tuple[str, ...]] = {}
    for evidence in scores:
        place = evidence.position
        if isinstance(place, Position):
            low, high = place.interval
            lines.append(Line(evidence.metric, evidence.claim, place, _at(place.value), (_at(low), _at(high))))
        else:
            without[place.reason] = (*without.get(place.reason, ()), evidence.metric)
    return Overview(tuple(lines), without)


def _at(value: float) -> float:
    return round(100 * (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW), 2)
