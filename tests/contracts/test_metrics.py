"""Every metric on the shelf keeps the contract, whoever wrote it."""

from dataclasses import replace

import numpy as np
import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed
from mintmark.testing import METRIC_CHECKS, Check
from mintmark.testing.metrics import answered, measure
from mintmark.testing.people import dataset, people, shuffled, sound
from mintmark.testing.talk import talk
from mintmark.words.canaries import plant

NAMES = catalog.names("metrics")
BLIND_TO_DEPENDENCE = {
    "fidelity.linear",
    "fidelity.marginals",
    "fidelity.shift",
    "coverage.boundary",
    "coverage.compression",
    "coverage.distinct",
    "coverage.duplicates",
    "coverage.extremes",
    "coverage.openings",
    "coverage.phrases",
    "coverage.tails",
    "coverage.vendi",
    "fidelity.mauve",
    "fidelity.perplexity",
    "fidelity.topics",
}


OF_TALK = {"validity.accuracy", "validity.following"}
"""People say nothing to them: they are asked of instructions and replies."""


@pytest.fixture(params=NAMES)
def metric(request: pytest.FixtureRequest) -> Metric:
    return catalog.build("metrics", request.param, {})


@pytest.mark.parametrize("check", METRIC_CHECKS, ids=str)
def test_it_keeps_the_contract(metric: Metric, check: Check) -> None:
    check(metric, _case(metric))


def _case(metric: Metric) -> Case:
    if name_of(metric) in OF_TALK:
        made, train, holdout = (talk(np.random.default_rng(seed), n) for seed, n in ((1, 200), (2, 300), (3, 200)))
        return Case(made, train, holdout)
    if name_of(metric) == "privacy.canaries":
        train = plant(sound().train, "note", rng=np.random.default_rng(1))
        return replace(sound(), train=train, synthetic=train.select(np.arange(600)))
    return sound()


def name_of(metric: Metric) -> str:
    return type(metric).__module__.removeprefix("mintmark.metrics.")


def test_it_stands_in_the_folder_of_its_claim(metric: Metric) -> None:
    assert metric.claim.value == type(metric).__module__.split(".")[-2]


@pytest.mark.parametrize("name", [name for name in NAMES if name.split(".")[0] in ("fidelity", "utility", "coverage")])
def test_fresh_real_rows_beat_columns_without_dependence(name: str) -> None:
    if name in BLIND_TO_DEPENDENCE:
        pytest.skip("what it looks at is right in both, by construction")
    metric: Metric = catalog.build("metrics", name, {})
    case = replace(sound(), train=dataset(people(3000, 20)), holdout=dataset(people(3000, 21)))
    fresh = people(3000, 22)
    good = measure(metric, replace(case, synthetic=dataset(fresh))).value
    bad = measure(metric, replace(case, synthetic=dataset(shuffled(fresh, 23)))).value
    assert good < bad if metric.better == "lower" else good > bad


def test_it_answers_on_a_table_with_columns_of_every_kind(metric: Metric, mixed: Dataset) -> None:
    rest, synthetic = mixed.split(0.3, rng=Seed(1).rng())
    train, holdout = rest.split(0.5, rng=Seed(2).rng())
    answered(metric, Case(synthetic, train=train, holdout=holdout, target="sex", sensitive=("sex", "age")))
