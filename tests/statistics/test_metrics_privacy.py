"""Attacks find a planted leak, and find nothing where there is nothing."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind, Schema
from mintmark.generators.generator import Generator
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fidelity.detection import Detection
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.privacy.copies import Copies
from mintmark.metrics.privacy.membership import Membership
from mintmark.seeds import Seed


def people(n: int, seed: int) -> Dataset:
    """Mixed columns with dependence, in which hardly two rows are the same."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    town = rng.choice(["north", "south", "isle"], n, p=[0.6, 0.3, 0.1])
    wage = np.round(np.exp(7 + age / 50 + 0.3 * rng.normal(size=n) + (town == "isle")), 2)
    return Dataset.of({"age": age, "town": town, "wage": wage, "hours": np.round(rng.normal(38, 6, n), 1)})


TRAIN, HOLDOUT = people(3000, 1), people(3000, 2)


def blurred(real: Dataset, share: float, seed: int) -> Dataset:
    """Training rows with a little noise on every number: no exact copies, and hardly more privacy."""
    rng = np.random.default_rng(seed)
    table = real.table
    wage = table["wage"].to_numpy() * np.exp(share * rng.normal(size=len(real)))
    hours = table["hours"].to_numpy() + 10 * share * rng.normal(size=len(real))
    table = table.set_column(2, "wage", pa.array(wage)).set_column(3, "hours", pa.array(hours))
    return Dataset(real.schema, {real.name: table})


def shuffled(real: Dataset, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    table = pa.table({c: real.table[c].take(pa.array(rng.permutation(len(real)))) for c in real.table.schema.names})
    return Dataset(real.schema, {real.name: table})


def measure(metric: Metric, synthetic: Dataset, seed: int = 0, **roles: Dataset) -> Reading:
    case = replace(Case(synthetic, train=TRAIN, holdout=HOLDOUT), **roles)
    return metric.measure(case, rng=Seed(seed).rng())


def copied(copycat: Generator, real: Dataset) -> Dataset:
    return copycat.fit(real, rng=Seed(3).rng()).sample(len(real), rng=Seed(4).rng())


def test_the_copycat_fails_privacy(copycat: Generator) -> None:
    copies, membership = (measure(metric, copied(copycat, TRAIN)) for metric in (Copies(), Membership()))
    assert copies.interval[0] > 0.99
    assert membership.interval[0] > 0.5


def test_the_copycat_passes_fidelity(copycat: Generator) -> None:
    """Which is why fidelity alone may let nothing out."""
    assert measure(Detection(), copied(copycat, TRAIN)).interval[1] < 0.65
    assert measure(Detection(), shuffled(TRAIN, 3)).interval[0] > 0.65


def test_the_copycat_fails_privacy_on_a_small_real_table(copycat: Generator, breast: Dataset) -> None:
    train, holdout = breast.split(0.15, rng=Seed(0).rng())
    reading = measure(Membership(), copied(copycat, train), train=train, holdout=holdout)
    assert reading.value > 0.5


def test_noise_hides_copies_from_a_look_up_and_not_from_an_attack() -> None:
    made = blurred(TRAIN, 0.005, 3)
    assert measure(Copies(), made).interval[0] <= 0
    assert measure(Membership(), made).interval[0] > 0.5


def test_a_leak_of_few_people_is_found_where_averages_hide_it() -> None:
    """One row in twenty is a training row: the AUC hardly moves, the share at few false alarms does."""
    made = people(3000, 5)
    leaky = Dataset(made.schema, {made.name: pa.concat_tables([made.table.slice(150), TRAIN.table.slice(0, 150)])})
    reading = measure(Membership(), leaky)
    strongest = reading.details["attacks"][reading.details["strongest"]]
    assert reading.interval[0] > 0.02
    assert strongest["auc"] < 0.6


def test_fresh_rows_and_independent_columns_give_nobody_away() -> None:
    """The strongest of three attacks, ten times each. Of 20 intervals that cover with 95 %, more than three would miss
    chance, and of 20 lower ends that lie above it in 2.5 %, more than two, at one of 60 and of 75 choices of seeds."""
    missed = alarms = 0
    for seed in range(10):
        train, holdout = people(600, 100 + seed), people(400, 200 + seed)
        for made in (people(600, 300 + seed), shuffled(train, seed)):
            low, high = measure(Membership(), made, seed, train=train, holdout=holdout).interval
            missed += not low <= 0.01 <= high
            alarms += low > 0.01
    assert missed <= 3
    assert alarms <= 2


@pytest.mark.parametrize("n", [60, 300])
def test_two_draws_of_one_population_cannot_be_told_apart(n: int) -> None:
    """Of 40 intervals that each cover 0.5 with 95 %, more than five miss it at one of 70 choices of seeds."""
    missed = 0
    for seed in range(40):
        low, high = measure(Detection(folds=3), people(n, 400 + seed), seed, holdout=people(n, 500 + seed)).interval
        missed += not low <= 0.5 <= high
    assert missed <= 5


def visits(seed: int) -> Dataset:
    """Sixty people with ten rows each that are almost the same."""
    rng = np.random.default_rng(seed)
    table = people(60, seed).table.take(pa.array(np.repeat(np.arange(60), 10)))
    table = table.append_column("person", pa.array([f"{seed}-{row // 10}" for row in range(600)]))
    hours = pa.array(np.round(table["hours"].to_numpy() + rng.normal(0, 0.5, 600), 1))
    found = Dataset.of(table.set_column(3, "hours", hours))
    columns = tuple(replace(c, kind=Kind.KEY) if c.name == "person" else c for c in found.columns.columns)
    return Dataset(Schema({"rows": replace(found.columns, columns=columns, group="person")}), found.tables)


def test_rows_of_one_person_neither_convict_nor_betray_a_perfect_generator() -> None:
    train, made, holdout = visits(1), visits(2), visits(3)
    assert measure(Membership(), made, train=train, holdout=holdout).value < 0.1
    assert measure(Detection(), made, train=train, holdout=holdout).value < 0.8
