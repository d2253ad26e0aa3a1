"""Can the answer be told from traces that ought to have nothing to do with it?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, intervals, roc
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import Exam, exam
from mintmark.metrics.explained import r2
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared
from mintmark.metrics.textures import Textures, textures

CLASSES = 10
"""Most classes of which each is told from the rest."""
FEWEST = 5
"""Rows of a class, below which it is not told from the rest."""
SHOWN = 10
ROUNDS = 50
LUCK = 1.5
"""Simulated on fresh real rows, scores varied 1.45 times as much (variance) as the rows of the test alone explain."""

Probe = tuple[float, float, Floats]
"""Score, its variance, and the gain of each feature."""


@dataclass(frozen=True)
class Nuisance:
    """A lazy pupil reads no question and looks only at the handwriting: how much better does that work than in reality?

    A probe predicts the target from nuisance features alone: last digits and decimals of numbers, lengths of texts, and
    which values are missing. Boosted trees learn from one half of the synthetic rows and are tested on the other; the
    same is done with unseen real rows at equal n. The value is the synthetic score less the real one (ROC-AUC, for
    several classes the mean of one against the rest; or R²); 0 is best, above it the generator has left a trace that
    gives the answer away. What handwriting really tells, as round incomes do, is no shortcut and cancels out.

    Interval: DeLong's variances of both halves (of R² that of the rows' influences), with room for the luck of the
    training. Its lower end lies above 0 for fresh real rows in about 2.5 % of assays. Traces in the words of texts, and
    those spread over columns so thinly that the probe needs more rows, are not seen.
    """

    cap: int = Field(6_000, ge=200)
    """Most rows of each side."""

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"cap": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess; details hold both scores and the features that tell most.

        Raises CannotMeasure without a target or where no nuisance feature varies.
        """
        if case.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        space = shared(case, real, synthetic, rng=rng)
        tables = space.matrix(synthetic), space.matrix(real)
        asked = exam(space, case.target, tables[1], tables[1], task=case.task)
        known = [_known(asked, table) for table in tables]
        enough(2 * FEWEST + 20, synthetic=len(known[0]), real=len(known[1]))
        n = min(self.cap, len(known[0]), len(known[1]))
        picked = [rows[np.sort(rng.permutation(len(rows))[:n])] for rows in known]
        rows = tuple(table[each] for table, each in zip(tables, picked, strict=True))
        traces = textures(space, rows, without=asked.place)
        if not traces.names:
            raise CannotMeasure("there is no nuisance feature: no digits, lengths or missing values vary")
        ours, theirs = (_probe(asked, traces, side, asked.rows(rows[side])[1], rng) for side in (0, 1))
        value = ours[0] - theirs[0]
        bounds = (-1.0, 1.0) if asked.classes is not None else (-np.inf, np.inf)
        details = {
            "score": asked.score,
            "synthetic": ours[0],
            "real": theirs[0],
            "features": _telling(traces, ours[2]),
            "rows": n,
            **space.note(),
        }
        return Reading(value, intervals.normal(value, LUCK * (ours[1] + theirs[1]), bounds), n, details)


def _known(asked: Exam, table: Floats) -> Any:
    """The rows whose target is known."""
    y = table[:, asked.place]
    return np.flatnonzero(np.isfinite(y) if asked.classes is None else np.isin(y, asked.classes))


def _probe(asked: Exam, traces: Textures, side: int, y: Floats, rng: np.random.Generator) -> Probe:
    """Learns on one half of a table's rows and is marked on the other."""
    X, order = traces.values[side], rng.permutation(len(y))
    study, test = order[: len(y) // 2], order[len(y) // 2 :]
    gains = np.zeros(X.shape[1])
    parts = []
    for code in _told_apart(asked, y[study], y[test]):
        label = y if code is None else (y == code).astype(float)
        model = boosting.fit(
            X[study], label[study], categorical=list(traces.categorical),
            task="regression" if code is None else "binary", rng=rng, rounds=ROUNDS,
        )  # fmt: skip
        gains += model.feature_importance("gain")
        answers = boosting.scores(model, X[test])
        parts.append(r2(answers, y[test]) if code is None else _auc(answers, label[test]))
    if not parts:  # rows of one class: there is nothing to tell
        return 0.5 if asked.classes is not None else 0.0, 0.0, gains
    # Scores of several classes lean on the same rows: their errors are added up as if they went together.
    spread = float(np.mean([np.sqrt(variance) for _, variance in parts]))
    return float(np.mean([score for score, _ in parts])), spread**2, gains


def _told_apart(asked: Exam, study: Floats, test: Floats) -> list[int | None]:
    """The classes that are told from the rest: of two the second alone; None for a quantity."""
    if asked.classes is None:
        return [None] if study.std() > 0 and test.std() > 0 else []
    count = len(asked.classes)
    halves = [np.bincount(each.astype(int), minlength=count) for each in (study, test)]
    fewest = np.minimum.reduce([np.minimum(half, half.sum() - half) for half in halves])
    codes = [1] if count == 2 else np.argsort(-fewest, kind="stable")[:CLASSES].tolist()
    return [code for code in codes if fewest[code] >= FEWEST]


def _auc(answers: Floats, label: Floats) -> tuple[float, float]:
    return roc.auc(answers[label == 1], answers[label == 0])


def _telling(traces: Textures, gains: Floats) -> list[dict[str, Any]]:
    total = max(float(gains.sum()), 1e-12)
    top = np.argsort(-gains, kind="stable")[:SHOWN]
    return [{"feature": traces.names[j], "gain_share": float(gains[j] / total)} for j in top if gains[j] > 0]
