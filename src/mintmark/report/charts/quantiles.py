"""Quantiles of synthetic data against those of real data: on the line they are equal."""

from collections.abc import Callable, Sequence

import pygal
from markupsafe import Markup

from mintmark.report.charts.look import chart, drawn
from mintmark.report.numerals import ticks

Points = Sequence[tuple[float, float]]
"""(real, synthetic) quantiles."""


def quantiles(points: Points, *, says: str, form: Callable[[float], str]) -> Markup:
    """Dots for quantiles and the diagonal on which both are equal."""
    every = [value for point in points for value in point]
    low, high = min(every), max(every)
    spare = 0.04 * (high - low) or 0.5
    low, high = low - spare, high + spare
    graph = chart(pygal.XY, height=250, dots_size=3)
    graph.x_labels = graph.y_labels = [{"value": tick, "label": form(tick)} for tick in ticks(low, high, 4)]
    graph.xrange = graph.range = (low, high)
    graph.add("equal", [(low, low), (high, high)], show_dots=False)
    graph.add("quantiles", list(points), stroke=False)
    return drawn(graph, says, "quantiles")
