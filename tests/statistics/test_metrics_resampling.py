"""Resampled intervals cover, tests keep their level, and adjusted p-values are those of the textbooks."""

import numpy as np
import pytest

from mintmark.metrics import intervals
from mintmark.metrics.multiplicity import benjamini_hochberg, holm
from mintmark.metrics.resampling import bca, same_means


def test_holm_and_benjamini_hochberg_by_hand() -> None:
    p = np.array([0.04, 0.01, 0.03, 0.005])
    assert holm(p) == pytest.approx([0.06, 0.03, 0.06, 0.02])
    assert benjamini_hochberg(p) == pytest.approx([0.04, 0.02, 0.04, 0.02])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])


def test_no_tests_are_no_findings() -> None:
    assert holm(np.array([])).shape == (0,)
    assert benjamini_hochberg(np.array([])).shape == (0,)


def test_holm_keeps_the_rate_of_any_false_finding() -> None:
    """2,000 families of 20 null tests: a right method exceeds 6.5 % once in 1,000 seeds; unadjusted, 64 % do."""
    p = np.random.default_rng(1).random((2000, 20))
    assert 0.03 < np.mean([holm(row).min() <= 0.05 for row in p]) < 0.065


def test_benjamini_hochberg_keeps_the_share_of_false_findings() -> None:
    """15 null tests beside 5 true effects: the expected share is 5 % · 15/20 = 3.75 %; Holm finds fewer of the 5."""
    rng = np.random.default_rng(2)
    false, found, strict = [], [], []
    for _ in range(1000):
        p = np.concatenate([rng.random(15), rng.random(5) * 0.01])
        kept = benjamini_hochberg(p) <= 0.05
        false.append(kept[:15].sum() / max(1, kept.sum()))
        found.append(kept[15:].sum())
        strict.append((holm(p) <= 0.05)[15:].sum())
    assert np.mean(false) == pytest.approx(0.0375, abs=0.01)
    assert np.mean(found) > np.mean(strict)


def variance_interval(rng: np.random.Generator, n: int = 40) -> tuple[tuple[float, float], tuple[float, float]]:
    """BCa and plain interval of the variance of skewed values."""
    x = rng.exponential(size=n)
    picked = x[rng.integers(n, size=(500, n))]
    left_out = np.array([np.delete(x, i).var() for i in range(n)])
    value = float(x.var())
    return bca(value, picked.var(axis=1), left_out), intervals.percentile(value, picked.var(axis=1))


def test_bca_covers_a_skewed_statistic_better_than_plain_percentiles() -> None:
    """The variance of 40 exponential values: known to be hard (Efron & Tibshirani 1993, table 14.2 at n = 26)."""
    rng = np.random.default_rng(3)
    found = np.array([variance_interval(rng) for _ in range(600)])
    covered = np.mean((found[:, :, 0] <= 1) & (found[:, :, 1] >= 1), axis=0)
    assert covered[0] > covered[1] + 0.02
    assert covered[0] > 0.8


def test_bca_covers_a_mean_at_its_nominal_rate() -> None:
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(600):
        x = rng.exponential(size=60)
        draws = x[rng.integers(60, size=(500, 60))].mean(axis=1)
        low, high = bca(float(x.mean()), draws, (x.sum() - x) / 59)
        covered.append(low <= 1 <= high)
    assert np.mean(covered) >= 0.92  # fails once in 1,000 seeds where 95 % are covered


def test_bca_without_bias_or_skew_is_the_plain_interval() -> None:
    draws = np.linspace(-1, 1, 1001)
    assert bca(0.0, draws, np.array([-1.0, 0.0, 1.0])) == pytest.approx(intervals.percentile(0.0, draws))


def test_draws_on_one_side_are_taken_as_they_are() -> None:
    assert bca(1.0, np.full(100, 0.5), np.array([1.0, 1.0])) == (0.5, 1.0)


def test_equal_means_are_found_different_at_the_stated_rate() -> None:
    """Dependent columns, one of them a rare level: 400 tests at 5 %; a right one exceeds 9 % once in 1,000 seeds."""
    rng = np.random.default_rng(5)

    def table(n: int) -> np.ndarray:
        common = rng.normal(size=(n, 1))
        return np.column_stack([common + 0.5 * rng.normal(size=(n, 4)), rng.random(n) < 0.02])

    alarms = [same_means(table(80), table(120), rng, 199).min() <= 0.05 for _ in range(400)]
    assert 0.015 < np.mean(alarms) < 0.09


def test_the_column_whose_mean_moved_is_named_and_no_other() -> None:
    rng = np.random.default_rng(6)
    p = same_means(rng.normal([0, 0, 0.5, 0, 0], size=(300, 5)), rng.normal(size=(300, 5)), rng)
    assert p[2] == pytest.approx(1 / 1000)
    assert (np.delete(p, 2) > 0.05).all()


def test_constant_columns_are_no_difference() -> None:
    rng = np.random.default_rng(7)
    assert same_means(np.ones((30, 1)), np.ones((30, 1)), rng) == pytest.approx([1.0])
