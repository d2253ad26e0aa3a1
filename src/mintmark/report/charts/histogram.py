"""Two distributions of a number on common bins."""

from collections.abc import Sequence

import pygal
from markupsafe import Markup

from mintmark.report.charts.look import chart, drawn
from mintmark.report.numerals import numeral, percent, ticks

Heights = Sequence[float | None]
"""Shares of the rows in each bin; None is not drawn."""


def histogram(
    edges: Sequence[float], real: Heights | None, synthetic: Heights, *, labels: Sequence[tuple[float, str]], says: str
) -> Markup:
    """Real shares as filled bars and synthetic shares as an outline over them; `labels` stand along the axis."""
    graph = chart(pygal.Histogram)
    graph.x_labels = [{"value": at, "label": text} for at, text in labels]
    top = max((height for height in (*(real or ()), *synthetic) if height is not None), default=0.0) or 1.0
    graph.y_labels = [{"value": tick, "label": percent(tick)} for tick in ticks(0, top, 3)]
    graph.range = (0, top * 1.05)
    graph.add("real", _bars(edges, real or [None] * len(synthetic)))
    graph.add("synthetic", _bars(edges, synthetic))
    return drawn(graph, says, "pair", "histogram")


def axis(low: float, high: float) -> list[tuple[float, str]]:
    """Labels at round numbers."""
    return [(tick, numeral(tick)) for tick in ticks(low, high, 4)]


def _bars(edges: Sequence[float], heights: Heights) -> list[tuple[float | None, float, float]]:
    return [(height, low, high) for height, low, high in zip(heights, edges[:-1], edges[1:], strict=True)]
