"""Can a strong classifier tell synthetic rows from unseen real ones, and by which columns?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, cells, intervals, roc
from mintmark.metrics.boosting import Floats
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space, dealt
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared

TOP = 10
"""Columns whose part in the separation is measured by permuting them."""


TWICE = 2.0
"""Simulated without any difference, the variance over folds was 1.7 (5 folds) to 2.1 (3) times what folds that know
nothing of each other would have."""


@dataclass(frozen=True)
class Detection:
    """A sceptic is handed rows of both tables, shuffled, and trains gradient-boosted trees to tell them apart.

    The value is the AUC on rows that the trees were not trained on: the chance that a synthetic row looks more
    synthetic than a real one does. 0.5 is best: nothing gives the data away; 1 means that every row does. The real rows
    are the holdout, for a copy of the training data is detected by nobody who holds the training data. Unlike scores of
    marginals and pairs, this sees any dependence that trees can learn.

    Classifier two-sample test (Lopez-Paz & Oquab 2017), LightGBM in stratified cross-validation at equal numbers of
    both kinds. Interval: DeLong's variance within each fold, averaged and doubled: where nothing separates, each pair
    of rows is weighed twice, once with either of them in training, so that folds repeat each other. Rows of one
    group lie in one fold, or the trees would know people again; the interval takes rows as independent all the same.
    """

    folds: int = Field(5, ge=2, le=20)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": {"folds": 2}, "thorough": {"folds": 10}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The AUC; details name the columns that give the data away, and an example of what each does."""
        synthetic, holdout = case.need(Role.SYNTHETIC), case.need(Role.HOLDOUT)
        enough(synthetic=len(synthetic), holdout=len(holdout))
        space = shared(case, holdout, synthetic, rng=rng)
        n = min(len(synthetic), len(holdout))
        holdout, synthetic = (_some(data, n, rng) for data in (holdout, synthetic))
        real, made = space.matrix(holdout), space.matrix(synthetic)
        X, y = np.concatenate([real, made]), np.repeat([0.0, 1.0], n)
        fold = np.concatenate([dealt(data, self.folds, rng) for data in (holdout, synthetic)])
        self._enough_in_folds(fold, y)
        found, gains, drops = [], np.zeros(X.shape[1]), None
        for k in range(self.folds):
            model = boosting.fit(X[fold != k], y[fold != k], categorical=space.categorical, task="binary", rng=rng)
            found.append(_auc(boosting.scores(model, X[fold == k]), y[fold == k]))
            gains += model.feature_importance("gain")
            if drops is None:
                drops = _drops(model, X[fold == k], y[fold == k], found[0][0], gains, rng)
        value = float(np.mean([auc for auc, _ in found]))
        variance = TWICE * float(np.sum([var for _, var in found])) / self.folds**2
        details = {"columns": _culprits(space, real, made, gains, drops or {}), "folds": self.folds, **space.note()}
        return Reading(value, intervals.normal(value, variance, (0.0, 1.0)), n, details)

    def _enough_in_folds(self, fold: NDArray[np.int64], y: Floats) -> None:
        fewest = min(int(np.bincount(fold[y == side], minlength=self.folds).min()) for side in (0, 1))
        if fewest < 2:
            raise CannotMeasure(f"the rows belong to too few groups to be dealt into {self.folds} folds")


def _some(rows: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    return rows if len(rows) == n else rows.select(np.sort(rng.permutation(len(rows))[:n]))


def _auc(scores: Floats, y: Floats) -> tuple[float, float]:
    return roc.auc(scores[y == 1], scores[y == 0])


def _drops(model: Any, X: Floats, y: Floats, whole: float, gains: Floats, rng: np.random.Generator) -> dict[int, float]:
    """How much AUC is lost when one column is shuffled (Breiman 2001), for the columns that the trees used most."""
    out = {}
    for j in np.argsort(-gains, kind="stable")[:TOP]:
        shuffled = X.copy()
        shuffled[:, j] = rng.permutation(X[:, j])
        out[int(j)] = whole - _auc(boosting.scores(model, shuffled), y)[0]
    return out


def _culprits(space: Space, real: Floats, made: Floats, gains: Floats, drops: dict[int, float]) -> list[dict[str, Any]]:
    total = max(float(gains.sum()), 1e-12)
    columns = [
        {
            "column": space.columns[j].name,
            "gain_share": float(gains[j]) / total,
            "auc_drop": drop,
            "example": _example(Cut.of(space.columns[j], real[:, j], at=evenly(10), levels=50), real[:, j], made[:, j]),
        }
        for j, drop in drops.items()
    ]
    return sorted(columns, key=lambda each: -each["auc_drop"])


def _example(cut: Cut, real: Floats, made: Floats) -> dict[str, Any] | None:
    """The cell of this column alone whose share differs most, among those that none or enough real rows hold."""
    ours, theirs = (np.bincount(cut.place(values), minlength=cut.size) for values in (made, real))
    gaps = np.where((theirs == 0) | (theirs >= cells.COUNTED), np.abs(ours / len(made) - theirs / len(real)), -1.0)
    worst = int(np.argmax(gaps))
    if gaps[worst] < 0:
        return None
    shares = float(ours[worst] / len(made)), float(theirs[worst] / len(real))
    return {"cell": cut.label(worst), "synthetic_share": shares[0], "real_share": shares[1]}
