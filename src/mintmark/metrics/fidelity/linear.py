"""Can a straight line through all columns tell synthetic rows from real ones?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import special, stats

from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Map
from mintmark.metrics.sides import AXES, sides

STEPS = 8
"""Newton's method doubles its digits in each."""
PENALTY = 1.0
"""Keeps the weights finite where the tables are parted perfectly."""


@dataclass(frozen=True)
class Linear:
    """A hurried sceptic fits a logistic regression to tell both tables apart, as older test suites do.

    The value is its AUC on the half of the rows that it was not fitted to: 0.5 where it finds nothing. **It cannot
    certify fidelity.** A weighted sum of columns sees each column's own distribution and no dependence between them, so
    that columns drawn independently of each other pass; they scored a perfect 1.00 on a published score of this kind.
    A high value proves that rows are easily told apart; a low one proves nothing: see `fidelity.detection`.

    Classifier two-sample test (Lopez-Paz & Oquab 2017) on ranks of numbers and levels. The interval is DeLong's. As the
    test rows had no part in the fit, the p-value in the details is that of Mann & Whitney (1947) with ties, which holds
    whatever was fitted.
    """

    rows: int = Field(4000, ge=30)
    """Most rows of each side; half of them to fit, half to test."""

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"thorough": {"rows": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The AUC on unseen rows; details hold the p-value and what the score cannot say."""
        case.need(Role.HOLDOUT)
        both = sides(case, self.rows, rng, axes=AXES)
        map_ = Map.of(both.space, np.concatenate([both.real, both.made]))
        sheets = [map_.points(Z)[rng.permutation(both.n)].astype(np.float64) for Z in (both.real, both.made)]
        half = both.n // 2
        weights = logistic(
            np.concatenate([sheet[:half] for sheet in sheets]), np.repeat([0.0, 1.0], half), penalty=PENALTY
        )
        real, made = (sheet[half:] @ weights[1:] for sheet in sheets)
        value, variance = roc.auc(made, real)
        details = {
            "p_value": float(stats.mannwhitneyu(made, real, method="asymptotic").pvalue)
            if _differ(made, real)
            else 1.0,
            "cannot_certify": "a weighted sum of columns sees no dependence between them: independent columns pass",
            "fitted_to": 2 * half,
            **both.note(),
        }
        return Reading(value, intervals.normal(value, variance, (0.0, 1.0)), both.n - half, details)


def logistic(X: Floats, y: Floats, *, penalty: float) -> Floats:
    """Weights of a ridge-penalised logistic regression, the intercept first, shape (d + 1,); Newton's method.

    X, shape (n, d), and `y` of 0 and 1. The intercept is not penalised.
    """
    X = np.column_stack([np.ones(len(X)), X])
    ridge = np.full(X.shape[1], penalty)
    ridge[0] = 1e-9
    weights = np.zeros(X.shape[1])
    for _ in range(STEPS):
        chance = special.expit(X @ weights)
        slope = X.T @ (y - chance) - ridge * weights
        curvature = (X.T * (chance * (1 - chance))) @ X + np.diag(ridge)
        weights = weights + np.linalg.solve(curvature, slope)
    return weights


def _differ(made: Floats, real: Floats) -> bool:
    return bool(np.ptp(np.concatenate([made, real])) > 0)
