"""Each column alone: how its values are spread in real and in synthetic rows."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.arrays import Floats
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.report.charts.bars import bars
from mintmark.report.charts.histogram import axis, histogram
from mintmark.report.numerals import nice_step, numeral, percent
from mintmark.report.pictures import sparing
from mintmark.report.pictures.pairing import Pair, quantities
from mintmark.report.pictures.picture import Picture

BINS = 20
MOST_LEVELS = 8
"""Categories that have bars of their own."""


def marginal(pair: Pair, distances: Mapping[str, float]) -> Picture | None:
    """A histogram of a number or bars of a category; None for keys and free text, of which every value is one person's.

    `distances` are those that a metric measured; where it is silent, the distance is that of the bars.
    """
    if pair.column.kind in (Kind.KEY, Kind.TEXT):
        return None
    return _of_numbers(pair, distances) if pair.column.numeric else _of_levels(pair, distances)


def _of_levels(pair: Pair, distances: Mapping[str, float]) -> Picture:
    made, seen = _counted(pair.synthetic), _counted(pair.real)
    order = _order(pair.column, made, seen)
    shown, rest = order[:MOST_LEVELS], order[MOST_LEVELS:]
    names = [_named(level) for level in shown] + ([f"{len(rest)} others"] if rest else [])

    def lumped(counts: Mapping[str | None, int]) -> list[int]:
        lump = [sum(count for level, count in counts.items() if level not in shown)]
        return [counts.get(level, 0) for level in shown] + (lump if rest else [])

    total = max(1, len(pair.synthetic))
    synthetic = [count / total for count in lumped(made)]
    levels = sorted({*made, *seen}, key=_by_name)
    apart = _apart([made.get(x, 0) for x in levels], [seen.get(x, 0) for x in levels]) if pair.real else None
    apart = distances.get(pair.title, apart)
    series: dict[str, list[float | None]] = {"synthetic": list(synthetic)}
    if pair.real is not None:
        series = {"real": sparing.shares(lumped(seen), len(pair.real)), **series}
    return Picture(pair.title, bars(names, series, says=_says(pair, apart)), (), apart)


def _counted(values: pa.Array | None) -> dict[str | None, int]:
    if values is None:
        return {}
    counted = arrays.text(values).value_counts()
    return dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))


def _order(column: Column, made: Mapping[str | None, int], seen: Mapping[str | None, int]) -> list[str | None]:
    """The levels that may be named: those that synthetic rows hold, and those of at least ten real rows."""
    named = {*made, *(level for level, count in seen.items() if count >= sparing.FEWEST)}
    if column.kind == Kind.ORDERED and len(named) <= MOST_LEVELS + 1:
        place = {level: index for index, level in enumerate(column.levels)}
        return sorted(named, key=lambda level: (place.get(level or "", len(place)), _by_name(level)))
    total = {level: made.get(level, 0) / max(1, sum(made.values())) for level in named}
    common = {level: total[level] + seen.get(level, 0) / max(1, sum(seen.values())) for level in named}
    return sorted(named, key=lambda level: (-common[level], _by_name(level)))


def _by_name(level: str | None) -> tuple[bool, str]:
    return level is None, level or ""


def _named(level: str | None) -> str:
    return "(missing)" if level is None else level or "(empty)"


def _of_numbers(pair: Pair, distances: Mapping[str, float]) -> Picture:
    column = pair.column
    made = arrays.numbers(pair.synthetic, column)
    seen = arrays.numbers(pair.real, column) if pair.real is not None else np.empty(0)
    made_inner, seen_inner = quantities(made, column), quantities(seen, column)
    edges = _edges(_ends(made_inner, seen_inner), column)
    made_bins, seen_bins = np.histogram(made_inner, edges)[0], np.histogram(seen_inner, edges)[0]
    apart = None
    if len(seen):
        apart = _apart([*made_bins, len(made) - made_bins.sum()], [*seen_bins, len(seen) - seen_bins.sum()])
    apart = distances.get(pair.title, apart)
    picture = histogram(
        list(edges),
        sparing.shares(seen_bins.tolist(), len(seen)) if len(seen) else None,
        [int(count) / max(1, len(made)) for count in made_bins],
        labels=_labels(edges, column),
        says=_says(pair, apart),
    )
    return Picture(pair.title, picture, _notes(made, seen, edges, column), apart)


def _ends(*parts: Floats) -> tuple[float, float]:
    """Where the picture ends: 1 % of the values, and at least ten of them, lie beyond, so that no extreme is shown."""
    lows, highs = [], []
    for values in parts:
        beyond = max(sparing.FEWEST, len(values) // 100)
        if len(values) > 2 * beyond:
            inner = np.partition(values, (beyond, len(values) - 1 - beyond))
            lows.append(inner[beyond])
            highs.append(inner[len(values) - 1 - beyond])
    return (float(min(lows)), float(max(highs))) if lows else (0.0, 1.0)


def _edges(ends: tuple[float, float], column: Column) -> Floats:
    low, high = ends
    if column.kind in TEMPORAL:
        return np.linspace(low, max(high, low + 1), BINS + 1)
    # Far from zero, steps below the precision of a float64 would stand still.
    step = nice_step(max((high - low) / BINS, 1e-9 * abs(low), 1e-9 * abs(high)))
    if column.decimals is not None:
        grid = 10.0**-column.decimals
        step = max(grid, np.ceil(step / grid - 1e-9) * grid)
        if step == grid:
            low, high = low - grid / 2, high + grid / 2
            return low + step * np.arange(round((high - low) / step) + 1)
    first, last = np.floor(low / step), max(np.ceil(high / step), np.floor(low / step) + 1)
    return np.asarray(step * np.arange(first, last + 1), dtype=np.float64)


def _labels(edges: Floats, column: Column) -> list[tuple[float, str]]:
    if column.kind not in TEMPORAL:
        return axis(float(edges[0]), float(edges[-1]))
    places = edges[[2, BINS // 2, -3]]
    words = arrays.text(arrays.from_numbers(np.rint(places), column)).to_pylist()
    return [(float(place), _brief(str(word))) for place, word in zip(places, words, strict=True)]


def _brief(moment: str) -> str:
    """A date without its time of day, or a time without its fraction."""
    return moment[:10] if "-" in moment[1:] else moment.partition(".")[0]


def _notes(made: Floats, seen: Floats, edges: Floats, column: Column) -> tuple[str, ...]:
    counted = [("Missing", np.isnan(made), np.isnan(seen))]
    counted += [(f"Code {numeral(code)}", made == code, seen == code) for code in column.specials]
    outside = [(quantities(part, column) < edges[0]).sum() + (quantities(part, column) > edges[-1]).sum()
               for part in (made, seen)]  # fmt: skip
    notes = [
        _both(what, int(a.sum()), len(made), int(b.sum()), len(seen)) for what, a, b in counted if a.any() or b.any()
    ]
    if any(outside):
        notes.append(_both("Beyond the picture", int(outside[0]), len(made), int(outside[1]), len(seen)))
    return tuple(notes)


def _both(what: str, made: int, made_total: int, seen: int, seen_total: int) -> str:
    real = sparing.share(seen, seen_total) if seen_total else None
    beside = f"real {percent(real) if real is not None else 'too few to show'}, " if seen_total else ""
    return f"{what}: {beside}synthetic {percent(made / max(1, made_total))}."


def _apart(made: list[int] | NDArray[np.int64], seen: list[int] | NDArray[np.int64]) -> float:
    """Total variation distance of two sets of counts."""
    p, q = np.asarray(made, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    return float(0.5 * np.abs(p / max(1.0, p.sum()) - q / max(1.0, q.sum())).sum())


def _says(pair: Pair, apart: float | None) -> str:
    if apart is None:
        return f"How the values of {pair.title} are spread in synthetic rows"
    return f"How the values of {pair.title} are spread in real and synthetic rows, which differ by {percent(apart)}"
