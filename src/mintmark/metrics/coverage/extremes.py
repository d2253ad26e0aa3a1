"""Is what happens once in ten thousand rows as extreme as it really is?"""

from dataclasses import dataclass as plain
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.data.schema import Column
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role

EXCEEDANCES = 100
DISTINCT = 30
"""Fewer distinct values above the threshold are steps, not a tail."""
SHARE, MOST = 0.05, 0.25
"""The share of values above the threshold: as a rule, and at most, to have enough of them."""
COLUMNS = 20
SHOWN = 20


@plain(frozen=True)
class _Tail:
    """A generalised Pareto tail: P(value > threshold + y) = share · (1 + shape · y / scale)^(−1/shape)."""

    threshold: float
    share: Floats
    shape: Floats
    scale: Floats
    """The fit (first) and draws of its sampling distribution, shape (1 + draws,)."""

    def level(self, once_in: float) -> Floats:
        """The value that is exceeded once in so many rows (Coles 2001, eq. 4.12)."""
        times = np.maximum(once_in * self.share, 1.0)
        flat = np.abs(self.shape) < 1e-6
        shape = np.where(flat, 1.0, self.shape)
        growth = np.where(flat, np.log(times), (times**shape - 1) / shape)
        return self.threshold + self.scale * growth


@dataclass(frozen=True)
class Extremes:
    """An insurer asks for the flood that comes once in ten thousand years: does the synthetic data know how high it is?

    For each column of numbers a generalised Pareto distribution is fitted to what lies above a high threshold of the
    real values, in both tables (maximum likelihood; Pickands 1975, Coles 2001). The threshold leaves 5 % above it, or
    as many more, up to 25 %, as give 100 exceedances. A return level is the value exceeded once in `once_in` rows. Its
    error is the difference of both return levels over the distance from the real median to the real one, and counts at
    most 1. The value is the mean error; 0 is best. Fresh real rows miss too, and independent columns no more.

    Interval: draws of shape and scale from the asymptotic normal distribution of the estimates, and of the exceedances
    from the binomial one, centred on the value. Columns are taken as independent of each other. Details hold shape,
    return levels and, for positive values, the Hill estimate. Lower ends and short tails (few distinct values) are left
    out, and no fit can vouch for what lies far beyond the data.
    """

    once_in: int = Field(10_000, ge=100)
    draws: int = Field(500, ge=100)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean error; details hold each column's shape and return level on both sides."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        found: list[dict[str, Any]] = []
        draws: list[Floats] = []
        numeric = [j for j, column in enumerate(space.columns) if column.numeric]
        for j in numeric:
            theirs, ours = (_usable(space.columns[j], rows[:, j]) for rows in (X, Y))
            if len(found) == COLUMNS or not (fits := self._fits(theirs, ours, rng)):
                continue
            levels = [fit.level(self.once_in) for fit in fits]
            reach = max(float(levels[0][0] - np.median(theirs)), np.finfo(float).tiny)
            errors = np.minimum(np.abs(levels[1] - levels[0]) / reach, 1.0)
            draws.append(errors[1:])
            found.append(
                {"column": space.columns[j].name, "error": float(errors[0]), **_told(fits, levels, theirs, ours)}
            )
        if not found:
            raise CannotMeasure(
                f"no column of numbers has {EXCEEDANCES} values above a high threshold, {DISTINCT} of them distinct",
                found=f"{len(numeric)} columns of numbers, {len(X)} real and {len(Y)} synthetic rows",
                fix=f"give at least {round(EXCEEDANCES / MOST)} rows on each side",
            )
        value = float(np.mean([each["error"] for each in found]))
        low, high = intervals.centred(value, np.mean(draws, axis=0))
        found.sort(key=lambda each: -each["error"])
        details = {"columns": found[:SHOWN], "once_in": self.once_in, "asked": len(found), "numbers": len(numeric)}
        return Reading(value, (low, min(1.0, high)), min(len(X), len(Y)), {**details, **space.note()})

    def _fits(self, theirs: Floats, ours: Floats, rng: np.random.Generator) -> list[_Tail]:
        """Both tails above one threshold, or none where there is too little above it."""
        if len(theirs) * MOST < EXCEEDANCES:
            return []
        share = max(SHARE, EXCEEDANCES / len(theirs))
        threshold = float(np.quantile(theirs, 1 - share, method="inverted_cdf"))
        above = [values[values > threshold] - threshold for values in (theirs, ours)]
        if len(above[0]) < EXCEEDANCES * 0.8 or len(np.unique(above[0])) < DISTINCT or len(above[1]) < DISTINCT:
            return []
        return [
            _fit(threshold, over, len(side), self.draws, rng) for over, side in zip(above, (theirs, ours), strict=True)
        ]


def _usable(column: Column, values: Floats) -> Floats:
    return values[np.isfinite(values) & ~np.isin(values, column.specials)]


def _fit(threshold: float, over: Floats, n: int, draws: int, rng: np.random.Generator) -> _Tail:
    unit = float(over.mean())
    shape, _, scale = stats.genpareto.fit(over / unit, 0.1, floc=0)
    # Smith 1987: asymptotic covariance of the estimates, for shapes above −1/2; below that it is no narrower.
    tilt = max(1 + shape, 0.5)
    spread = np.array([[tilt**2, -scale * tilt], [-scale * tilt, 2 * scale**2 * tilt]]) / len(over)
    around = rng.multivariate_normal([shape, scale], spread, size=draws, method="eigh")
    share = rng.binomial(n, len(over) / n, size=draws) / n
    return _Tail(
        threshold,
        np.concatenate([[len(over) / n], share]),
        np.concatenate([[shape], around[:, 0]]),
        unit * np.concatenate([[scale], np.maximum(around[:, 1], scale / 100)]),
    )


def _told(fits: list[_Tail], levels: list[Floats], theirs: Floats, ours: Floats) -> dict[str, Any]:
    names = ("real", "synthetic")
    return {
        **{f"{name}_shape": float(fit.shape[0]) for name, fit in zip(names, fits, strict=True)},
        **{f"{name}_level": float(level[0]) for name, level in zip(names, levels, strict=True)},
        **{f"{name}_hill": _hill(side, fits[0].threshold) for name, side in zip(names, (theirs, ours), strict=True)},
    }


def _hill(values: Floats, threshold: float) -> float | None:
    """Mean log excess over the threshold (Hill 1975), which has a meaning for positive values alone."""
    return float(np.log(values[values > threshold] / threshold).mean()) if threshold > 0 else None
