"""A score's position between floor and ceiling: by hand, where it has none, and how often its interval covers.

Each simulation has 2,000 fixed draws: an interval that truly covers 95 % would fall below 93.5 % once in 1,000 seeds.
"""

import math

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.metrics.assay import assay
from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.metrics.fidelity.pairs import Pairs
from mintmark.metrics.metric import Case
from mintmark.metrics.position import NoPosition, Point, Position, position
from mintmark.seeds import Seed

RUNS = 2000


def point(value: float, half: float = 0.0) -> Point:
    return Point(value, (value - half, value + half))


def test_the_floor_is_0_the_ceiling_is_1_and_the_middle_lies_between() -> None:
    for value, place in ((0.9, 0.0), (0.5, 1.0), (0.6, 0.75), (0.4, 1.25)):
        found = position(point(value), point(0.9), point(0.5), better="lower")
        assert isinstance(found, Position)
        assert found.value == pytest.approx(place)
        assert found.interval == pytest.approx((place, place))


def test_where_floor_and_ceiling_are_sure_the_interval_is_that_of_the_score_on_the_new_scale() -> None:
    score = Point(0.6, (0.5, 0.8))
    higher = position(score, point(0.0), point(2.0), better="higher")
    lower = position(score, point(2.0), point(0.0), better="lower")
    assert isinstance(higher, Position)
    assert isinstance(lower, Position)
    assert higher.interval == pytest.approx((0.25, 0.4))
    assert lower.interval == pytest.approx((0.6, 0.75))


def test_floor_and_ceiling_that_cannot_be_told_apart_give_no_position() -> None:
    same = position(point(0.5), point(0.5), point(0.5), better="lower")
    blurred = position(point(0.5), point(0.5, 0.08), point(0.4, 0.07), better="lower")
    assert isinstance(same, NoPosition)
    assert isinstance(blurred, NoPosition)
    assert "cannot be told apart" in blurred.reason


def test_a_ceiling_on_the_wrong_side_of_the_floor_gives_no_position() -> None:
    found = position(point(0.5), point(0.1), point(0.9), better="lower")
    assert isinstance(found, NoPosition)
    assert "do better than unseen real data" in found.reason


def test_an_interval_without_end_stays_so_and_is_null_in_json() -> None:
    found = position(Point(0.5, (0.4, math.inf)), point(0.0), point(1.0), better="higher")
    assert found.to_json() == {"position": 0.5, "position_interval": [pytest.approx(0.4), None]}


def test_evidence_says_its_position_or_why_it_has_none() -> None:
    reading = Reading(0.6, (0.55, 0.65), 100)
    full = Evidence(
        "a.b", Claim.FIDELITY, "lower", reading, Reading(0.5, (0.5, 0.5), 100), Reading(0.9, (0.9, 0.9), 100)
    )
    assert full.to_json()["position"] == pytest.approx(0.75)
    assert full.to_json()["position_interval"] == pytest.approx([0.625, 0.875])
    bare = Evidence("a.b", Claim.FIDELITY, "lower", reading)
    assert bare.to_json()["position"] is None
    assert bare.to_json()["no_position"] == "there is no floor"


@pytest.mark.parametrize("truth", [-0.2, 0.0, 0.5, 1.0, 1.1])
@pytest.mark.parametrize("error", [0.02, 0.15, 0.25])
def test_the_interval_of_a_position_covers(truth: float, error: float) -> None:
    """At an error of 0.25 of the span the delta method would miss; where floor and ceiling blur there is no answer,

    and an answer that is withheld is not counted as a miss: what is said must be right 95 times in 100."""
    rng = np.random.default_rng(5)
    covered = []
    for floor, ceiling, score in rng.normal((0.0, 1.0, truth), error, size=(RUNS, 3)):
        found = position(*(point(each, 1.96 * error) for each in (score, floor, ceiling)), better="higher")
        if isinstance(found, Position):
            covered.append(found.interval[0] <= truth <= found.interval[1])
    assert len(covered) > RUNS / 2
    assert np.mean(covered) >= 0.935


def test_the_position_of_a_real_metric_covers_too() -> None:
    """60 assays of tables with a third of the real dependence: 95 % fall below 85 % once in 1,000 seeds."""

    def table(rng: np.random.Generator, n: int, share: float) -> Dataset:
        common = rng.normal(size=(n, 1))
        X = np.sqrt(share) * common + np.sqrt(1 - share) * rng.normal(size=(n, 4))
        return Dataset.of({f"c{j}": X[:, j] for j in range(4)})

    rng = np.random.default_rng(0)
    scores, places = [], []
    for seed in range(60):
        case = Case(table(rng, 200, 0.3), table(rng, 200, 0.8), table(rng, 400, 0.8))
        found = assay(case, {"fidelity.pairs": Pairs(resamples=100)}, seed=Seed(seed))[0]
        assert isinstance(found, Evidence)
        assert found.floor
        assert found.ceiling
        assert isinstance(found.position, Position)
        scores.append((found.value, found.floor.value, found.ceiling.value))
        places.append(found.position.interval)
    score, floor, ceiling = np.mean(scores, axis=0)
    truth = (score - floor) / (ceiling - floor)
    assert 0.2 < truth < 0.5
    assert np.mean([low <= truth <= high for low, high in places]) >= 0.85
