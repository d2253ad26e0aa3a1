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
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import exam, resample
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.student import features, student

STUDY = 5_000
"""Most rows that each model learns from."""
COLUMNS = 60
"""Most columns that are shuffled; of more, that many are drawn at random."""
SHOWN = 10


@dataclass(frozen=True)
class Importance:
    """Two pupils give one answer, this one from the text, that one from the page number: do both look at the same?

    One model learns from synthetic rows and one from as many real rows. A column's importance is how far a model's
    answers about unseen real rows move, on average, when that column is shuffled among them (Breiman 2001, with the
    answers in place of the score: a column that a model trusts in vain would else seem unimportant). The value is the
    rank correlation (Spearman) of both models' importances over the columns; 1 is best. Columns that matter to neither
    are ranked by chance, so fresh real rows reach less than 1: see the ceiling.

    Interval: bootstrap over test rows. It leaves out the luck of the training, which the ceiling shares. Columns that
    say the same may stand for each other: a change of ranks among them is no shortcut. Details name those that changed
    their part most.
    """

    test: int = Field(500, ge=50)
    """Most real rows about which the models are asked."""
    resamples: int = Field(200, ge=100)

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"test": 5_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The rank correlation; details name the columns that gained and lost importance.

        Raises CannotMeasure without a target, or with fewer than three columns to look at.
        """
        if case.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        data = [case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT)]
        space = Space.of(data[1], data[0], data[2])
        made, seen, unseen = (space.matrix(each) for each in data)
        asked = exam(space, case.target, seen, unseen, task=case.task)
        names = features(asked)
        if len(names) < 3:
            raise CannotMeasure("a rank correlation needs three columns to look at", found=str(len(names)))
        study = [asked.rows(rows) for rows in (made, seen)]
        X = asked.rows(unseen)[0]
        enough(synthetic=len(study[0][1]), train=len(study[1][1]), holdout=len(X))
        n = min(STUDY, *(len(y) for _, y in study))
        picked = [rng.permutation(len(y))[:n] for _, y in study]
        models = [student(asked, (rows[p], y[p])) for (rows, y), p in zip(study, picked, strict=True)]
        X = X[rng.permutation(len(X))[: self.test]]
        columns = np.sort(rng.permutation(len(names))[:COLUMNS])
        order = np.stack([rng.permutation(len(X)) for _ in columns])
        moved = [_moved(model, X, columns, order) for model in models]
        ours, theirs = (rows.mean(axis=0) for rows in moved)
        value = _correlation(ours, theirs)
        times = resample(len(X), self.resamples, rng) / len(X)
        draws = np.array([_correlation(a, b) for a, b in zip(times @ moved[0], times @ moved[1], strict=True)])
        details = {
            "columns": _shifts([names[j] for j in columns], ours, theirs),
            "train_rows": n,
            "test_rows": len(X),
            **({"cap": f"{COLUMNS} of {len(names)} columns, drawn at random"} if len(names) > COLUMNS else {}),
            **space.note(),
        }
        return Reading(value, intervals.percentile(value, draws), n, details)


def _moved(model: lightgbm.Booster, X: Floats, columns: Any, order: Any) -> Floats:
    """How far the answer about each row moves with each column shuffled, shape (n, columns)."""
    plain = _answers(model, X)
    out = np.empty((len(X), len(columns)))
    for place, (column, shuffle) in enumerate(zip(columns, order, strict=True)):
        other = X.copy()
        other[:, column] = X[shuffle, column]
        out[:, place] = np.abs(_answers(model, other) - plain).mean(axis=1)
    return out


def _answers(model: lightgbm.Booster, X: Floats) -> Floats:
    """Shape (n, answers)."""
    return boosting.scores(model, X).reshape(len(X), -1)


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
