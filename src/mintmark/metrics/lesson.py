"""What every question of utility starts from: labelled rows to learn from, synthetic and real, and unseen ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.errors import CannotMeasure
from mintmark.metrics.enough import enough
from mintmark.metrics.exam import Exam, Labelled, Result, exam
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.sides import shared


@dataclass(frozen=True)
class Lesson:
    """An exam with the rows to learn from, in random order, and the rows to be tested on."""

    exam: Exam
    made: Labelled
    """Synthetic rows."""
    real: Labelled
    """Real rows that the generator saw."""
    unseen: Labelled
    """Real rows that it did not see."""

    @property
    def n(self) -> int:
        """How many rows both sides can give."""
        return min(len(self.made[1]), len(self.real[1]))

    def note(self, tested: int) -> dict[str, Any]:
        """What a reading's details say of the test, which had so many rows."""
        return {
            "score": self.exam.score,
            "naive": self.exam.naive,
            "test_rows": tested,
            **self.exam.space.note(),
        }

    def teaches(self, result: Result) -> None:
        """CannotMeasure where training on real rows is not surely better than an answer that looks at no feature."""
        low = float(np.quantile(result.draws, 0.025))
        if low <= self.exam.naive:
            found = f"{self.exam.score} {result.value:.3f}, at worst {low:.3f}; naive {self.exam.naive:g}"
            raise CannotMeasure(
                "real rows do not teach the target either: there is nothing to compare with", found=found
            )


def lesson(case: Case, *, cap: int, rng: np.random.Generator) -> Lesson:
    """Sets the exam of a case; every side has at most `cap` rows, drawn at random.

    Raises CannotMeasure without a target or data, with a target of one class, or with fewer than 30 rows on a side.
    """
    roles = [case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT)]
    if case.target is None:
        raise CannotMeasure("there is no target: say which column is to be predicted")
    space = shared(case, roles[1], roles[0], roles[2], rng=rng)
    made, seen, test = (space.matrix(data) for data in roles)
    asked = exam(space, case.target, seen, test, task=case.task)
    labelled = [asked.rows(matrix) for matrix in (made, seen, test)]
    enough(**{name: len(rows[1]) for name, rows in zip(("synthetic", "train", "holdout"), labelled, strict=True)})
    return Lesson(asked, *(some(rows, rng.permutation(len(rows[1]))[:cap]) for rows in labelled))


def luck(learnt: int, tested: int) -> float:
    """How much wider than by the luck of the test rows a difference of two trained models spreads: √(1 + √(t / l)).

    Models that learn from other rows differ too, the more so the fewer rows they learn from. A rule of thumb: on fresh
    rows of Adult and of simulated tables the variance was 1.8 times that of the test rows at t = l, 2.5 to 4.4 times at
    t = 5 l; see `tests/statistics/test_metrics_utility.py`.
    """
    return float(np.sqrt(1 + np.sqrt(tested / learnt)))


def some(rows: Labelled, picked: Any) -> Labelled:
    """Some of the rows, by position or slice."""
    return rows[0][picked], rows[1][picked]


def both(one: Labelled, other: Labelled) -> Labelled:
    """The rows of both, one after the other."""
    return np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
