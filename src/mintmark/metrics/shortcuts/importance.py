"""Does a model that learnt from synthetic rows look at the same columns as one that learnt from real rows?"""

from typing import Any, ClassVar, Literal

import lightgbm
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.exam import Exam, Labelled, exam
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared
from mintmark.metrics.student import features, student

STUDY = 5_000
"""Most rows of each side that models learn from."""
STUDENTS = 5
LEAST = 60
"""Rows of the smallest lesson; fewer rows have fewer students, but two."""
COLUMNS = 60
"""Most columns that are shuffled, the first ones."""
SHOWN = 10
DRAWS = 200


@dataclass(frozen=True)
class Importance:
    """Two pupils give one answer, this one from the text, that one from the page number: do both look at the same?

    Five models learn from synthetic rows and five from as many real rows, each from a fifth of them. A column's
    importance is how far the models' answers about unseen real rows move, on average, when that column is shuffled
    among them (Breiman 2001, with the answers in place of the score: a column that a model trusts in vain would else
    seem unimportant). The value is the rank correlation (Spearman) of both sides' importances over the columns; 1 is
    best. Columns that matter to neither are ranked by chance, so fresh real rows reach less than 1: see the ceiling.

    Interval: draws of every importance within its standard error over the five models, whose rank correlations give the
    spread on Fisher's z scale; the lower end is no higher than their 2.5 % quantile, for ranks agree by luck too. It
    holds for the test rows at hand, which both sides share; simulated, it covers the mean score in 97 % of cases.
    Columns that say the same may stand for each other: a change of ranks among them is no shortcut. Details name those
    that changed their part most.
    """

    test: int = Field(120, ge=50)
    """Most real rows about which the models are asked."""

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"test": 2_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The rank correlation; details name the columns that gained and lost importance.

        Raises CannotMeasure without a target, or with fewer than three columns to look at.
        """
        if case.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        data = [case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT)]
        space = shared(case, data[1], data[0], data[2], rng=rng)
        made, seen, unseen = (space.matrix(each) for each in data)
        asked = exam(space, case.target, seen, unseen, task=case.task)
        names = features(asked)
        if len(names) < 3:
            raise CannotMeasure("a rank correlation needs three columns to look at", found=str(len(names)))
        study = [asked.rows(rows) for rows in (made, seen)]
        X = asked.rows(unseen)[0]
        enough(2 * LEAST, synthetic=len(study[0][1]), train=len(study[1][1]))
        enough(holdout=len(X))
        n = min(STUDY, *(len(y) for _, y in study))
        X = X[rng.permutation(len(X))[: self.test]]
        columns = np.arange(len(names))[:COLUMNS]
        order = np.stack([rng.permutation(len(X)) for _ in columns])
        moved = [
            np.stack([_moved(model, X, columns, order) for model in _students(asked, rows, n, rng)]) for rows in study
        ]
        ours, theirs = (side.mean(axis=0) for side in moved)
        value = _correlation(ours, theirs)
        details = {
            "columns": _shifts([names[j] for j in columns], ours, theirs),
            "train_rows": n,
            "models": len(moved[0]),
            "test_rows": len(X),
            **({"cap": f"the first {COLUMNS} of {len(names)} columns"} if len(names) > COLUMNS else {}),
            **space.note(),
        }
        return Reading(value, _interval(value, moved[0], moved[1], rng), n, details)


def _students(asked: Exam, rows: Labelled, n: int, rng: np.random.Generator) -> list[lightgbm.Booster]:
    """Models that each learnt from a part of `n` of the rows."""
    parts = np.array_split(rng.permutation(len(rows[1]))[:n], max(2, min(STUDENTS, n // LEAST)))
    return [student(asked, (rows[0][part], rows[1][part])) for part in parts]


def _moved(model: lightgbm.Booster, X: Floats, columns: Any, order: Any) -> Floats:
    """How far answers move on average with each column shuffled, shape (columns,)."""
    others = np.tile(X, (len(columns) + 1, 1, 1))
    for place, (column, shuffle) in enumerate(zip(columns, order, strict=True)):
        others[place + 1, :, column] = X[shuffle, column]
    answers = boosting.scores(model, others.reshape(-1, X.shape[1])).reshape(len(others), len(X), -1)
    return np.asarray(np.abs(answers[1:] - answers[0]).mean(axis=(1, 2)))


def _interval(value: float, ours: Floats, theirs: Floats, rng: np.random.Generator) -> Interval:
    """`ours` and `theirs` have shape (models, columns)."""
    drawn = []
    for side in (ours, theirs):
        error = side.std(axis=0, ddof=1) / np.sqrt(len(side))
        drawn.append(side.mean(axis=0) + error * rng.normal(size=(DRAWS, len(error))))
    found = np.array([_correlation(a, b) for a, b in zip(*drawn, strict=True)])
    z = _z(found)
    half = float(stats.norm.ppf((1 + intervals.LEVEL) / 2)) * float(z.std())
    middle = float(_z(np.array([value]))[0])
    low, high = float(np.tanh(middle - half)), float(np.tanh(middle + half))
    low = min(low, float(np.quantile(found, (1 - intervals.LEVEL) / 2)))  # ranks that agree by luck
    return min(value, low), max(value, high)


def _z(correlations: Floats) -> Floats:
    return np.arctanh(np.clip(correlations, -0.999, 0.999))


def _correlation(ours: Floats, theirs: Floats) -> float:
    """Spearman's; 0 where a model looks at nothing."""
    a, b = (stats.rankdata(each) for each in (ours, theirs))
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))


def _shifts(names: list[str], ours: Floats, theirs: Floats) -> list[dict[str, Any]]:
    """The columns whose share of all importance changed most."""
    a, b = (each / max(float(each.sum()), 1e-12) for each in (ours, theirs))
    top = np.argsort(-np.abs(a - b), kind="stable")[:SHOWN]
    return [{"column": names[j], "synthetic_share": float(a[j]), "real_share": float(b[j])} for j in top]
