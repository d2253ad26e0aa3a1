"""A model that learnt what an exam asks, kept so that more can be asked of it than its score."""

import lightgbm

from mintmark.metrics import boosting
from mintmark.metrics.exam import Exam, Labelled
from mintmark.seeds import Seed

ROUNDS = 50
"""Trees: half as many as other models have, for a student is asked about many rows."""


def student(asked: Exam, study: Labelled) -> lightgbm.Booster:
    """Boosted trees that learnt from the rows of `study`; they draw no random numbers of their own."""
    count = 1 if asked.classes is None else len(asked.classes)
    task: boosting.Task = "regression" if asked.classes is None else "binary" if count == 2 else "multiclass"
    categorical = [j - (j > asked.place) for j in asked.space.categorical if j != asked.place]
    return boosting.fit(*study, categorical=categorical, task=task, classes=count, rng=Seed(0).rng(), rounds=ROUNDS)


def features(asked: Exam) -> list[str]:
    """The names of the columns that a student looks at, in order."""
    return [name for place, name in enumerate(asked.space.names) if place != asked.place]


def labels(asked: Exam) -> tuple[str, ...]:
    """The names of the classes; none for a quantity."""
    if asked.classes is None:
        return ()
    column = asked.space.columns[asked.place]
    return tuple(column.levels[int(code)] if column.discrete else f"{code:g}" for code in asked.classes)
