"""Distances of single columns against scipy, on values that the real column never has."""

import numpy as np
import pytest
from scipy import stats

from mintmark.data.dataset import Dataset
from mintmark.metrics.columns import kolmogorov
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fidelity.marginals import Marginals
from mintmark.metrics.fidelity.shift import Shift
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed

RNG = np.random.default_rng(0)
PAIRS = {
    "constants": (np.full(100, 5.0), np.full(100, 4.0)),
    "between": (np.repeat([0.0, 1.0], [10, 90]), np.full(100, 0.5)),
    "above": (RNG.normal(size=1000), RNG.normal(0.5, 1, 1000)),
    "below": (RNG.normal(size=1000), RNG.normal(-0.5, 1, 1000)),
    "other n": (RNG.integers(0, 9, 700).astype(float), RNG.integers(0, 18, 300) / 2),
}


def measure(metric: Metric, real: np.ndarray, made: np.ndarray) -> Reading:
    return metric.measure(Case(Dataset.of({"x": made}), holdout=Dataset.of({"x": real})), rng=Seed(1).rng())


@pytest.mark.parametrize("name", PAIRS)
def test_the_widest_gap_is_exactly_that_of_scipy_whatever_the_values(name: str) -> None:
    real, made = PAIRS[name]
    expected = pytest.approx(stats.ks_2samp(real, made).statistic, abs=1e-12)
    assert kolmogorov(real, made) == expected
    assert measure(Marginals(), real, made).value == expected


def test_missing_values_are_the_lowest_of_all() -> None:
    gone = np.array([np.nan, np.nan, 1.0, 2.0])
    assert kolmogorov(gone, np.array([1.0, 1.0, 1.0, 2.0])) == 0.5
    assert kolmogorov(gone, np.full(3, np.nan)) == 0.5
    assert kolmogorov(np.full(3, np.nan), np.full(5, np.nan)) == 0


def test_a_value_between_the_few_real_ones_is_another_value_and_no_drift_is_overlooked() -> None:
    real, made = np.repeat([0.0, 1.0], [50, 50]), np.repeat([0.0, 0.5], [50, 50])
    found = measure(Shift(), real, made).details["columns"][0]
    assert found["total_variation"] == pytest.approx(0.5)
    assert found["p_value"] < 0.001


def test_the_interval_of_a_distance_knows_the_values_between() -> None:
    """All gaps lie between the two real values: without cells of their own their spread would be that of nothing."""
    real, made = np.repeat([0.0, 1.0], [20, 180]), np.repeat([0.5, 1.0], [100, 100])
    reading = measure(Marginals(), real, made)
    # A share of a half in 200 rows less one of a tenth: standard deviation 0.041.
    assert reading.value == pytest.approx(0.4)
    assert reading.interval[1] - reading.interval[0] == pytest.approx(2 * 1.96 * 0.041, rel=0.2)
