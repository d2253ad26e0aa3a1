"""A model that decides about unseen real people, and the groups that these people belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.exam import Exam, Labelled, exam
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.gaps import SUPPORT, Rates
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared
from mintmark.metrics.student import labels, student

Places = NDArray[np.int64]

STUDY = 5_000
"""Most rows that a model learns from."""
SENSITIVE = 10
"""Most sensitive columns that are looked at."""


@dataclass(frozen=True)
class Family:
    """Groups that part all test rows: the levels of a sensitive column, or of a pair of them."""

    name: str
    group: Places
    """The group of each test row, shape (n,)."""
    labels: tuple[str, ...]

    @property
    def sizes(self) -> Places:
        """Test rows in each group, shape (groups,)."""
        return np.bincount(self.group, minlength=len(self.labels))

    def sums(self, values: Floats) -> Floats:
        """For each group the sum over its rows of values, shape (n, k) to (groups, k)."""
        columns = [np.bincount(self.group, weights=column, minlength=len(self.labels)) for column in values.T]
        return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Panel:
    """The exam, the rows to learn from for each role, and unseen real rows with their groups."""

    exam: Exam
    study: Mapping[Role, Labelled]
    test: Labelled
    families: tuple[Family, ...]

    @property
    def classes(self) -> int:
        """How many classes are told apart; 0 for a quantity."""
        return 0 if self.exam.classes is None else len(self.exam.classes)

    @property
    def truth(self) -> Floats:
        """What is true, in the form of `decisions`; shape (n, k)."""
        return self._told(self.test[1])

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The names of the columns of `decisions`."""
        names = labels(self.exam)
        return ("mean",) if not names else names[1:] if self.classes == 2 else names

    def answers(self, role: Role) -> Floats:
        """Scores or quantities for the test rows by boosted trees that learnt from the rows of a role."""
        return boosting.scores(student(self.exam, self.study[role]), self.test[0])

    def rates(self, decided: Floats, counted: Floats | None = None, outcomes: tuple[str, ...] = ()) -> list[Rates]:
        """For each family the shares decided for, or the means, in each group.

        `decided` and `counted` have shape (n, outcomes): a row counts for an outcome where `counted` is 1. Classes with
        fewer than 30 test rows are unknown.
        """
        counted = np.ones_like(decided) if counted is None else counted
        out = []
        for family in self.families:
            n = family.sums(counted)
            mean = family.sums(decided * counted) / np.maximum(n, 1)
            variance = None if self.classes else np.maximum(family.sums(decided**2) / np.maximum(n, 1) - mean**2, 0)
            known = n * (self._frequent(n.shape[1]))
            out.append(Rates(family.name, family.labels, outcomes or self.outcomes, mean, known, variance))
        return out

    def _frequent(self, outcomes: int) -> NDArray[np.bool_]:
        """Which outcomes are of a class that enough test rows have, shape (outcomes,)."""
        if self.classes == 0:
            return np.ones(outcomes, dtype=bool)
        held = self.truth.sum(axis=0)
        return np.tile(np.minimum(held, len(self.test[1]) - held) >= SUPPORT, outcomes // len(held))

    def decisions(self, answers: Floats) -> Floats:
        """Shape (n, k): 1 where a class is decided for (the second of two, or each of several), by the highest score.

        Quantities, shape (n, 1), are counted in standard deviations of the real target.
        """
        if self.classes == 2:
            return (answers >= 0.5).astype(np.float64)[:, None]
        return self._told(answers if self.classes == 0 else answers.argmax(axis=1))

    def note(self) -> dict[str, Any]:
        """What a reading's details say of the test and of the groups that are unknown."""
        small = [label for family in self.families for label, n in zip(family.labels, family.sizes, strict=True)
                 if 0 < n < SUPPORT]  # fmt: skip
        return {
            "unknown_groups": len(small),
            "test_rows": len(self.test[1]),
            "train_rows": {str(role): len(rows[1]) for role, rows in self.study.items()},
            **self.exam.space.note(),
        }

    def _told(self, values: Floats) -> Floats:
        if self.classes == 0:
            spread = float(self.test[1].std())
            return (values / (spread if spread > 0 else 1.0))[:, None]
        if self.classes == 2:
            return (values == 1).astype(np.float64)[:, None]
        return (values[:, None] == np.arange(self.classes)).astype(np.float64)


def panel(case: Case, roles: tuple[Role, ...], rng: np.random.Generator) -> Panel:
    """Sets the exam for models that learn from `roles`, each from equally many rows.

    Raises CannotMeasure without a target, sensitive columns or enough rows.
    """
    if case.target is None:
        raise CannotMeasure("there is no target: say which column is to be predicted")
    names = [name for name in case.sensitive if name != case.target][:SENSITIVE]
    if not names:
        raise CannotMeasure("no sensitive columns are named", found="the target alone" if case.sensitive else "none")
    holdout, data = case.need(Role.HOLDOUT), [case.need(role) for role in roles]
    space = shared(case, holdout, *data, rng=rng)
    absent = [name for name in names if name not in space.names]
    if absent:
        raise CannotMeasure("sensitive columns cannot be compared", found=", ".join(absent))
    unseen, matrices = space.matrix(holdout), [space.matrix(each) for each in data]
    asked = exam(space, case.target, matrices[-1] if Role.TRAIN in roles else unseen, unseen, task=case.task)
    known = np.isfinite(unseen[:, asked.place])
    if asked.classes is not None:
        known &= np.isin(unseen[:, asked.place], asked.classes)
    study = [asked.rows(matrix) for matrix in matrices]
    enough(**{str(role): len(rows[1]) for role, rows in zip(roles, study, strict=True)}, holdout=int(known.sum()))
    n = min(STUDY, *(len(rows[1]) for rows in study))
    picked = [rng.permutation(len(rows[1]))[:n] for rows in study]
    less = {role: (rows[0][p], rows[1][p]) for role, rows, p in zip(roles, study, picked, strict=True)}
    return Panel(asked, less, asked.rows(unseen), _families(space, names, unseen[known]))


def _families(space: Space, names: list[str], rows: Floats) -> tuple[Family, ...]:
    places = [space.names.index(name) for name in names]
    cuts = {j: Cut.of(space.columns[j], rows[:, j], at=evenly(4), levels=100) for j in places}
    return tuple(_family(space, cuts, columns, rows) for columns in (*((j,) for j in places), *combinations(places, 2)))


def _family(space: Space, cuts: dict[int, Cut], columns: tuple[int, ...], rows: Floats) -> Family:
    shape = tuple(cuts[j].size for j in columns)
    cells = np.ravel_multi_index([cuts[j].place(rows[:, j]) for j in columns], shape)
    found, group = np.unique(cells, return_inverse=True)
    labels = []
    for cell in found:
        parts = zip(columns, np.unravel_index(cell, shape), strict=True)
        labels.append(" and ".join(f"{space.columns[j].name}: {cuts[j].label(int(place))}" for j, place in parts))
    return Family(" and ".join(space.columns[j].name for j in columns), group, tuple(labels))
