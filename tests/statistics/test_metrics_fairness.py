"""Gaps between groups: the interval of the widest covers, and fresh real rows amplify nothing."""

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.metrics.fairness.amplification import Amplification
from mintmark.metrics.fairness.worst_group import WorstGroup
from mintmark.metrics.gaps import Gap, Rates, widest
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed

RUNS = 1000


def gap(rng: np.random.Generator, shares: list[float], n: list[int]) -> Gap:
    sizes = np.array(n, dtype=float)[:, None]
    hits = rng.binomial(np.array(n), np.array(shares))[:, None]
    return widest([Rates("group", tuple(map(str, n)), ("yes",), hits / sizes, sizes)])


@pytest.mark.parametrize("shares", [[0.3, 0.5], [0.3, 0.5, 0.4], [0.02, 0.05, 0.9, 0.95, 0.5], [0.2] * 8])
def test_the_interval_of_the_widest_gap_covers(shares: list[float]) -> None:
    rng = np.random.default_rng(1)
    sizes = [50, 200, 400, 35, 1000, 60, 90, 30][: len(shares)]
    truth = max(shares) - min(shares)
    found = [gap(rng, shares, sizes).interval for _ in range(RUNS)]
    assert np.mean([low <= truth <= high for low, high in found]) >= 0.94


def test_a_gap_of_means_covers() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(RUNS):
        groups = [rng.normal(mean, 1, n) for mean, n in ((0, 60), (0.5, 120), (0.2, 200))]
        value, n, variance = (
            np.array([[f(g)] for g in groups]) for f in (np.mean, len, lambda g: g.var(ddof=1))
        )  # fmt: skip
        low, high = widest([Rates("group", ("a", "b", "c"), ("mean",), value, n.astype(float), variance)]).interval
        covered += low <= 0.5 <= high
    assert covered / RUNS >= 0.94


def loans(rng: np.random.Generator, n: int = 700) -> Dataset:
    group = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    x, z = rng.normal(size=n) + (group == "b"), rng.normal(size=n)
    label = np.where(rng.random(n) < 1 / (1 + np.exp(-2 * x + z)), "yes", "no")
    return Dataset.of({"group": group, "x": x, "z": z, "label": label})


def test_fresh_rows_amplify_nothing() -> None:
    rng = np.random.default_rng(3)
    ends = []
    for run in range(60):
        case = Case(loans(rng), train=loans(rng), holdout=loans(rng), target="label", sensitive=("group",))
        ends.append(Amplification().measure(case, rng=Seed(run).rng()).interval)
    # Nominal 2.5 % to each side; nine of 60 to both would come up once in 700 seeds.
    assert np.mean([low > 0 or high < 0 for low, high in ends]) < 0.15


def test_the_worst_served_group_is_found_among_well_served_ones() -> None:
    rng = np.random.default_rng(4)
    made, real = loans(rng, 2000), loans(rng, 2000)
    label = real.table["label"].to_numpy(zero_copy_only=False).copy()
    others = real.table["group"].to_numpy(zero_copy_only=False) == "c"
    label[others] = rng.permutation(label[others])
    unjust = Dataset.of({**{name: real.table[name] for name in ("group", "x", "z")}, "label": label})
    reading = WorstGroup().measure(Case(made, holdout=unjust, target="label", sensitive=("group",)), rng=Seed(1).rng())
    assert reading.details["groups"][0]["group"] == "group: c"
    assert reading.interval[0] < 0.5 < reading.interval[1]
    assert reading.details["groups"][1]["interval"][0] > 0.75
