"""What nobody declared, found privately: levels that many rows share, bounds, decimals and grids of numbers."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays, domain, scales
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.generators.tabular.marginals.budget import Budget

Floats = NDArray[np.float64]

SMALLEST, LARGEST = -16, 62
"""Powers of two between which the magnitude of a number is told."""
SLICES = 32
"""Equal parts by which the power of two above is narrowed."""
STANDS_OUT = 4.0
"""Times the noise: a cell of an empty column stands out once in 30,000 cells."""
STEPS = {"s": (1, 60, 3600, 86_400), "ms": (1, 1_000, 60_000, 3_600_000, 86_400_000),
         "us": (1, 10**3, 10**6, 6 * 10**7, 36 * 10**8, 864 * 10**8),
         "ns": (1, 10**3, 10**6, 10**9, 6 * 10**10, 36 * 10**11, 864 * 10**11)}  # fmt: skip
"""Grids of times and moments that are looked for, in units of the type."""
DAY = {unit: 86_400 * 1000**place for place, unit in enumerate(STEPS)}
"""Units of a day."""


def wanting(column: Column) -> bool:
    """Is there anything that nobody declared and that numbers or levels need?"""
    if column.discrete:
        return not column.levels
    timed = column.kind in TEMPORAL and not pa.types.is_date(column.type)
    return column.numeric and (column.low is None or timed or (column.decimals is None and _floating(column)))


def found(column: Column, array: arrays.Array, budget: Budget, *, rho: float, delta: float) -> Column:
    """The column with what was found; one of whose values nothing may be told has neither bounds nor levels."""
    if column.discrete:
        return _levelled(column, array, budget, rho, delta)
    if column.kind in TEMPORAL:
        column = _gridded(column, _step(column, array, budget, rho / 3))
    values = arrays.numbers(array, column)
    values = values[np.isfinite(values)]
    if column.decimals is None and _floating(column):
        column = replace(column, decimals=_decimals(column, values, budget, rho / 3))
    return column if column.low is not None else _bounded(column, values, budget, rho / 3)


def _levelled(column: Column, array: arrays.Array, budget: Budget, rho: float, delta: float) -> Column:
    words = arrays.text(array).drop_null().value_counts()
    true = dict(zip(words.field(0).to_pylist(), words.field(1).to_pylist(), strict=True))
    shown = budget.common(true, rho=rho, delta=delta, what=f"{column.name}: levels")
    levels = [word for word, _ in sorted(shown.items(), key=lambda pair: (-pair[1], pair[0]))]
    if column.kind == Kind.ORDERED:
        levels = list(scales.ordered(levels) or sorted(levels))
    if not levels and pa.types.is_string(column.type):
        return replace(column, kind=Kind.TEXT)
    return replace(column, levels=tuple(levels))


def _bounded(column: Column, values: Floats, budget: Budget, rho: float) -> Column:
    """Between powers of two that hold rows, narrowed once by equal parts of what lies between."""
    powers = 2.0 ** np.arange(SMALLEST, LARGEST + 1)
    edges = np.concatenate([-powers[::-1], powers])
    coarse = _occupied(values, edges, budget, rho / 2, f"{column.name}: magnitude")
    if coarse is None:
        return column
    fine = _occupied(values, np.linspace(*coarse, SLICES + 1), budget, rho / 2, f"{column.name}: bounds") or coarse
    low, high = fine
    if column.decimals is not None or column.kind in TEMPORAL or pa.types.is_integer(column.type):
        step = 10.0 ** -(column.decimals or 0)
        low, high = float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
    if column.kind == Kind.TIME:  # no hour comes after the last one, wherever the edges lie
        low, high = max(low, 0.0), min(high, DAY[column.type.unit] // column.step - 1.0)
    return replace(column, low=low, high=max(low, high))


def _occupied(values: Floats, edges: Floats, budget: Budget, rho: float, what: str) -> tuple[float, float] | None:
    """The ends of the cells that hold more rows than noise explains."""
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    noisy, sigma = budget.counts(np.bincount(place, minlength=len(edges) - 1).astype(np.int64), rho=rho, what=what)
    full = np.flatnonzero(noisy > STANDS_OUT * sigma)
    return (float(edges[full[0]]), float(edges[full[-1] + 1])) if len(full) else None


def _decimals(column: Column, values: Floats, budget: Budget, rho: float) -> int | None:
    """The fewest digits after the point that all rows but what noise explains are written with."""
    relative = domain.exactness(column.type)
    need = np.full(len(values), domain.MOST_DECIMALS)
    for digits in range(domain.MOST_DECIMALS - 1, -1, -1):
        near = np.abs(arrays.rounded(values, digits) - values) <= relative * np.maximum(1, np.abs(values))
        need[near] = digits
    place = _fewest(need, domain.MOST_DECIMALS + 1, budget, rho, f"{column.name}: decimals")
    return place if place < domain.MOST_DECIMALS else None


def _gridded(column: Column, step: int) -> Column:
    """The column with this grid; what bounds there are count its steps."""
    low, high = (None if end is None else end / step for end in (column.low, column.high))
    if low is None or high is None or np.ceil(low) > np.floor(high):
        return replace(column, step=step) if low is None else column
    return replace(column, step=step, low=float(np.ceil(low)), high=float(np.floor(high)))


def _step(column: Column, array: arrays.Array, budget: Budget, rho: float) -> int:
    """The widest usual grid that all rows but what noise explains lie on."""
    if pa.types.is_date(column.type):
        return 1 if pa.types.is_date32(column.type) else 86_400_000
    steps = STEPS[column.type.unit]
    ticks = arrays.ticks(array)  # whole: as floats, nanoseconds of today lie on no grid
    need = np.full(len(ticks), len(steps) - 1)
    for place in range(len(steps) - 1, -1, -1):
        need[np.mod(ticks, steps[len(steps) - 1 - place]) == 0] = place
    return steps[len(steps) - 1 - _fewest(need, len(steps), budget, rho, f"{column.name}: grid")]


def _fewest(need: NDArray[np.int64], cells: int, budget: Budget, rho: float, what: str) -> int:
    """The first place above which no more rows lie than noise explains."""
    noisy, sigma = budget.counts(np.bincount(need, minlength=cells).astype(np.int64), rho=rho, what=what)
    above = np.cumsum(noisy[::-1])[::-1][1:]
    quiet = above <= STANDS_OUT * sigma * np.sqrt(np.arange(cells - 1, 0, -1))
    return int(np.flatnonzero(np.append(quiet, True))[0])


def _floating(column: Column) -> bool:
    return pa.types.is_floating(column.type) and column.kind not in TEMPORAL
