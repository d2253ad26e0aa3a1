"""The outermost values of numbers: are extremes as far out as in reality?"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from mintmark.data import arrays
from mintmark.data.arrays import Floats
from mintmark.data.schema import TEMPORAL
from mintmark.report.charts.quantiles import Points, quantiles
from mintmark.report.numerals import numeral, percent
from mintmark.report.pictures import sparing
from mintmark.report.pictures.pairing import Pair, quantities
from mintmark.report.pictures.picture import Picture

OUTER = 0.01
"""The share of the rows at each end that makes the tail."""
WIDEST = 0.1
POINTS = 8
"""Dots for each tail."""
DISTINCT = 20
"""A number with fewer values has no tail worth a picture."""


def tails(pairs: Iterable[Pair], most: int = 6) -> list[Picture]:
    """Quantiles of both tails, synthetic against real, furthest apart first.

    Each dot is the mean of at least ten neighbouring real values: no value of one person is shown.
    """
    found = [picture for pair in pairs for picture in _tail(pair)]
    return sorted(found, key=lambda picture: (-(picture.distance or 0), picture.title))[:most]


def _tail(pair: Pair) -> Iterator[Picture]:
    column = pair.column
    if pair.real is None or not column.numeric or column.kind in TEMPORAL:
        return
    real, made = (np.sort(quantities(arrays.numbers(values, column), column)) for values in (pair.real, pair.synthetic))
    outer = max(OUTER, 2 * sparing.FEWEST / max(1, len(real)))
    if outer > WIDEST or len(made) < sparing.FEWEST or len(np.unique(real)) < DISTINCT:
        return
    points = _points(real, made, outer)
    spread = float(np.subtract(*np.quantile(real, [0.99, 0.01]))) or 1.0
    distance = float(np.mean([min(1.0, abs(x - y) / spread) for x, y in points]))
    says = f"The outer {percent(outer)} of {pair.title} at each end, synthetic against real"
    yield Picture(pair.title, partial(quantiles, points, says=says, form=numeral), (_told(points, outer),), distance)


def _points(real: Floats, made: Floats, outer: float) -> Points:
    count = int(outer * len(real))
    blocks = min(POINTS, count // sparing.FEWEST)
    cuts = np.linspace(0, outer, blocks + 1)
    ends = [*pairwise(cuts), *pairwise(1 - cuts[::-1])]
    return [(_mean(real, low, high), _mean(made, low, high)) for low, high in ends]


def _mean(values: Floats, low: float, high: float) -> float:
    """The mean of the values between two ranks, and of one at least."""
    first = min(round(low * len(values)), len(values) - 1)
    return float(values[first : max(first + 1, round(high * len(values)))].mean())


def _told(points: Points, outer: float) -> str:
    (low_real, low_made), (high_real, high_made) = points[0], points[-1]
    return (
        f"Outer {percent(outer)} at each end. Lowest dot: real {numeral(low_real)}, synthetic {numeral(low_made)}; "
        f"highest: real {numeral(high_real)}, synthetic {numeral(high_made)}."
    )
