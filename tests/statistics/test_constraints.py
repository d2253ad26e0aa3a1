"""What a construction does to the distributions that it takes apart."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import mintmark as mm
from mintmark.generators.tabular.trees import Trees
from mintmark.seeds import Seed

ROWS = 4000


def rides(part):
    draw = Seed(17).child("rides", part).rng()
    start = draw.integers(0, 30 * 86_400, ROWS)
    fare = np.round(draw.lognormal(2.3, 0.5, ROWS), 2)
    lasts = np.rint(60 * fare * draw.lognormal(0, 0.3, ROWS)).astype(int) + 1
    tip = np.where(draw.random(ROWS) < 0.3, 0, np.round(fare * draw.uniform(0.05, 0.3, ROWS), 2))
    one = draw.beta(2, 3, ROWS)
    first = np.rint(100 * one).astype(int)
    second = np.rint((100 - first) * draw.beta(2, 2, ROWS)).astype(int)
    epoch = np.datetime64("2024-01-01T00:00:00")
    return pa.table({
        "start": epoch + start, "end": epoch + start + lasts,
        "fare": fare, "tip": tip, "total": np.round(fare + tip, 2),
        "first": first, "second": second, "third": 100 - first - second,
    })  # fmt: skip


CONSTRAINTS = ["end > start", "tip <= fare", "total == fare + tip", "first + second + third == 100"]


@pytest.fixture(scope="module")
def made():
    return mm.generate(rides("train"), "tabular.trees", count=ROWS, seed=1, constraints=CONSTRAINTS).table


def number(column):
    return column.to_numpy().astype("M8[s]").astype(float) if pa.types.is_timestamp(column.type) else column.to_numpy()


def test_marginals_are_as_near_to_unseen_rows_as_other_real_rows_are(made):
    """Kolmogorov–Smirnov against 4,000 unseen rows, beside what the training rows have against them.

    Both are draws of one distance: for two samples of 4,000, it exceeds 0.043 once in a thousand times.
    """
    train, unseen = rides("train"), rides("unseen")
    for name in train.column_names:
        real = number(unseen[name])
        ceiling = stats.ks_2samp(number(train[name]), real).statistic
        assert stats.ks_2samp(number(made[name]), real).statistic < max(0.043, ceiling + 0.02), name


def test_what_lies_between_the_columns_is_as_it_was(made):
    """The ride's length, and the tip's share, are in no column: they are only right where the construction is."""
    train, unseen = rides("train"), rides("unseen")
    for what in (lambda t: number(t["end"]) - number(t["start"]), lambda t: number(t["tip"]) / number(t["fare"])):
        ceiling = stats.ks_2samp(what(train), what(unseen)).statistic
        assert stats.ks_2samp(what(made), what(unseen)).statistic < max(0.043, ceiling + 0.02)


def test_learnt_apart_the_columns_would_break_the_constraints():
    """The construction is what keeps them: the same method without it does not."""
    train = mm.Dataset.of(rides("train"))
    plain = Trees().fit(train, rng=mm.Seed(1).rng()).sample(ROWS, rng=mm.Seed(2).rng()).table
    assert (number(plain["end"]) <= number(plain["start"])).mean() > 0.05
    assert (np.abs(number(plain["total"]) - number(plain["fare"]) - number(plain["tip"])) > 0.005).mean() > 0.5


def test_a_start_before_a_given_end_is_as_long_before_it_as_rides_last():
    """Conditions on the end of a ride settle its start: the lengths of such rides are those of all rides.

    For samples of 500 and 4,000, the Kolmogorov–Smirnov distance exceeds 0.092 once in a thousand times.
    """
    real = rides("train")
    where = {"end": {"min": "2024-01-10", "max": "2024-01-20"}}
    made = mm.generate(real, "tabular.trees", count=500, seed=3, constraints=CONSTRAINTS, where=where).table
    lasts = number(made["end"]) - number(made["start"])
    assert (lasts > 0).all()
    assert stats.ks_2samp(lasts, number(real["end"]) - number(real["start"])).statistic < 0.092
