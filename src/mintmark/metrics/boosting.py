"""Gradient-boosted trees with one fixed, deterministic setting: the adversary and the student of several metrics."""

from typing import Literal

import lightgbm
import numpy as np
from numpy.typing import NDArray

from mintmark.seeds import integer

Floats = NDArray[np.float64]
Task = Literal["binary", "multiclass", "regression"]

ROUNDS = 100
THREADS = 1
"""Fixed, because sums of floats differ with their order; one, because threads that wait for each other by spinning
made a busy machine ten times slower."""


def fit(
    X: Floats,
    y: Floats,
    *,
    categorical: list[int],
    task: Task,
    rng: np.random.Generator,
    classes: int = 1,
    rounds: int = ROUNDS,
) -> lightgbm.Booster:
    """Trains on X, shape (n, d), with missing values as NaN; `y` holds 0 and 1, class codes, or quantities."""
    settings = {
        "objective": task,
        "num_class": classes if task == "multiclass" else 1,
        "learning_rate": 0.1,
        "num_leaves": 31,
        "min_data_in_leaf": min(20, max(2, len(y) // 20)),
        "min_data_per_group": min(100, max(2, len(y) // 20)),
        "cat_smooth": 10.0,
        "seed": integer(rng),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": THREADS,
        "verbose": -1,
    }
    data = lightgbm.Dataset(X, label=y, categorical_feature=categorical, params={"verbose": -1}, free_raw_data=True)
    return lightgbm.train(settings, data, num_boost_round=rounds)


def scores(model: lightgbm.Booster, X: Floats) -> Floats:
    """Probabilities, shape (n,) or (n, classes), or predicted quantities, shape (n,)."""
    return np.asarray(model.predict(X, num_threads=THREADS), dtype=np.float64)
