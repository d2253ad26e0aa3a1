"""Lengths beside names: shares of categories and groups, importances, scores."""

from collections.abc import Callable, Mapping, Sequence

import pygal
from markupsafe import Markup

from mintmark.report.charts.look import chart, drawn
from mintmark.report.numerals import percent, ticks

ROOM = 0.25
"""The share of the width that is kept free for numbers beside single bars."""
LONGEST = 24
"""Characters of a name that are shown beside its bar."""


def bars(
    names: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    says: str,
    form: Callable[[float], str] = percent,
) -> Markup:
    """Horizontal bars, the first name at the top; None is not drawn. One series, or real and synthetic."""
    graph = chart(pygal.HorizontalBar, height=34 + (15 + 9 * len(series)) * len(names))
    # pygal counts rows from below.
    graph.x_labels = [short(name) for name in names][::-1]
    values = [value for line in series.values() for value in line if value is not None]
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0) or 1.0
    graph.y_labels = [{"value": tick, "label": form(tick)} for tick in ticks(low, high, 3)]
    if len(series) == 1:
        graph.print_values, graph.print_values_position, graph.value_formatter = True, "top", form
        high += ROOM * (high - low)
    graph.range = (low, high)
    for name, line in series.items():
        graph.add(name, list(line)[::-1])
    return drawn(graph, says, "pair" if len(series) == 2 else "single", "bars")


def short(name: str) -> str:
    """A name that fits beside a bar."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
