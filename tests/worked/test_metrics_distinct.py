"""Distinct rows: counts that are known, and a variance that simulation bears out."""

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.metrics.coverage.distinct import Distinct
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed


def measure(synthetic: Dataset, real: Dataset) -> Reading:
    return Distinct().measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


REAL = Dataset.of({"x": np.arange(100.0) / 7, "city": ["here", "there"] * 50})


def test_a_generator_that_has_collapsed_to_a_few_rows_is_seen() -> None:
    reading = measure(REAL.select(np.arange(100) % 5), REAL)
    assert reading.value == 0.05
    assert reading.interval[1] < 0.1
    assert reading.details["distinct_rows"] == {"real": 1.0, "synthetic": 0.05}


def test_rows_that_differ_more_than_real_people_do_are_no_better() -> None:
    reading = measure(REAL, REAL.select(np.arange(100) // 2))
    assert (reading.value, reading.details["ratio"]) == (0.5, 2.0)


def test_different_numbers_of_rows_are_compared_at_equal_n() -> None:
    assert measure(REAL, REAL.select(np.arange(40))).value == 1.0


@pytest.mark.parametrize("kinds", [30, 300, 3000])
def test_the_interval_holds_one_where_both_are_draws_of_one_population(kinds: int) -> None:
    """At most 16 of 100 intervals of 95 % may miss (false alarms under 1 in 10,000)."""
    rng, missed = np.random.default_rng(0), 0
    for _ in range(100):
        real, fresh = (Dataset.of({"x": np.floor(kinds * rng.random(200) ** 2)}) for _ in range(2))
        low, high = measure(fresh, real).details["ratio_interval"]
        missed += not low <= 1 <= high
    assert missed <= 16
