"""A number in real and in synthetic rows: the histogram of its values."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from mintmark.data import arrays
from mintmark.data.arrays import Floats
from mintmark.data.schema import TEMPORAL, Column
from mintmark.report.charts.histogram import axis, histogram
from mintmark.report.numerals import nice_step, numeral, percent
from mintmark.report.pictures import sparing
from mintmark.report.pictures.pairing import Pair, quantities
from mintmark.report.pictures.picture import Picture

BINS = 20


def amounts(pair: Pair, distances: Mapping[str, float]) -> Picture:
    """Shares of the rows in common bins; what is missing, a code or far out is told in words."""
    column = pair.column
    made = arrays.numbers(pair.synthetic, column)
    seen = arrays.numbers(pair.real, column) if pair.real is not None else np.empty(0)
    parts = [quantities(values, column) for values in (made, seen)]
    edges = _edges(_ends(*parts), column)
    made_bins, seen_bins = (np.histogram(values, edges)[0] for values in parts)
    apart = distances.get(pair.title)
    if len(seen) and apart is None:
        apart = sparing.apart([*made_bins, len(made) - made_bins.sum()], [*seen_bins, len(seen) - seen_bins.sum()])
    drawn = partial(
        histogram,
        edges.tolist(),
        sparing.shares(seen_bins.tolist(), len(seen)) if len(seen) else None,
        [int(count) / max(1, len(made)) for count in made_bins],
        labels=_labels(edges, column),
        says=pair.says(apart),
    )
    return Picture(pair.title, drawn, _notes(made, seen, edges, column), apart)


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
