"""Several draws of one sampler: their spread joins the interval, by hand, by simulation and through the assay."""

import numpy as np
import pytest
from scipy import stats

import mintmark
from mintmark.data.dataset import Dataset
from mintmark.metrics.draws import joined
from mintmark.metrics.evidence import Evidence, NoEvidence, Reading


def reading(value: float, half: float) -> Reading:
    return Reading(value, (value - half, value + half), 100, {"what": value})


def test_draws_that_agree_leave_the_interval_as_it_is() -> None:
    found = joined([Reading(0.5, (0.3, 0.6), 100)] * 3)
    assert (found.value, found.n) == (0.5, 100)
    assert found.interval == pytest.approx((0.3, 0.6))
    assert found.details["standard_deviation_between_draws"] == 0


def test_draws_that_differ_widen_it_by_rubins_rule() -> None:
    found = joined([reading(0.4, 0.0), reading(0.6, 0.0)])
    between = 0.02
    half = stats.t.ppf(0.975, 1) * np.sqrt(1.5 * between)
    assert found.interval == pytest.approx((0.5 - half, 0.5 + half))
    assert found.details["draws"] == [0.4, 0.6]
    assert found.details["what"] == 0.4


@pytest.mark.parametrize("between", [0.0, 0.3, 2.0])
@pytest.mark.parametrize("draws", [2, 3, 8])
def test_the_interval_covers_the_true_score_of_a_further_draw(draws: int, between: float) -> None:
    """The real rows' error of 1 is shared by all draws; 2,000 runs fall below 93.5 % once in 1,000 seeds."""
    rng = np.random.default_rng(6)
    covered = []
    for _ in range(2000):
        true, shared = rng.normal(0, between, draws + 1), rng.normal()
        low, high = joined([reading(each + shared, 1.96) for each in true[1:]]).interval
        covered.append(low <= true[0] <= high)
    assert np.mean(covered) >= 0.935


def table(seed: int, n: int = 200, shift: float = 0.0) -> Dataset:
    return Dataset.of({"x": np.random.default_rng(seed).normal(shift, 1, n)})


def test_the_assay_takes_several_draws_and_reports_their_spread() -> None:
    draws = [table(3), table(4, shift=0.5), table(5, shift=1.0)]
    asked = {"holdout": table(2, 400), "metrics": ["fidelity.marginals"]}
    alone = [mintmark.assay(table(1), draw, **asked)[0] for draw in draws]
    together = mintmark.assay(table(1), draws, **asked)[0]
    assert isinstance(together, Evidence)
    assert isinstance(alone[0], Evidence)
    values = [each.value for each in alone if isinstance(each, Evidence)]
    assert together.reading.details["draws"] == pytest.approx(values)
    assert together.value == pytest.approx(np.mean(values))
    assert together.interval[1] - together.interval[0] > alone[0].interval[1] - alone[0].interval[0]
    assert together.ceiling == alone[0].ceiling
    assert together.floor == alone[0].floor


def test_one_draw_in_a_list_is_that_draw() -> None:
    asked = {"holdout": table(2, 400), "metrics": ["fidelity.marginals"]}
    assert mintmark.assay(table(1), [table(3)], **asked) == mintmark.assay(table(1), table(3), **asked)


def test_a_draw_that_cannot_be_measured_is_not_left_out_in_silence() -> None:
    found = mintmark.assay(table(1), [table(3), table(4, 5)], holdout=table(2, 400), metrics=["fidelity.marginals"])[0]
    assert isinstance(found, NoEvidence)
    assert "not every draw can be measured" in found.reason


def test_what_was_not_asked_is_named() -> None:
    found = mintmark.assay(table(1), table(3), holdout=table(2), metrics=["fidelity.marginals"])
    assert "fidelity.marginals" not in found.left_out
    assert found.left_out["utility.curve"] == "asked by the profile thorough"
