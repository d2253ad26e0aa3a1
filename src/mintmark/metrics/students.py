"""Models of several families with fixed settings, so that all have the same (no) tuning budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from mintmark.metrics.exam import Exam, Labelled
from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import LEVELS, Map, Points
from mintmark.seeds import integer

WIDTH = 1_000
"""Most axes of the space in which all but the boosted trees see the rows; the widest columns go first."""


class Student(Protocol):
    """Learns from labelled rows and answers for others, with scores as `Exam` marks them."""

    def answers(self, asked: Exam, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:
        """For rows X, shape (n, d), the answers of what was learnt from `study`."""
        ...


@dataclass(frozen=True)
class Boosted:
    """Gradient-boosted trees, as `utility.transfer` has them."""

    def answers(self, asked: Exam, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:
        """As the contract says."""
        return asked.answers(study, X, rng)


@dataclass(frozen=True)
class ExtraTrees:
    """Extremely randomised trees (Geurts, Ernst & Wehenkel 2006), 60 of them."""

    leaf: int

    def answers(self, asked: Exam, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:
        """As the contract says."""
        kind = ExtraTreesRegressor if asked.classes is None else ExtraTreesClassifier
        leaf = min(self.leaf, max(1, len(study[1]) // 10))
        model = kind(n_estimators=60, min_samples_leaf=leaf, random_state=integer(rng), n_jobs=1)
        return _answers(model, asked, study, X)


@dataclass(frozen=True)
class Linear:
    """Logistic or ridge regression on ranks and levels."""

    strength: float
    """The inverse of the penalty."""

    def answers(self, asked: Exam, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:  # noqa: ARG002
        """As the contract says; nothing is drawn."""
        logistic = LogisticRegression(C=self.strength, max_iter=1000, tol=1e-3)
        return _answers(Ridge(1 / self.strength) if asked.classes is None else logistic, asked, study, X)


@dataclass(frozen=True)
class Neighbours:
    """The nearest rows vote (Fix & Hodges 1951)."""

    count: int

    def answers(self, asked: Exam, study: Labelled, X: Floats, rng: np.random.Generator) -> Floats:  # noqa: ARG002
        """As the contract says; nothing is drawn."""
        kind = KNeighborsRegressor if asked.classes is None else KNeighborsClassifier
        model = kind(n_neighbors=min(self.count, len(study[1])), algorithm="brute")
        return _answers(model, asked, study, X)


FAMILIES: Mapping[str, Student] = {
    "boosted trees": Boosted(),
    "extra trees": ExtraTrees(5),
    "linear": Linear(1.0),
    "nearest neighbours": Neighbours(25),
}
"""One of each family."""

CANDIDATES: Mapping[str, Student] = {
    **FAMILIES,
    "extra trees, large leaves": ExtraTrees(50),
    "linear, strongly shrunk": Linear(0.001),
    "nearest neighbours, few": Neighbours(3),
}
"""What an analyst might choose among."""


def unseen_columns(asked: Exam, study: Labelled) -> int:
    """How many columns are too wide for all but the boosted trees."""
    return study[0].shape[1] - len(_Coding.of(asked, study[0]).picked)


def _answers(model: Any, asked: Exam, study: Labelled, X: Floats) -> Floats:
    if asked.classes is None:
        coding = _Coding.of(asked, study[0])
        return np.asarray(model.fit(coding.points(study[0]), study[1]).predict(coding.points(X)), dtype=np.float64)
    if len(np.unique(study[1])) < 2:
        return _full(np.ones((len(X), 1)), study[1][:1], len(asked.classes))
    coding = _Coding.of(asked, study[0])
    shares = model.fit(coding.points(study[0]), study[1]).predict_proba(coding.points(X))
    return _full(shares, model.classes_, len(asked.classes))


def _full(shares: Floats, found: Floats, count: int) -> Floats:
    """Probabilities of all classes, though the rows studied may not have held some; of two, that of the second."""
    out = np.zeros((len(shares), count))
    out[:, found.astype(int)] = shares
    return out[:, 1] if count == 2 else out


@dataclass(frozen=True)
class _Coding:
    """Ranks and levels of the rows studied, as `neighbours` lays them out."""

    picked: NDArray[np.int64]
    chart: Map

    @classmethod
    def of(cls, asked: Exam, X: Floats) -> "_Coding":
        columns = [column for place, column in enumerate(asked.space.columns) if place != asked.place]
        widths = [min(LEVELS, len(np.unique(X[:, j]))) + 2 if c.discrete else 2 for j, c in enumerate(columns)]
        narrow = np.argsort(widths, kind="stable")
        picked = np.sort(narrow[np.cumsum(np.array(widths)[narrow]) <= WIDTH])
        space = replace(asked.space, columns=tuple(columns[j] for j in picked))
        return cls(picked, Map.of(space, X[:, picked]))

    def points(self, X: Floats) -> Points:
        return self.chart.points(X[:, self.picked])
