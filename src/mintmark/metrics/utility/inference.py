"""Does a confidence interval computed on synthetic rows hold the truth as often as one from real rows?"""

from collections.abc import Sequence
from dataclasses import dataclass as plain
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.errors import CannotMeasure
from mintmark.metrics import estimates
from mintmark.metrics.enough import enough
from mintmark.metrics.estimates import Estimates, Indicators
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.exam import Exam, exam
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.multiplicity import benjamini_hochberg
from mintmark.metrics.resampling import same_means

SHOWN = 20
EXPECTED = float(2 * stats.norm.cdf(estimates.Z / np.sqrt(2)) - 1)
"""How often an interval from n fresh rows holds the estimate of n others: 83.4 %."""


@dataclass(frozen=True)
class Inference:
    """A statistician computes means and regression coefficients from the synthetic rows, and believes the intervals.

    The value is the share of such 95 % intervals that hold the estimate which as many unseen real rows give. That
    estimate is itself uncertain, so fresh real rows score about 0.83 and not 0.95: read it beside the ceiling. Means
    are those of numbers and the shares of levels that 50 real rows hold; coefficients are those of least squares of the
    target (a quantity, or whether it is the most frequent class) on all other columns, with standard errors that hold
    whatever the residuals' variance (White 1980). Intervals are the plain ones: nothing is corrected for the rows being
    synthetic, for that is what an analyst does (Raab, Nowok & Dibben 2016).

    Details hold the mean overlap of the two intervals (Karr et al. 2006), both shares apart, and which estimates differ
    in truth: means by a permutation test, adjusted by max-T; coefficients adjusted by Benjamini & Hochberg at 5 %.
    Interval: a parametric bootstrap of all differences at once, normal and correlated as the real rows' influences on
    the estimates are, about true differences shrunk for their noise. At most 200 means and 200 coefficients, of 20,000
    rows. What it cannot see: estimates other than these.
    """

    rows: int = Field(20_000, ge=100)
    tested_rows: int = Field(2_000, ge=100)
    """Most rows of each side that the permutation test deals."""
    resamples: int = Field(1000, ge=100)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"thorough": {"rows": 50_000, "tested_rows": 10_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of intervals that hold the real estimate."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        n = min(len(real), len(synthetic), self.rows)
        X, Y = (space.matrix(data)[rng.permutation(len(data))[:n]] for data in (real, synthetic))
        found = Indicators.of(space, X)
        if not found.names:
            raise CannotMeasure("no column varies in the real data, or no level has 50 real rows: nothing to estimate")
        columns = found.matrix(X), found.matrix(Y)
        parts = [_Part("means", found.names, estimates.means(columns[0]), estimates.means(columns[1]))]
        regressed, why = _regressed(case, space, X, Y)
        parts += [regressed] if regressed else []
        covered = np.concatenate([part.covered for part in parts])
        value = float(covered.mean())
        interval = self._interval(value, parts, rng)
        details = {
            "expected_of_fresh_rows": EXPECTED,
            "overlap": float(np.mean(np.concatenate([part.overlap for part in parts]))),
            "estimates": len(covered),
            "not_estimated": found.beyond,
            **{f"{part.name}_covered": float(part.covered.mean()) for part in parts},
            "different_means": self._different(found, columns, rng),
            "different_coefficients": regressed.different() if regressed else [],
            **({"no_coefficients": why} if why else {}),
            **space.note(),
        }
        return Reading(value, interval, n, details)

    def _interval(self, value: float, parts: Sequence["_Part"], rng: np.random.Generator) -> Interval:
        z, reach = (np.concatenate(sides) for sides in zip(*(part.standardised for part in parts), strict=True))
        truth = np.sign(z) * np.sqrt(np.maximum(0.0, z**2 - 1))
        noise = _correlated(np.concatenate([part.real.pull for part in parts], axis=1), self.resamples, rng)
        shares = np.mean(np.abs(truth + noise) <= reach, axis=1)
        low, high = np.quantile(shares - shares.mean(), [0.025, 0.975])
        return max(0.0, value + min(0.0, float(low))), min(1.0, value + max(0.0, float(high)))

    def _different(self, found: Indicators, columns: tuple[Floats, Floats], rng: np.random.Generator) -> list[str]:
        ours, theirs = (np.nan_to_num(Z[: self.tested_rows], nan=0.0) for Z in columns)
        p = same_means(ours, theirs, rng)
        return [found.names[j] for j in np.argsort(p, kind="stable")[:SHOWN] if p[j] <= 0.05]


@plain(frozen=True)
class _Part:
    """The same estimates from real and from synthetic rows."""

    name: str
    labels: tuple[str, ...]
    real: Estimates
    made: Estimates

    @property
    def covered(self) -> Floats:
        near = np.abs(self.made.value - self.real.value) <= self.made.half
        return (near & (self.made.half > 0)).astype(np.float64)

    @property
    def standardised(self) -> tuple[Floats, Floats]:
        """The differences in standard errors, and how large they may be where the synthetic interval is to cover."""
        error = np.maximum(np.hypot(self.real.error, self.made.error), np.finfo(float).tiny)
        return (self.made.value - self.real.value) / error, self.made.half / error

    @property
    def overlap(self) -> Floats:
        """The mean share of the two intervals that they have in common; 0 where they have nothing."""
        low = np.maximum(self.made.value - self.made.half, self.real.value - self.real.half)
        high = np.minimum(self.made.value + self.made.half, self.real.value + self.real.half)
        common = np.maximum(0.0, high - low)
        wide = [np.maximum(2 * each.half, np.finfo(float).tiny) for each in (self.made, self.real)]
        return (common / wide[0] + common / wide[1]) / 2

    def different(self) -> list[str]:
        """Estimates that differ beyond chance, of which 5 % are expected to be false alarms; the clearest first."""
        z = np.abs(self.standardised[0])
        p = benjamini_hochberg(2 * stats.norm.sf(z))
        return [self.labels[j] for j in np.argsort(-z, kind="stable")[:SHOWN] if p[j] <= 0.05]


def _correlated(pull: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Standard normal draws, shape (draws, p), that correlate as the influences, shape (n, p), do."""
    size = np.sqrt((pull**2).sum(axis=0))
    scaled = pull / np.where(size > 0, size, np.inf)
    weights, axes = np.linalg.eigh(scaled.T @ scaled)
    return rng.normal(size=(draws, len(weights))) * np.sqrt(np.maximum(0.0, weights)) @ axes.T


def _regressed(case: Case, space: Space, X: Floats, Y: Floats) -> tuple[_Part | None, str]:
    """The coefficients of both tables, or why there are none."""
    if case.target is None:
        return None, "there is no target"
    try:
        asked = exam(space, case.target, X, X, task=case.task)
    except CannotMeasure as error:
        return None, error.wrong
    used = estimates.regressors(asked, X)
    if not used.names:
        return None, "there is nothing to regress on"
    values, counts = np.unique(X[np.isfinite(X[:, asked.place]), asked.place], return_counts=True)
    usual = float(values[np.argmax(counts)])
    real, made = (_fitted(asked, used, rows, usual) for rows in (X, Y))
    if real is None or made is None:
        return None, f"fewer than {_fewest(used)} rows know the target"
    return _Part("coefficients", used.names, real, made), ""


def _fitted(asked: Exam, used: Indicators, rows: Floats, usual: float) -> Estimates | None:
    y = rows[:, asked.place]
    known = np.isfinite(y)
    if known.sum() < _fewest(used):
        return None
    answer = y if asked.classes is None else (y == usual).astype(np.float64)
    fitted = estimates.coefficients(used.matrix(rows[known]), answer[known])
    pull = np.zeros((len(rows), len(used.names)))
    pull[known] = fitted.pull
    return Estimates(fitted.value, fitted.error, pull)


def _fewest(used: Indicators) -> int:
    return 2 * len(used.names) + 30
