"""Values against scikit-learn and scipy, wherever they define the same; `python -m benchmarks agreement` asks more."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import NearestNeighbors

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.metrics import intervals, roc
from mintmark.metrics.balls import Clouds
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Reading
from mintmark.metrics.explained import r2
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case
from mintmark.metrics.neighbours import Map
from mintmark.seeds import Seed


def table(seed: int, shift: float = 0.0, n: int = 400) -> Dataset:
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    town = rng.choice(["a", "b", "c"], n)
    return Dataset.of({"x": x, "y": x + rng.normal(size=n), "z": rng.gamma(2, size=n), "town": town,
                       "label": np.where(x + rng.normal(size=n) > 0, "yes", "no")})  # fmt: skip


CASE = Case(table(1, 0.4), table(2), table(3), target="label")


def measure(name: str, **parameters: object) -> Reading:
    return catalog.build("metrics", name, parameters).measure(CASE, rng=Seed(1).rng())


def test_an_auc_with_ties_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 6, 300).astype(float), rng.random(300) < 0.3
    expected = sklearn.roc_auc_score(positive, scores)
    assert roc.auc(scores[positive], scores[~positive])[0] == pytest.approx(expected, abs=1e-12)
    weights = rng.integers(1, 4, (5, 300)).astype(float)
    weighted = [sklearn.roc_auc_score(positive, scores, sample_weight=each) for each in weights]
    assert roc.weighted_auc(scores, positive, weights) == pytest.approx(weighted, abs=1e-12)


def test_explained_variance_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    y = rng.normal(size=200)
    said = y + rng.normal(0, 0.7, 200)
    assert r2(said, y)[0] == pytest.approx(sklearn.r2_score(y, said), abs=1e-12)


def test_the_exact_interval_of_a_share_is_that_of_scipy() -> None:
    for hits, n in ((0, 20), (3, 20), (20, 20), (137, 1000)):
        expected = stats.binomtest(hits, n).proportion_ci(method="exact")
        assert intervals.proportion(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_mutual_information_between_cells_is_that_of_scikit_learn() -> None:
    space = Space.of(CASE.reference, CASE.synthetic)
    sides = [space.matrix(data) for data in (CASE.reference, CASE.synthetic)]
    cuts = [Cut.of(column, sides[0][:, j], at=evenly(8), levels=8) for j, column in enumerate(space.columns)]
    real, made = (
        np.array(
            [
                sklearn.normalized_mutual_info_score(*pair, average_method="geometric")
                for pair in combinations([cut.place(side[:, j]) for j, cut in enumerate(cuts)], 2)
            ]
        )
        for side in sides
    )
    found = measure("fidelity.associations").details["mutual_information"]
    assert found["mean_in_real"] == pytest.approx(real.mean(), abs=1e-9)
    assert found["mean_difference"] == pytest.approx(np.abs(real - made).mean(), abs=1e-9)


def test_the_discrepancy_is_near_that_of_all_pairs_by_scikit_learns_kernel() -> None:
    """With 8,192 random features the standard error is 0.0002 at most; 0.001 is passed once in a million draws."""
    found = measure("fidelity.mmd", features=8192).details["by_width"]
    space = Space.of(CASE.reference, CASE.synthetic)
    real, made = (space.matrix(data) for data in (CASE.reference, CASE.synthetic))
    place = Map.of(space, np.concatenate([real, made]))
    X, Y = place.points(real).astype(float), place.points(made).astype(float)
    n = len(X)
    for each in found:
        gamma = 1 / (2 * each["width"] ** 2)
        within = sum(rbf_kernel(Z, Z, gamma).sum() - n for Z in (X, Y)) / (n * (n - 1))
        exact = within - 2 * rbf_kernel(X, Y, gamma).mean()
        assert each["discrepancy"] == pytest.approx(exact, abs=0.001)
    assert found[1]["discrepancy"] > 0.005


def test_precision_recall_density_and_coverage_are_those_of_neighbours_found_by_scikit_learn() -> None:
    clouds = Clouds.of(CASE, 400, Seed(1).rng(), minimum=30)
    real, made = (points.astype(float) for points in (clouds.real, clouds.made))
    radius, made_radius = (_fifth(points) for points in (real, made))
    far = sklearn.pairwise_distances(real, made)
    inside = far <= radius[:, None] * (1 + 1e-9)
    assert measure("fidelity.precision").value == pytest.approx(inside.any(axis=0).mean())
    assert measure("fidelity.density").value == pytest.approx(inside.sum(axis=0).mean() / 5)
    assert measure("coverage.neighbours").value == pytest.approx(inside.any(axis=1).mean())
    assert measure("coverage.recall").value == pytest.approx((far <= made_radius * (1 + 1e-9)).any(axis=1).mean())


def _fifth(points: np.ndarray) -> np.ndarray:
    """The distance to the fifth nearest other point."""
    return NearestNeighbors(n_neighbors=6).fit(points).kneighbors(points)[0][:, 5]


def test_wasserstein_distances_are_those_of_scipy_in_interquartile_ranges() -> None:
    found = {each["column"]: each for each in measure("fidelity.shift").details["columns"]}
    for name in ("x", "z"):
        real, made = (data.table[name].to_numpy() for data in (CASE.reference, CASE.synthetic))
        unit = np.subtract(*np.quantile(real, [0.75, 0.25]))
        expected = stats.wasserstein_distance(real, made) / unit
        assert found[name]["wasserstein"] == pytest.approx(expected)
