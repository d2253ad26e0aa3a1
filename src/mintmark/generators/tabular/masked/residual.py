"""What the columns before foretell of a number, where they foretell nearly all: only the remainder is then learnt.

A diamond's depth follows from its length, width and height but for rounding. Told in quantile bins, such a relation is
lost; told as a remainder, it stays. The formula is a ridge regression (Hoerl, Kennard 1970) on standard scores, their
squares, logarithms and products, fitted twice: the second time without the rows that the first was most wrong on.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.tokens import Floats

import pyarrow as pa  # isort: skip

RIDGE, RIDGE_SMALL = 1e-7, 0.02
MANY = 2_000
"""From so many rows on, terms need hardly be held back."""
FOLDS = 3
TRIMMED = 0.01
"""Share of the rows that the second fit leaves out."""
HUGE = 1e100
"""Squares of larger numbers may be none."""
PAIRS = 12
"""Products are formed among at most this many predictors, the best correlated ones."""


@dataclass(frozen=True)
class Formula:
    """A number foretold from the scores of the columns before it."""

    predictors: tuple[int, ...]
    """Places of the predictors among the numbers before; products are formed among the first `PAIRS`."""
    curved: bool
    """Are there squares, logarithms and products, or scores alone?"""
    weights: Floats
    """(terms + 1,) the last is the constant."""

    def foretell(self, scores: Floats) -> Floats:
        """(n,) from scores (n, numbers before)."""
        return _terms(scores[:, list(self.predictors)], curved=self.curved) @ self.weights

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        return {f"{prefix}.predictors": np.array(self.predictors, np.int64), f"{prefix}.weights": self.weights,
                f"{prefix}.curved": np.array([self.curved])}  # fmt: skip

    @classmethod
    def from_arrays(cls, stored: Arrays, prefix: str, *, before: int) -> "Formula":
        """The inverse of `to_arrays`; LedgerError where the arrays cannot belong to a formula of `before` numbers."""
        places = stored[f"{prefix}.predictors"].astype(np.int64)
        weights, curved = stored[f"{prefix}.weights"].astype(np.float64), bool(stored[f"{prefix}.curved"][0])
        need(places.ndim == 1 and bool(np.all((places >= 0) & (places < before))), "predictors of a formula")
        terms = _terms(np.zeros((1, len(places))), curved=curved).shape[1]
        need(weights.shape == (terms,) and bool(np.isfinite(weights).all()), "weights of a formula")
        return cls(tuple(places.tolist()), curved, weights)


def learn(scores: Floats, values: Floats, *, enough: float) -> Formula | None:
    """The formula of a number, or None where it foretells less than the share `enough` of the variance in fresh rows.

    `scores` (n, numbers before), `values` (n,) with NaN where missing.
    """
    known = np.isfinite(values)
    rows, width = int(known.sum()), scores.shape[1]
    if width == 0 or rows < 30 or np.abs(values[known]).max() > HUGE or np.ptp(values[known]) == 0:
        return None
    scores, values = scores[known], values[known]
    strength = np.abs(np.nan_to_num(_correlations(scores, values)))
    predictors = np.argsort(-strength, kind="stable")
    curved = _count(width, curved=True) * 10 < rows
    ridge = RIDGE if rows >= MANY else RIDGE_SMALL
    X = _terms(scores[:, predictors], curved=curved)
    fold = np.arange(rows) % FOLDS
    wrong = np.empty(rows)
    for k in range(FOLDS):
        test = fold == k
        wrong[test] = values[test] - X[test] @ _fit(X[~test], values[~test], ridge)
    bound = np.quantile(np.abs(wrong), 1 - TRIMMED)
    unexplained = float(np.mean(np.minimum(np.abs(wrong), bound) ** 2)) / float(values.var())
    if 1 - unexplained < enough:
        return None
    return Formula(tuple(predictors.tolist()), curved, _fit(X, values, ridge))


def remainders(column: Column, *, normal: bool) -> Column:
    """What the remainders of a column are: numbers on the same grid, without bounds; of normal scores, on none."""
    if normal:
        return Column(column.name, Kind.NUMBER, pa.float64(), nullable=True)
    whole = column.kind in TEMPORAL or pa.types.is_integer(column.type)
    return Column(column.name, Kind.NUMBER, pa.float64(), nullable=True, decimals=0 if whole else column.decimals)


def _fit(X: Floats, y: Floats, ridge: float) -> Floats:
    weights = _solve(X, y, ridge)
    wrong = np.abs(y - X @ weights)
    kept = wrong <= np.quantile(wrong, 1 - TRIMMED)
    return _solve(X[kept], y[kept], ridge)


def _solve(X: Floats, y: Floats, ridge: float) -> Floats:
    penalty = np.full(X.shape[1], ridge * len(X))
    penalty[-1] = 0.0
    return np.asarray(np.linalg.solve(X.T @ X + np.diag(penalty + 1e-9), X.T @ y), dtype=np.float64)


def _correlations(scores: Floats, values: Floats) -> Floats:
    centred, y = scores - scores.mean(axis=0), values - values.mean()
    norm = np.sqrt((centred**2).sum(axis=0) * (y**2).sum())
    return np.divide(centred.T @ y, norm, out=np.zeros(len(norm)), where=norm > 0)


def _count(width: int, *, curved: bool) -> int:
    return _terms(np.zeros((1, width)), curved=curved).shape[1]


def _terms(scores: Floats, *, curved: bool) -> Floats:
    parts = [scores]
    if curved:
        few = scores[:, :PAIRS]
        first, second = np.triu_indices(few.shape[1], 1)
        parts += [scores**2, np.sign(scores) * np.log1p(np.abs(scores)), scores**3, few[:, first] * few[:, second]]
    return np.column_stack([*parts, np.ones(len(scores))])
