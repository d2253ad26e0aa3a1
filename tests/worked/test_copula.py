"""The Gaussian copula against its closed forms."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import copula
from mintmark.generators.tabular.copula import Copula
from mintmark.seeds import Seed

RHO = 0.8


def rng(*path):
    return Seed(4).child(*path).rng()


@pytest.fixture(scope="module")
def normal():
    """Two columns with correlation 0.8, one of them bent; and a third that has nothing to do with them."""
    z = rng("z").standard_normal((8000, 3))
    x, y = z[:, 0], RHO * z[:, 0] + (1 - RHO**2) ** 0.5 * z[:, 1]
    return Dataset.of(pa.table({"x": x, "y": np.exp(y), "other": z[:, 2]}))


@pytest.fixture(scope="module")
def sampler(normal):
    return Copula().fit(normal, rng=rng("fit"))


def test_correlations_of_normal_scores_are_found(sampler):
    assert sampler.correlation[0, 1] == pytest.approx(RHO, abs=0.01)
    assert abs(sampler.correlation[0, 2]) < 0.03


def test_the_margins_come_back(sampler, normal):
    made = sampler.sample(8000, rng=rng("s"))
    for name in ("x", "y", "other"):
        assert stats.ks_2samp(made.table[name], normal.table[name]).pvalue > 0.001


def test_the_dependence_comes_back(sampler, normal):
    made = sampler.sample(8000, rng=rng("s"))
    real, found = (stats.spearmanr(d.table["x"], d.table["y"]).statistic for d in (normal, made))
    assert found == pytest.approx(real, abs=0.02)


def test_conditioning_is_that_of_a_normal_distribution(sampler):
    given = Dataset.of(pa.table({"x": np.full(20_000, 1.0)}))
    made = np.log(sampler.sample(20_000, rng=rng("s"), given=given).table["y"].to_numpy())
    assert made.mean() == pytest.approx(RHO, abs=0.03)
    assert made.std() == pytest.approx((1 - RHO**2) ** 0.5, abs=0.03)


def test_conditional_weights_and_spread_are_worked_by_hand():
    matrix = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    weights, spread = copula._conditional(matrix, np.array([True, False, False]))
    assert weights.tolist() == [[0.5], [0]]
    assert np.allclose(spread @ spread.T, [[0.75, 0], [0, 1]])


def test_columns_that_determine_each_other_leave_a_sound_matrix():
    x = rng("x").normal(size=500)
    sampler = Copula().fit(Dataset.of(pa.table({"x": x, "twice": 2 * x, "same": ["a"] * 500})), rng=rng("fit"))
    np.linalg.cholesky(sampler.correlation)
    made = sampler.sample(500, rng=rng("s"))
    assert stats.spearmanr(made.table["x"], made.table["twice"]).statistic > 0.95


def test_missingness_that_depends_on_another_column_comes_back():
    x = rng("x").normal(size=4000)
    data = Dataset.of(pa.table({"x": x, "y": pa.array(x, mask=x > 1)}))
    made = Copula().fit(data, rng=rng("fit")).sample(4000, rng=rng("s")).table
    gone = made["y"].is_null().to_numpy()
    assert made["x"].to_numpy()[gone].mean() > 1.2
    assert made["x"].to_numpy()[~gone].mean() < 0
