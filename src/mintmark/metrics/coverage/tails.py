"""Do the ends of numbers lie where they really lie?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.data.schema import Column
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role

LEVELS = (0.01, 0.99, 0.999)
BEYOND = 5
"""Rows that lie beyond a quantile on each side, or it is not asked."""
COLUMNS = 50
SHOWN = 20


@dataclass(frozen=True)
class Tails:
    """An engineer builds for the worst day of a hundred and of a thousand: are those days in the synthetic data?

    For each column of numbers the quantiles 1 %, 99 % and 99.9 % are compared, each only where at least 5 values of
    both tables lie beyond it. An error is |q_synthetic − q_real| divided by the real interquartile range (or by the
    standard deviation where that range is 0), and counts at most 1. The value is the mean error; 0 is best. Even fresh
    real rows miss by some: see the ceiling. Columns drawn independently have the right tails: the floor is no worse.
    It sees each column alone, and nothing beyond the last quantile: `coverage.extremes` does.

    Interval: bootstrap of rows, the same resample for all columns, centred on the value (see `intervals.centred`).
    """

    resamples: int = Field(100, ge=50)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"resamples": 1000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean error; details hold the quantiles that are furthest off, and the mean at each level."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        numeric = [j for j, column in enumerate(space.columns) if column.numeric]
        picked = numeric[:COLUMNS]
        times = [_times(len(rows), self.resamples, rng) for rows in (X, Y)]
        found: list[dict[str, Any]] = []
        draws: list[Floats] = []
        for j in picked:
            sides = [_usable(space.columns[j], rows[:, j]) for rows in (X, Y)]
            scale = _scale(sides[0])
            for level in LEVELS if scale > 0 else ():
                if min(_beyond(side, level) for side in sides) < BEYOND:
                    continue
                theirs, ours = (_quantiles(side, level, time) for side, time in zip(sides, times, strict=True))
                errors = np.minimum(np.abs(ours - theirs) / scale, 1.0)
                draws.append(errors[1:])
                found.append({"column": space.columns[j].name, "quantile": level, "error": float(errors[0])})
        if not found:
            raise CannotMeasure(
                "no column of numbers has enough values to compare its tails",
                found=f"{len(numeric)} columns of numbers, {len(X)} real and {len(Y)} synthetic rows",
                fix=f"give at least {round(BEYOND / 0.01)} rows on each side",
            )
        value = float(np.mean([each["error"] for each in found]))
        low, high = intervals.centred(value, np.mean(draws, axis=0))
        found.sort(key=lambda each: -each["error"])
        details = {"by_quantile": _by_level(found), "worst": found[:SHOWN], "columns": len(picked), **_capped(numeric)}
        return Reading(value, (low, min(1.0, high)), min(len(X), len(Y)), {**details, **space.note()})


def _times(n: int, draws: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """How often each row stands in the data itself (first) and in each resample, shape (1 + draws, n)."""
    out = np.ones((1 + draws, n), np.uint8)
    for draw in out[1:]:
        draw[:] = np.minimum(np.bincount(rng.integers(n, size=n), minlength=n), 255)
    return out


def _usable(column: Column, values: Floats) -> Floats:
    """Codes that are no quantities, infinities and missing values become NaN."""
    return np.where(np.isfinite(values) & ~np.isin(values, column.specials), values, np.nan)


def _scale(real: Floats) -> float:
    present = real[~np.isnan(real)]
    if not len(present):
        return 0.0
    low, high = np.quantile(present, [0.25, 0.75])
    return float(high - low) or float(present.std())


def _beyond(values: Floats, level: float) -> float:
    return float(np.count_nonzero(~np.isnan(values))) * min(level, 1 - level)


def _quantiles(values: Floats, level: float, times: NDArray[np.uint8]) -> Floats:
    """The quantile (inverse of the distribution function) under each row of `times`, shape (1 + draws,).

    Only the outermost values can hold it: three times the tail and some are looked at.
    """
    present = np.flatnonzero(~np.isnan(values))
    n, tail = len(present), min(level, 1 - level)
    order = present[np.argsort(values[present], kind="stable")]
    outer = order[::-1] if level > 0.5 else order
    outer = outer[: int(3 * tail * n) + 50]
    counted = np.cumsum(times[:, outer], axis=1, dtype=np.int64)
    whole = len(present) == times.shape[1]
    total = np.full(len(times), n) if whole else times[:, present].sum(axis=1, dtype=np.int64)
    wanted = np.floor(tail * total) + 1
    place = np.minimum((counted < wanted[:, None]).sum(axis=1), len(outer) - 1)
    return values[outer][place]


def _by_level(found: list[dict[str, Any]]) -> dict[str, float]:
    levels = sorted({each["quantile"] for each in found})
    return {str(level): float(np.mean([e["error"] for e in found if e["quantile"] == level])) for level in levels}


def _capped(numeric: list[int]) -> dict[str, str]:
    return {"cap": f"the first {COLUMNS} of {len(numeric)} columns of numbers"} if len(numeric) > COLUMNS else {}
