"""A model is trained on some rows and sits an exam on others: which target, which score, which naive answer."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, intervals, roc
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Task

Labelled = tuple[Floats, Floats]
"""Features, shape (n, d), and targets, shape (n,)."""

CLASSES = 50
"""Most classes that are told apart; rows of rarer ones are left out."""


@dataclass(frozen=True)
class Result:
    """A score with its paired bootstrap draws, shape (draws,)."""

    value: float
    draws: Floats

    def to_json(self) -> dict[str, Any]:
        """Value and interval."""
        return {"value": self.value, "interval": list(intervals.percentile(self.value, self.draws))}


@dataclass(frozen=True)
class Exam:
    """Which column is predicted from which others, and how answers are marked."""

    space: Space
    place: int
    classes: Floats | None
    """Codes or values of the classes, or None for a quantity."""

    @property
    def score(self) -> str:
        """The name of the score."""
        if self.classes is None:
            return "R²"
        return "ROC-AUC" if len(self.classes) == 2 else "ROC-AUC, mean of one class against the rest"

    @property
    def naive(self) -> float:
        """What an answer that looks at no feature scores."""
        return 0.0 if self.classes is None else 0.5

    def rows(self, matrix: Floats) -> Labelled:
        """The rows whose target is known, with classes as 0, 1, …"""
        y = matrix[:, self.place]
        X = np.delete(matrix, self.place, axis=1)
        if self.classes is None:
            known = np.isfinite(y)
            return X[known], y[known]
        known = np.isin(y, self.classes)
        return X[known], np.searchsorted(self.classes, y[known]).astype(np.float64)

    def sit(self, study: Labelled, test: Labelled, weights: Floats, rng: np.random.Generator) -> Result:
        """Trains on the rows of `study` and marks the answers on the rows of `test`.

        `weights`, shape (draws, n), says how often each test row stands in each resample.
        """
        return self.marked(self.answers(study, test[0], rng), test[1], weights)

    def marked(self, answers: Floats, y: Floats, weights: Floats) -> Result:
        """Marks answers to rows with the targets y; `weights` as for `sit`."""
        return Result(float(self._mark(answers, y, np.ones((1, len(y))))[0]), self._mark(answers, y, weights))

    def answers(self, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:
        """What boosted trees that learnt from `study` say of the rows of X: probabilities or quantities."""
        categorical = [j - (j > self.place) for j in self.space.categorical if j != self.place]
        count = 1 if self.classes is None else len(self.classes)
        task: boosting.Task = "regression" if self.classes is None else "binary" if count == 2 else "multiclass"
        model = boosting.fit(*study, categorical=categorical, task=task, classes=count, rng=rng)
        return boosting.scores(model, X)

    def _mark(self, answers: Floats, y: Floats, weights: Floats) -> Floats:
        if self.classes is None:
            return _r2(answers, y, weights)
        if len(self.classes) == 2:
            return roc.weighted_auc(answers, y == 1, weights)
        return np.mean([roc.weighted_auc(answers[:, k], y == k, weights) for k in range(len(self.classes))], axis=0)


def exam(space: Space, target: str, train: Floats, test: Floats, *, task: Task | None = None) -> Exam:
    """The exam that a target asks for; CannotMeasure where it cannot be set.

    Where `task` does not say so, levels and numbers with only two values are classes, and other numbers quantities.
    """
    if target not in space.names:
        raise CannotMeasure(f"the target {target} cannot be compared", found=space.left_out.get(target, "not there"))
    if len(space.columns) < 2:
        raise CannotMeasure(f"there is nothing to predict {target} from")
    place = space.names.index(target)
    column = space.columns[place]
    values = [y[np.isfinite(y)] for y in (train[:, place], test[:, place])]
    if not (column.discrete or column.numeric):
        raise CannotMeasure(f"the target {target} cannot be predicted", found=str(column.kind), fix="give it classes")
    if task is None:
        task = "classification" if column.discrete or len(np.unique(values[0])) == 2 else "regression"
    if task == "classification":
        return Exam(space, place, _classes(target, *values))
    if column.discrete or len(np.unique(values[1])) < 2:
        raise CannotMeasure(f"the target {target} has no quantities", found=f"{column.kind}, for a regression")
    return Exam(space, place, None)


def resample(n: int, draws: int, rng: np.random.Generator) -> Floats:
    """How often each of `n` rows stands in each bootstrap draw, shape (draws, n)."""
    return np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(draws)]).astype(np.float64)


def _classes(target: str, train: Floats, test: Floats) -> Floats:
    """Classes that real rows both teach and test, twice at least."""
    found, counts = np.unique(train, return_counts=True)
    fewest = np.minimum(counts, np.array([np.count_nonzero(test == value) for value in found], dtype=int))
    kept = np.argsort(-fewest, kind="stable")[:CLASSES]
    kept = kept[fewest[kept] >= 2]
    if len(kept) < 2:
        raise CannotMeasure(
            f"the target {target} has fewer than two classes with enough real rows",
            found=f"{len(found)} in the training data, {len(np.unique(test))} in the holdout",
        )
    return np.sort(found[kept])


def _r2(answers: Floats, y: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=1)
    residual = weights @ (y - answers) ** 2
    centred = y - y.mean()  # one shift for all resamples, so that large targets lose no digits
    spread = weights @ centred**2 - (weights @ centred) ** 2 / total
    return 1 - residual / np.maximum(spread, np.finfo(float).tiny)
