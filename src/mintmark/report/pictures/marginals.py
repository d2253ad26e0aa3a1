"""Each column alone: how its values are spread in real and in synthetic rows."""

from collections.abc import Mapping

from mintmark.data.schema import Kind
from mintmark.report.pictures.amounts import amounts
from mintmark.report.pictures.levels import levels
from mintmark.report.pictures.pairing import Pair
from mintmark.report.pictures.picture import Picture


def marginal(pair: Pair, distances: Mapping[str, float]) -> Picture | None:
    """A histogram of a number or bars of a category; None for keys and free text, of which every value is one person's.

    `distances` are those that a metric measured; where it is silent, the distance is that of the bars.
    """
    if pair.column.kind in (Kind.KEY, Kind.TEXT):
        return None
    return amounts(pair, distances) if pair.column.numeric else levels(pair, distances)
