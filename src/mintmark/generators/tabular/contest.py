"""How two methods are told apart on training rows alone: can the rows be told from others, and do they copy?

A small sceptic of the generators' own: the assay, which knows more and sees the holdout, is never asked here.
"""

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from mintmark import seeds
from mintmark.data import arrays
from mintmark.data.dataset import Dataset

Floats = NDArray[np.float64]

FOLDS = 3
TREES = 60
NEAREST = 1_000
"""Rows whose nearest real row is sought."""
_QUIET = {"objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True,
          "num_leaves": 16, "min_data_in_leaf": 10, "feature_pre_filter": False}  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """What was found out about the rows that a method made."""

    detection: float
    """AUC of boosted trees that tell them from rows that the method did not see: 0.5 is best."""
    error: float
    """Standard deviation of that AUC, were there nothing to tell."""
    copying: float
    """How many have their nearest real row among those that the method saw: 0.5 is chance."""
    copying_error: float

    @property
    def copies(self) -> bool:
        """Does it lie closer to what it saw than chance allows, by more than can be overlooked?"""
        return self.copying > 0.55 + 3 * self.copying_error


def tried(made: Dataset, own: Dataset, aside: Dataset, *, rng: np.random.Generator) -> Trial:
    """Judges rows of a method that saw `own` and not `aside`; rows beyond the smaller number are left out."""
    n = min(len(made), len(aside))
    real, found = (_matrix(data.select(np.arange(n))) for data in (aside, made))
    seen = _matrix(own.select(np.sort(rng.permutation(len(own))[:n])))
    few = min(NEAREST, n)
    share = _nearer(found[:few], seen, real)
    return Trial(_auc(found, real, rng), (1 / (6 * n)) ** 0.5, share, 0.5 / few**0.5)


def _matrix(data: Dataset) -> Floats:
    """(rows, columns) codes and numbers; text, keys and the like say nothing here."""
    parts = [np.zeros(len(data))]
    for column in data.columns.columns:
        if column.discrete:
            parts.append(arrays.codes(data.table[column.name], column).astype(np.float64))
        elif column.numeric:
            parts.append(arrays.numbers(data.table[column.name], column))
    return np.column_stack(parts)


def _auc(made: Floats, real: Floats, rng: np.random.Generator) -> float:
    """Cross-validated, and at least a half."""
    X, y = np.vstack([made, real]), np.repeat([1, 0], [len(made), len(real)])
    seed = seeds.integer(rng)
    found = np.zeros(len(y))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(X, y):
        data = lightgbm.Dataset(X[train], y[train])
        found[test] = lightgbm.train({**_QUIET, "seed": seed}, data, TREES).predict(X[test])
    return max(0.5, float(roc_auc_score(y, found)))


def _nearer(made: Floats, seen: Floats, unseen: Floats) -> float:
    """Share of rows with their nearest real row among the seen; half of those that lie as near to both."""
    both = np.vstack([seen, unseen])
    middle = np.nanmean(both, axis=0) if len(both) else np.zeros(both.shape[1])
    middle = np.nan_to_num(middle)
    spread = np.nanstd(np.where(np.isfinite(both), both, middle), axis=0)
    spread[spread == 0] = 1

    def scaled(rows: Floats) -> Floats:
        return np.clip(np.where(np.isfinite(rows), (rows - middle) / spread, 0), -5, 5)

    near, far = (cKDTree(scaled(rows)).query(scaled(made))[0] for rows in (seen, unseen))
    return float(np.mean(near < far) + np.mean(near == far) / 2)
