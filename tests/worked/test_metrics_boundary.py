"""Boundary adherence: bounds that are known, and who leaves them."""

import json

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.coverage.boundary import Boundary
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed


def measure(synthetic: Dataset, real: Dataset) -> Reading:
    return Boundary().measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


REAL = Dataset.of({"x": np.arange(100.0) / 7, "y": np.arange(100.0) / 3, "city": ["here", "there"] * 50})


def test_values_beyond_the_bounds_are_counted_on_their_side_and_the_bounds_themselves_are_within() -> None:
    x = np.repeat([0.0, 99 / 7, -1.0, 20.0, np.inf], 10)
    reading = measure(
        Dataset.of({"x": np.where(np.isinf(x), 1e9, x), "y": np.full(50, 5.5), "city": ["here"] * 50}), REAL
    )
    assert reading.value == pytest.approx((0.4 + 1.0) / 2)
    assert reading.details["leaving"] == [
        {"column": "x", "below": pytest.approx(0.2), "above": pytest.approx(0.4), "values": 50}
    ]
    assert reading.interval[0] < reading.value < reading.interval[1]


def test_the_bounds_which_are_single_peoples_values_are_not_told() -> None:
    reading = measure(Dataset.of({"x": np.linspace(-9, 99, 50), "y": np.linspace(-9, 99, 50)}), REAL)
    assert "14.14" not in json.dumps(reading.details)


def test_missing_values_are_left_aside_and_make_n_smaller() -> None:
    x = np.where(np.arange(60) < 20, np.nan, 3.3)
    reading = measure(Dataset.of({"x": x, "y": np.full(60, 1.1)}), REAL)
    assert (reading.value, reading.n) == (1.0, 40)


def test_fresh_real_rows_leave_the_bounds_as_often_as_order_statistics_say() -> None:
    """Of m fresh values a share 2 / (n + 1) is expected beyond n others: 0.0198 at n = 100, ± 0.0045.

    That is over 4 sd of the mean over 400 pairs of bounds: false alarms under 1 in 10,000.
    """
    rng, beyond = np.random.default_rng(0), []
    for _ in range(400):
        real, fresh = (Dataset.of({"x": np.round(rng.normal(size=100), 9)}) for _ in range(2))
        beyond.append(1 - measure(fresh, real).value)
    assert np.mean(beyond) == pytest.approx(2 / 101, abs=0.0045)


def test_without_numbers_there_is_no_answer() -> None:
    words = Dataset.of({"city": ["here", "there"] * 50})
    with pytest.raises(CannotMeasure, match="no column of numbers"):
        measure(words, words)
