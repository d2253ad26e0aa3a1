"""Discrepancies, Fréchet distances and covariances against their closed forms."""

import numpy as np
import pytest
from scipy import linalg

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.embedding import Embedding
from mintmark.metrics.features import Space
from mintmark.metrics.fidelity import coral, frechet, kernel, mmd
from mintmark.metrics.metric import Case
from mintmark.metrics.moments import Moments
from mintmark.metrics.sides import sides
from mintmark.seeds import Seed

Array = np.ndarray


def gaussian_mmd(shift: Array, spread: float, width: float) -> float:
    """Of N(0, s²I) and N(μ, s²I): 2c[1 − exp(−‖μ‖²/(2(τ² + 2s²)))], c = (τ²/(τ² + 2s²))^(d/2)."""
    wide = width**2 + 2 * spread**2
    return 2 * (width**2 / wide) ** (len(shift) / 2) * (1 - np.exp(-(shift @ shift) / (2 * wide)))


def estimate(X: Array, Y: Array, width: float, rng: np.random.Generator, features: int = 2048) -> float:
    directions = rng.normal(0, 1 / width, (X.shape[1], features // 2)).astype(np.float32)
    rows = np.arange(len(X)).reshape(50, -1)
    means = np.concatenate([mmd.block_means(Z.astype(np.float32), directions, rows) for Z in (X, Y)])
    return mmd.discrepancy(means @ means.T, rows.shape[1])


@pytest.mark.parametrize("width", [0.7, 2.0])
@pytest.mark.parametrize("size", [0.0, 1.0])
def test_random_features_estimate_the_discrepancy_of_two_gaussians_without_bias(width: float, size: float) -> None:
    rng = np.random.default_rng(0)
    shift = np.full(3, size / np.sqrt(3))
    found = [
        estimate(rng.normal(0, 0.8, (500, 3)), rng.normal(0, 0.8, (500, 3)) + shift, width, rng, features=256)
        for _ in range(200)
    ]
    assert abs(np.mean(found) - gaussian_mmd(shift, 0.8, width)) < 4 * np.std(found) / np.sqrt(len(found))


def test_with_many_rows_the_discrepancy_of_two_gaussians_is_met() -> None:
    rng = np.random.default_rng(1)
    shift = np.array([0.6, 0, 0.3, 0])
    found = estimate(rng.normal(size=(20_000, 4)), rng.normal(size=(20_000, 4)) + shift, 2.0, rng)
    assert found == pytest.approx(gaussian_mmd(shift, 1.0, 2.0), rel=0.05)


def test_random_features_are_of_the_gaussian_kernel() -> None:
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(50, 2)), rng.normal(1, 1, (50, 2))

    def k(A: Array, B: Array) -> Array:
        return np.exp(-((A[:, None] - B) ** 2).sum(axis=2) / (2 * 1.5**2))

    apart = ~np.eye(50, dtype=bool)
    exact = k(X, X)[apart].mean() + k(Y, Y)[apart].mean() - 2 * k(X, Y).mean()
    assert estimate(X, Y, 1.5, rng, features=60_000) == pytest.approx(exact, abs=0.01)


def moments(points: Array) -> Moments:
    return Moments.of(points, np.zeros(len(points), dtype=int))


def test_the_frechet_distance_of_two_clouds_is_that_of_the_formula() -> None:
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(300, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(300, 4)) + 0.5
    ours, theirs = np.cov(X.T), np.cov(Y.T)
    cross = np.trace(linalg.sqrtm(ours @ theirs).real)
    exact = ((X.mean(axis=0) - Y.mean(axis=0)) ** 2).sum() + np.trace(ours) + np.trace(theirs) - 2 * cross
    assert frechet.distances(moments(X), moments(Y))[0] == pytest.approx(exact)


def test_the_extrapolated_frechet_distance_of_two_gaussians_is_met_where_that_at_n_lies_too_high() -> None:
    """N(0, I) and N(μ, 4I) in ten dimensions: ‖μ‖² + d (2 − 1)² = 0.9 + 10."""
    rng = np.random.default_rng(4)
    values, at_n = [], []
    for _ in range(60):
        block = np.arange(300) % 50
        X, Y = rng.normal(size=(300, 10)), 2 * rng.normal(size=(300, 10)) + 0.3
        value, plain = frechet._extrapolated(Moments.of(X, block), Moments.of(Y, block), np.ones((1, 50)))
        values.append(value[0])
        at_n.append(plain[0])
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values) - 10.9) < 4 * error
    assert np.mean(at_n) - 10.9 > 4 * error


def test_the_cubic_kernel_compares_three_moments() -> None:
    """In one dimension (xy + 1)³ = 1 + 3xy + 3x²y² + x³y³, so MMD² = 3Δ₁² + 3Δ₂² + Δ₃² in raw moments."""
    x, y = np.array([[0.0], [1], [2]]), np.array([[1.0], [3], [-1]])

    def pairs(a: Array, b: Array) -> float:
        return float(np.mean([(p * q + 1) ** 3 for p in a[:, 0] for q in b[:, 0]]))

    within = [np.mean([(a * b + 1) ** 3 for i, a in enumerate(z) for j, b in enumerate(z) if i != j])
              for z in (x[:, 0], y[:, 0])]  # fmt: skip
    assert kernel.discrepancy(x, y) == pytest.approx(sum(within) - 2 * pairs(x, y))
    rng = np.random.default_rng(5)
    found = [kernel.discrepancy(rng.normal(size=(200, 1)), rng.normal(0.5, 1, (200, 1))) for _ in range(400)]
    exact = 3 * 0.5**2 + 3 * 0.25**2 + (0.5**3 + 3 * 0.5) ** 2
    assert abs(np.mean(found) - exact) < 4 * np.std(found) / 20


def test_the_correlation_alignment_loss_by_hand() -> None:
    ours, theirs = np.array([[[1.0, 0.5], [0.5, 1.0]]]), np.array([[[1.0, 0.0], [0.0, 3.0]]])
    assert coral.loss(ours, theirs)[0] == pytest.approx((0.25 + 0.25 + 4) / 16)


def test_moments_of_blocks_add_up_to_those_of_all_rows() -> None:
    rng = np.random.default_rng(6)
    X = rng.normal(size=(103, 3))
    parts = Moments.of(X, intervals.blocks(103, rng))
    whole = parts.mixed(np.ones((1, 50)))
    assert whole.means[0] == pytest.approx(X.mean(axis=0))
    assert whole.covariances[0] == pytest.approx(np.cov(X.T))


def mixed(n: int, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    age = rng.normal(size=n)
    return Dataset.of({"age": age, "wage": age + rng.normal(size=n), "town": np.where(age > 0.5, "a", "b")})


def test_real_rows_have_unit_variance_along_every_axis_of_the_space() -> None:
    both = sides(Case(mixed(400, 1), holdout=mixed(400, 2)), 1000, Seed(1).rng())
    embedding = Embedding.of(both.space, both.real, both.made)
    points = embedding.points(both.real)
    assert points.var(axis=0, ddof=1) == pytest.approx(1, abs=1e-4)
    assert embedding.explained == pytest.approx(1, abs=0.01)


def test_many_axes_of_equal_spread_do_not_part_fresh_rows_from_real_ones() -> None:
    """Directions that were chosen for their spread among real rows would."""
    rng = np.random.default_rng(8)
    found = []
    for _ in range(20):
        real, made = (Dataset.of({f"c{j}": rng.normal(size=300) for j in range(60)}) for _ in range(2))
        found.append(frechet.Frechet().measure(Case(made, holdout=real), rng=rng).value)
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(20)


def test_rows_that_are_all_alike_span_no_space() -> None:
    same = Dataset.of({"level": ["a"] * 50})
    both = sides(Case(same, holdout=same), 1000, Seed(1).rng())
    with pytest.raises(CannotMeasure, match="alike"):
        Embedding.of(both.space, both.real, both.made)
    with pytest.raises(CannotMeasure, match="alike"):
        mmd.Mmd().measure(Case(same, holdout=same), rng=Seed(1).rng())


def test_sides_are_of_equal_size_and_say_what_was_left_out() -> None:
    both = sides(Case(mixed(90, 1), holdout=mixed(200, 2)), 50, Seed(1).rng())
    assert both.real.shape == both.made.shape == (50, 3)
    assert both.note()["capped"] == "50 of 200 real and 90 synthetic rows, drawn at random"
    assert isinstance(both.space, Space)
    with pytest.raises(CannotMeasure, match="at least 30 rows"):
        sides(Case(mixed(29, 1), holdout=mixed(200, 2)), 50, Seed(1).rng())


def test_a_wide_table_is_narrowed_to_what_can_be_computed_and_says_so() -> None:
    """Each category takes 52 axes of the space of distances, so that nine of them fit into 512."""
    rng = np.random.default_rng(7)
    wide = Dataset.of({f"c{j:02}": rng.choice(80, 200).astype("U") for j in range(40)})
    case = Case(wide, holdout=wide, target="c31")
    both = sides(case, 1000, Seed(1).rng(), axes=512)
    assert len(both.space.columns) == both.real.shape[1] == both.made.shape[1] == 9
    assert "c31" in both.space.names
    assert both.note()["columns_compared"] == "9 of 40, drawn at random"
    assert sides(case, 1000, Seed(1).rng(), columns=7).note()["columns_compared"] == "7 of 40, drawn at random"
    assert "columns_compared" not in sides(case, 1000, Seed(1).rng()).note()
