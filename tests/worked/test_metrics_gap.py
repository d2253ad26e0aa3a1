"""Shift by hand, planted drifts that must be named, and learners that cannot or must not tell."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fidelity.gap import Gap
from mintmark.metrics.fidelity.linear import Linear, logistic
from mintmark.metrics.fidelity.shift import Shift, psi
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed


def measure(metric: Metric, synthetic: Dataset, real: Dataset) -> Reading:
    return metric.measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


def table(n: int, seed: int, **moved: np.ndarray) -> Dataset:
    rng = np.random.default_rng(seed)
    columns = {f"c{j}": rng.normal(size=n) for j in range(6)} | {"town": rng.choice(["a", "b"], n)}
    return Dataset.of(columns | moved)


def drifts(reading: Reading) -> dict[str, dict[str, float]]:
    return {each["column"]: each for each in reading.details["columns"]}


def test_the_stability_index_by_hand() -> None:
    """Shares ¼ and ¾ against ½ and ½: −¼ ln ½ + ¼ ln 3/2; half a row in each cell is lost among a million."""
    found = psi(np.array([250_000, 750_000]), np.array([500_000, 500_000]))
    assert found == pytest.approx(-0.25 * np.log(0.5) + 0.25 * np.log(1.5), rel=1e-4)


def test_the_stability_index_without_a_shift_has_the_mean_that_chance_gives() -> None:
    rng = np.random.default_rng(0)
    shares, n, m = np.full(10, 0.1), 1000, 1500
    found = psi(rng.multinomial(n, shares, 4000), rng.multinomial(m, shares, 4000))
    assert found.mean() == pytest.approx(9 * (1 / n + 1 / m), rel=0.03)


def test_the_column_that_moved_is_named_with_its_distance_in_interquartile_ranges() -> None:
    x = np.arange(1000) / 1000
    reading = measure(Shift(), table(1000, 1, c3=x + 0.25), table(1000, 2, c3=x))
    first = reading.details["columns"][0]
    assert first["column"] == "c3"
    assert reading.value == first["distance"] == pytest.approx(0.25, abs=0.005)
    assert first["wasserstein"] == pytest.approx(0.25 / 0.4995, rel=1e-3)
    assert first["unit"] == "interquartile range"
    assert first["p_holm"] < 1e-6


def test_distances_of_a_column_agree_with_scipy() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 200, 700) / 10, rng.integers(0, 180, 700) / 10
    found = drifts(measure(Shift(), table(700, 1, c0=y), table(700, 2, c0=x)))["c0"]
    assert found["distance"] == pytest.approx(stats.ks_2samp(x, y).statistic)
    spread = np.subtract(*np.quantile(x, [0.75, 0.25]))
    assert found["wasserstein"] == pytest.approx(stats.wasserstein_distance(x, y) / spread)


def test_a_level_that_gained_rows_moves_by_its_total_variation() -> None:
    made = table(1000, 1, town=np.array(["a"] * 700 + ["b"] * 300))
    found = drifts(measure(Shift(), made, table(1000, 2, town=np.array(["a", "b"] * 500))))["town"]
    assert found["distance"] == found["total_variation"] == pytest.approx(0.2)
    assert found["psi"] == pytest.approx(0.2 * np.log(0.7 / 0.5) - 0.2 * np.log(0.3 / 0.5), rel=0.01)
    assert found["psi_by_chance"] == pytest.approx(0.002)


def test_among_many_columns_a_real_shift_survives_holm() -> None:
    """With 999 deals no p-value lies below 0.001, which 200 columns would multiply to 0.2: the fitted tail goes on."""
    rng = np.random.default_rng(4)
    wide = {f"c{j}": rng.normal(size=300) for j in range(200)}
    moved = {f"c{j}": rng.normal(size=300) + (j == 7) for j in range(200)}
    found = measure(Shift(), Dataset.of(moved), Dataset.of(wide)).details["columns"]
    assert [each["column"] for each in found if each["p_holm"] < 0.05] == ["c7"]


def test_a_column_without_spread_has_no_wasserstein_distance() -> None:
    same = np.full(300, 4.5)
    found = drifts(measure(Shift(), table(300, 1, c0=same), table(300, 2, c0=same)))["c0"]
    assert "wasserstein" not in found
    assert found["p_value"] == 1


def test_a_straight_line_sees_a_shift_and_no_dependence() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=2000)
    real = table(2000, 1, c0=x, c1=x)
    apart = table(2000, 2, c0=rng.normal(size=2000), c1=rng.normal(size=2000))
    low, high = measure(Linear(), apart, real).interval
    assert low < 0.5 < high
    assert measure(Gap(), apart, real).value > 1.5
    moved = measure(Linear(), table(2000, 3, c0=x + 1, c1=x + 1), real)
    assert moved.interval[0] > 0.7
    assert moved.details["p_value"] < 1e-6
    assert "independent columns pass" in moved.details["cannot_certify"]


def test_the_logistic_weights_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(500, 3))
    y = (X @ [1, -2, 0] + rng.logistic(size=500) > 0.3).astype(float)
    peer = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(X, y)
    assert logistic(X, y, penalty=1.0) == pytest.approx(np.r_[peer.intercept_, peer.coef_[0]], abs=1e-5)


def test_domains_with_nothing_in_common_are_two_apart_and_equal_ones_none() -> None:
    far = measure(Gap(), table(800, 1, c0=np.arange(800) + 100.5), table(800, 2))
    assert far.value == pytest.approx(2, abs=0.05)
    near = measure(Gap(), table(800, 1), table(800, 2))
    assert near.interval[0] < 0 < near.interval[1]
    assert near.value == pytest.approx(2 * (1 - 2 * near.details["error"]))


@pytest.mark.parametrize("metric", [Linear(), Gap()])
def test_the_training_data_is_not_a_stand_in_for_unseen_rows(metric: Metric) -> None:
    with pytest.raises(CannotMeasure, match="holdout"):
        metric.measure(Case(table(100, 1), train=table(100, 2)), rng=Seed(1).rng())
