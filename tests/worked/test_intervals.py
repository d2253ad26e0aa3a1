"""Intervals and ranks, by hand."""

import numpy as np
import pytest

from mintmark.metrics import intervals, roc


def test_nothing_seen_in_n_trials_has_the_closed_form_of_the_exact_interval() -> None:
    low, high = intervals.proportion(0, 10)
    assert (low, high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 10)))
    assert intervals.proportion(10, 10) == (pytest.approx(0.025 ** (1 / 10)), 1.0)


def test_the_exact_interval_meets_the_published_one() -> None:
    # 81 of 263: Newcombe 1998, Statistics in Medicine 17:857, table I.
    assert intervals.proportion(81, 263) == (pytest.approx(0.2527, abs=1e-4), pytest.approx(0.3676, abs=1e-4))


def test_the_difference_meets_the_published_one() -> None:
    # 56/70 and 48/80: Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
    assert intervals.difference(56, 70, 48, 80) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_a_ratio_of_equal_shares_lies_around_one_evenly_on_the_log_scale() -> None:
    low, high = intervals.ratio(50, 100, 50, 100)
    assert low * high == pytest.approx(1)
    assert high == pytest.approx(np.exp(1.959964 * np.sqrt(0.02)))


def test_a_group_that_is_gone_has_an_upper_end_all_the_same() -> None:
    assert intervals.ratio(0, 100, 50, 100) == (0.0, pytest.approx((1 - 0.025 ** (1 / 100)) / 0.5))


def test_bootstrap_draws_that_lie_too_high_are_moved_to_the_value() -> None:
    draws = np.linspace(0.4, 0.6, 1001)
    assert intervals.centred(0.2, draws) == (pytest.approx(0.105), pytest.approx(0.295))


def test_blocks_are_of_equal_size_and_every_row_has_one() -> None:
    block = intervals.blocks(105, np.random.default_rng(0))
    assert sorted(np.bincount(block)) == [2] * 45 + [3] * 5
    assert len(np.unique(intervals.blocks(7, np.random.default_rng(0)))) == 7


def test_auc_counts_pairs_and_halves_ties() -> None:
    value, _ = roc.auc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    assert value == pytest.approx(3.5 / 4)


def test_delong_variance_by_hand() -> None:
    # Placement of each positive: 1, 3/4; of each negative: 1, 3/4. Each has variance 1/32 and two members.
    _, variance = roc.auc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    assert variance == pytest.approx(2 * (1 / 32) / 2)


def test_a_weight_of_two_is_the_row_twice() -> None:
    scores, positive = np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, True, False, True])
    weights = np.array([[1.0, 2.0, 1.0, 0.0]])
    twice = roc.auc(np.array([0.4, 0.4]), np.array([0.1, 0.4]))[0]
    assert roc.weighted_auc(scores, positive, weights)[0] == pytest.approx(twice)


def test_a_resample_without_one_class_says_nothing() -> None:
    assert roc.weighted_auc(np.array([0.1, 0.2]), np.array([True, False]), np.array([[1.0, 0.0]]))[0] == 0.5


def test_the_share_at_a_false_alarm_rate_by_hand() -> None:
    # 99 others at 1 … 99; a hundredth of 99 + 1 is the first from the top: members above 99 count, three of four.
    others, members = np.arange(1.0, 100.0), np.array([100.0, 101.0, 102.0, 0.0])
    value, (low, high) = roc.tpr_at(0.01, members, others, rng=np.random.default_rng(0))
    assert value == pytest.approx(0.75)
    assert low == pytest.approx(0.0, abs=1e-9)
    assert high > 0.95


def test_between_two_thresholds_the_share_is_interpolated() -> None:
    # 49 others: half of the way from nobody (no threshold is high enough) to those above the highest.
    value, _ = roc.tpr_at(0.01, np.array([50.0, 0.0]), np.arange(1.0, 50.0), rng=np.random.default_rng(0))
    assert value == pytest.approx(0.5 * 0.5)


def test_scores_that_say_nothing_find_one_in_a_hundred() -> None:
    members, others = np.zeros(50_000), np.zeros(50_000)
    value, (low, high) = roc.tpr_at(0.01, members, others, rng=np.random.default_rng(1))
    assert low < 0.01 < high
    assert value == pytest.approx(0.01, abs=0.002)
