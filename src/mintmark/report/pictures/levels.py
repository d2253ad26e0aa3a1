"""A category in real and in synthetic rows: bars of its levels."""

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from mintmark.data import arrays
from mintmark.data.schema import Column, Kind
from mintmark.report.charts.bars import bars
from mintmark.report.pictures import sparing
from mintmark.report.pictures.pairing import Pair
from mintmark.report.pictures.picture import Picture

MOST = 8
"""Levels that have bars of their own."""

Counts = Mapping[str | None, int]


def levels(pair: Pair, distances: Mapping[str, float]) -> Picture:
    """Shares of the rows with each level, missing values among them; what is rare is taken together."""
    made, seen = _counted(pair.synthetic), _counted(pair.real)
    every = sorted({*made, *seen}, key=_by_name)
    shown = _order(pair.column, made, seen)[:MOST]
    rest = len(every) - len(shown)
    names = [_named(level) for level in shown] + ([f"{rest} other{'s' if rest > 1 else ''}"] if rest else [])
    apart = distances.get(pair.title)
    series: dict[str, list[float | None]] = {}
    if pair.real is not None:
        series["real"] = sparing.shares(_lumped(seen, shown, rest), max(1, len(pair.real)))
        if apart is None:
            apart = sparing.apart([made.get(level, 0) for level in every], [seen.get(level, 0) for level in every])
    series["synthetic"] = [count / max(1, len(pair.synthetic)) for count in _lumped(made, shown, rest)]
    return Picture(pair.title, partial(bars, names, series, says=pair.says(apart)), (), apart)


def _counted(values: pa.Array | None) -> dict[str | None, int]:
    if values is None:
        return {}
    counted = arrays.text(values).value_counts()
    return dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))


def _order(column: Column, made: Counts, seen: Counts) -> list[str | None]:
    """The levels that may be named, the most common first: those of at least ten real rows, and common inventions.

    A level of fewer real people is not named, though synthetic rows may hold it: that may be what gives them away.
    """
    named = {level for level in {*made, *seen} if seen.get(level, made.get(level, 0)) >= sparing.FEWEST}
    if column.kind == Kind.ORDERED and len(named) <= MOST:
        place = {level: index for index, level in enumerate(column.levels)}
        return sorted(named, key=lambda level: (place.get(level or "", len(place)), _by_name(level)))
    common = {level: _share(made, level) + _share(seen, level) for level in named}
    return sorted(named, key=lambda level: (-common[level], _by_name(level)))


def _share(counts: Counts, level: str | None) -> float:
    return counts.get(level, 0) / max(1, sum(counts.values()))


def _by_name(level: str | None) -> tuple[bool, str]:
    return level is None, level or ""


def _named(level: str | None) -> str:
    return "(missing)" if level is None else level or "(empty)"


def _lumped(counts: Counts, shown: list[str | None], rest: int) -> list[int]:
    others = sum(count for level, count in counts.items() if level not in shown)
    return [counts.get(level, 0) for level in shown] + ([others] if rest else [])
