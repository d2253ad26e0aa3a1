"""Intervals cover the truth at their nominal rate.

Each simulation has 1,000 fixed draws: an interval that truly covers 95 % would fail a bound of 93 % once in 400 seeds.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from mintmark.data.dataset import Dataset
from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Interval
from mintmark.metrics.fidelity.marginals import Marginals
from mintmark.metrics.metric import Case

RUNS = 1000
NOMINAL = 0.93


def coverage(draw: Callable[[np.random.Generator], Interval], truth: float, runs: int = RUNS) -> float:
    rng = np.random.default_rng(20)
    ends = np.array([draw(rng) for _ in range(runs)])
    return float(np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])))


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_the_exact_interval_of_a_share_covers(share: float) -> None:
    assert coverage(lambda rng: intervals.proportion(int(rng.binomial(200, share)), 200), share) >= 0.95


def test_the_interval_of_a_difference_covers() -> None:
    def draw(rng: np.random.Generator) -> Interval:
        return intervals.difference(int(rng.binomial(300, 0.05)), 300, int(rng.binomial(200, 0.02)), 200)

    assert coverage(draw, 0.03) >= NOMINAL


def test_the_interval_of_a_ratio_covers() -> None:
    def draw(rng: np.random.Generator) -> Interval:
        return intervals.ratio(int(rng.binomial(500, 0.1)), 500, max(1, int(rng.binomial(500, 0.2))), 500)

    assert coverage(draw, 0.5) >= NOMINAL


def test_the_interval_of_an_auc_covers() -> None:
    truth = float(stats.norm.cdf(0.5 / np.sqrt(2)))

    def draw(rng: np.random.Generator) -> Interval:
        value, variance = roc.auc(rng.normal(0.5, 1, 80), rng.normal(0, 1, 60))
        return intervals.normal(value, variance, (0, 1))

    assert coverage(draw, truth) >= NOMINAL


@pytest.mark.parametrize(("members", "others"), [(400, 85), (1000, 400), (2000, 2000)])
@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_the_interval_of_an_attack_at_a_hundredth_covers(members: int, others: int, shift: float) -> None:
    truth = float(stats.norm.sf(stats.norm.isf(0.01) - shift))

    def draw(rng: np.random.Generator) -> Interval:
        return roc.tpr_at(0.01, rng.normal(shift, 1, members), rng.normal(0, 1, others), rng=rng)[1]

    assert coverage(draw, truth) >= NOMINAL


@pytest.mark.parametrize("others", [60, 85, 250, 1000])
def test_an_attack_that_knows_nothing_finds_a_hundredth_on_average(others: int) -> None:
    rng = np.random.default_rng(3)
    found = [roc.tpr_at(0.01, rng.normal(size=300), rng.normal(size=others), rng=rng)[0] for _ in range(2000)]
    # Within four standard errors: a right method fails once in 16,000 seeds.
    assert abs(np.mean(found) - 0.01) < 4 * np.std(found) / np.sqrt(len(found))


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_interval_of_a_distance_covers_what_fresh_rows_of_this_n_show(shift: float) -> None:
    """A plain percentile bootstrap fails here: resampling pushes a Kolmogorov–Smirnov distance upwards."""

    def reading(rng: np.random.Generator) -> tuple[float, Interval]:
        real = Dataset.of({f"c{j}": rng.normal(size=200) for j in range(4)})
        made = Dataset.of({f"c{j}": rng.normal(shift, 1, size=200) for j in range(4)})
        found = Marginals(resamples=200).measure(Case(made, holdout=real), rng=rng)
        return found.value, found.interval

    rng = np.random.default_rng(4)
    found = [reading(rng) for _ in range(250)]
    truth = np.mean([value for value, _ in found])
    covered = np.mean([low <= truth <= high for _, (low, high) in found])
    assert covered >= 0.91
