"""Is the synthetic data made better for one class than for another?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, roc
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.gaps import Rates, widest
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared
from mintmark.metrics.targets import Classes
from mintmark.metrics.textures import textures

CLASSES = 4
ROUNDS = 50
SUPPORT = 60
"""Rows of a class on each side, below which nothing can be said of it."""
TWICE = 2.0
"""Where nothing separates, folds that test each other's training rows vary about twice as much as they say."""


@dataclass(frozen=True)
class WithinClass:
    """A forger is good at one banknote and bad at another: is one class of the target easier to expose than the other?

    Within each class of the target (the four most frequent, or quarters of a quantity) boosted trees learn to tell
    synthetic from unseen real rows, by all other columns and by how their values are written (digits, lengths, missing
    values). The value is the difference between the AUC of the class that is exposed best and of that which is exposed
    worst; 0 is best. A trace that only one class bears is a shortcut: who trains on the rows may learn it in place of
    the class. All classes are compared at the same n, for more rows expose more.

    Interval: DeLong's variances in two-fold cross-validation, doubled (see `fidelity.detection`), for the widest of all
    differences (Bonferroni, see `gaps`). Chance makes some difference, yet for fresh real rows the lower end lies above
    0 in at most 5 % of assays. A trace in all classes alike is no shortcut and is left to `fidelity.detection`.
    """

    cap: int = Field(1_500, ge=100)
    """Most rows of a class on each side."""

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"cap": 20_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The difference; details hold the AUC of each class.

        Raises CannotMeasure without a target, or where fewer than two classes have 60 rows on both sides.
        """
        if case.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        synthetic, holdout = case.need(Role.SYNTHETIC), case.need(Role.HOLDOUT)
        enough(synthetic=len(synthetic), holdout=len(holdout))
        space = shared(case, holdout, synthetic, rng=rng)
        Y, X = space.matrix(synthetic), space.matrix(holdout)
        classes = Classes.of(space, case.target, X, most=CLASSES, support=SUPPORT)
        ours, theirs = classes.rows(Y), classes.rows(X)
        sizes = [min(int((ours == k).sum()), int((theirs == k).sum())) for k in range(len(classes.labels))]
        known = [k for k, size in enumerate(sizes) if size >= SUPPORT]
        if len(known) < 2:
            found = ", ".join(f"{label}: {n}" for label, n in zip(classes.labels, sizes, strict=True))
            raise CannotMeasure(f"fewer than two classes have {SUPPORT} rows on both sides", found=found)
        n = min(self.cap, *(sizes[k] for k in known))
        scored = []
        for k in known:
            sides = [table[_some(np.flatnonzero(kind == k), n, rng)] for table, kind in ((Y, ours), (X, theirs))]
            scored.append(_exposed(space, classes.place, sides[0], sides[1], rng))
        labels = [classes.labels[k] for k in known]
        gap = widest([_rates(labels, scored, n)])
        details = {
            "classes": [{"class": label, "auc": auc} for label, (auc, _) in zip(labels, scored, strict=True)],
            "rows_of_each_class": n,
            "left_out": [label for k, label in enumerate(classes.labels) if k not in known],
            **({} if not space.note() else {"columns": space.note()}),
        }
        return Reading(gap.value, (gap.interval[0], min(1.0, gap.interval[1])), n * len(known), details)


def _some(rows: Any, n: int, rng: np.random.Generator) -> Any:
    return np.sort(rng.permutation(rows)[:n])


def _exposed(space: Space, target: int, made: Floats, real: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """How well synthetic and real rows of one class are told apart, and the variance of that."""
    traces = textures(space, (made, real), without=target)
    kept = [j for j in range(len(space.columns)) if j != target]
    X = np.concatenate([made, real])[:, kept]
    if traces.names:
        X = np.hstack([X, np.concatenate(traces.values)])
    categorical = [place for place, j in enumerate(kept) if space.columns[j].discrete]
    categorical += [len(kept) + place for place in traces.categorical]
    y = np.repeat([1.0, 0.0], len(real))
    fold = np.concatenate([rng.permutation(len(real)) % 2, rng.permutation(len(real)) % 2])
    found = []
    for k in (0, 1):
        model = boosting.fit(X[fold != k], y[fold != k], categorical=categorical, task="binary", rng=rng, rounds=ROUNDS)
        answers, truth = boosting.scores(model, X[fold == k]), y[fold == k]
        found.append(roc.auc(answers[truth == 1], answers[truth == 0]))
    return float(np.mean([auc for auc, _ in found])), TWICE * float(np.sum([var for _, var in found])) / 4


def _rates(labels: list[str], scored: list[tuple[float, float]], n: int) -> Rates:
    auc, variance = (np.array([[pair[place]] for pair in scored]) for place in (0, 1))
    return Rates("classes", tuple(labels), ("AUC",), auc, np.full_like(auc, n), variance * n)
