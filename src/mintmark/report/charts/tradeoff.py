"""Two scores against each other, with their intervals: better is to the right and further up, whatever is better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pygal
from markupsafe import Markup

from mintmark.report.charts.look import chart, drawn
from mintmark.report.numerals import numeral, ticks

SPARE = 0.08
"""The share of each axis that is kept free at its ends."""
SHORTEST = 0.01
"""An axis is at least so long, lest nothing look like something."""
Ends = tuple[float, float]


@dataclass(frozen=True)
class Score:
    """A value with its interval, and which way is better."""

    value: float
    interval: Ends
    better: Literal["lower", "higher"]


@dataclass(frozen=True)
class Dot:
    """One who is compared."""

    sign: str
    """A character or two that stand beside the dot."""
    across: Score
    up: Score
    front: bool


def tradeoff(dots: Sequence[Dot], *, says: str) -> Markup:
    """Dots with a whisker for each interval; those on the front are filled. One dot or more."""
    graph = chart(pygal.XY, width=560, height=340, dots_size=5, print_labels=True, allow_interruptions=True)
    graph.x_labels, graph.xrange = _axis([dot.across for dot in dots])
    graph.y_labels, graph.range = _axis([dot.up for dot in dots])
    whiskers: list[tuple[float | None, float | None]] = []
    for dot in dots:
        (left, right), (low, high) = _whisker(dot.across, graph.xrange), _whisker(dot.up, graph.range)
        x, y = _at(dot.across.value, dot.across), _at(dot.up.value, dot.up)
        whiskers += [(left, y), (right, y), (None, None), (x, low), (x, high), (None, None)]
    graph.add("intervals", whiskers, show_dots=False)
    for name, front in (("beaten", False), ("front", True)):
        graph.add(name, [_placed(dot) for dot in dots if dot.front == front], stroke=False)
    return drawn(graph, says, "tradeoff")


def _placed(dot: Dot) -> dict[str, object]:
    return {"value": (_at(dot.across.value, dot.across), _at(dot.up.value, dot.up)), "label": dot.sign}


def _at(value: float, score: Score) -> float:
    """pygal draws no axis that runs backwards: what is better low is drawn as its negative, with its own numbers."""
    return -value if score.better == "lower" else value


def _axis(scores: Sequence[Score]) -> tuple[list[dict[str, object]], Ends]:
    """Labels and ends of an axis; an interval without end leaves it at the edge."""
    finite = [end for score in scores for end in (score.value, *score.interval) if abs(end) != float("inf")]
    low, high = min(finite), max(finite)
    spare = max(SPARE * (high - low), (SHORTEST - (high - low)) / 2)
    low, high = low - spare, high + spare
    sign = -1.0 if scores[0].better == "lower" else 1.0
    labels: list[dict[str, object]] = [{"value": sign * tick, "label": numeral(tick)} for tick in ticks(low, high, 5)]
    return labels, (min(sign * low, sign * high), max(sign * low, sign * high))


def _whisker(score: Score, ends: Ends) -> Ends:
    low, high = sorted(min(max(_at(end, score), ends[0]), ends[1]) for end in score.interval)
    return low, high
