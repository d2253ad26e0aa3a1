"""Every metric on the shelf keeps the contract, whoever wrote it."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Metric, Role
from mintmark.seeds import Seed

NAMES = catalog.names("metrics")
OF_SINGLE_COLUMNS = {"fidelity.linear", "fidelity.marginals", "fidelity.shift", "coverage.tails", "coverage.extremes"}


def people(n: int, seed: int) -> pa.Table:
    """Age and town decide income, a parish lies in one town, debt is often missing and a note is free text.

    Every two rows are of one person, whom no other seed knows.
    """
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n)
    town = rng.choice(["north", "south", "isle"], n, p=[0.6, 0.36, 0.04])
    sex = rng.choice(["f", "m"], n)
    logit = (age - 48) / 6 + np.where(town == "north", 1.5, -1.5)
    income = np.where(rng.random(n) < 1 / (1 + np.exp(-logit)), "high", "low")
    debt = np.round(np.exp(rng.normal(age / 40, 0.4)) * 100, 2)
    note = [f"{t} {'x' * (a % 7)} {i}" for i, (t, a) in enumerate(zip(town, age, strict=True))]
    return pa.table(
        {
            "age": age,
            "town": town,
            "parish": [f"{t} {k}" for t, k in zip(town, rng.integers(8, size=n), strict=True)],
            "sex": sex,
            "debt": pa.array(debt, mask=rng.random(n) < 0.2),
            "note": note,
            "income": income,
            "person": [f"{seed}/{i // 2}" for i in range(n)],
        }
    )


REAL = Dataset.of(people(1200, 0))
SCHEMA = replace(
    REAL.columns,
    columns=tuple(replace(c, kind=Kind.KEY, levels=()) if c.name == "person" else c for c in REAL.columns.columns),
    group="person",
    constraints=("age >= 18",),
)


def dataset(table: pa.Table) -> Dataset:
    return Dataset.of(table, schema=SCHEMA)


def shuffled(table: pa.Table, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table({name: table[name].take(pa.array(rng.permutation(len(table)))) for name in table.schema.names})


CASE = Case(
    synthetic=dataset(people(600, 1)),
    train=dataset(people(1200, 0)),
    holdout=dataset(people(600, 2)),
    target="income",
    sensitive=("sex", "town"),
)


def odd_tables() -> dict[str, pa.Table]:
    table = people(200, 3)

    def put(name: str, values: pa.Array) -> pa.Table:
        return table.set_column(table.schema.get_field_index(name), name, values)

    return {
        "one row": table.slice(0, 1),
        "no rows": table.slice(0, 0),
        "a constant column": put("age", pa.array([40] * 200)),
        "an all-missing number": put("debt", pa.nulls(200, pa.float64())),
        "an all-missing category": put("town", pa.nulls(200, pa.string())),
        "an unseen category": put("town", pa.array(["moon"] * 200)),
        "infinities": put("debt", pa.array([np.inf, -np.inf, np.nan, 1.0] * 50)),
        "another storage type": put("age", table["age"].cast(pa.string())),
        "words where numbers were": put("age", pa.array(["old"] * 200)),
        "one class": put("income", pa.array(["low"] * 200)),
        "another order": table.select(table.schema.names[::-1]),
        "a column less": table.drop_columns(["sex"]),
        "a column more": table.append_column("extra", pa.array(range(200))),
        "nothing in common": pa.table({"other": list(range(200))}),
    }


@pytest.fixture(params=NAMES)
def metric(request: pytest.FixtureRequest) -> Metric:
    return catalog.build("metrics", request.param, {})


def measure(metric: Metric, case: Case, seed: int = 5) -> Reading:
    return metric.measure(case, rng=Seed(seed).rng())


def answer(metric: Metric, case: Case) -> bool:
    """Is there a sound reading, or else a reason?"""
    try:
        reading = measure(metric, case)
    except CannotMeasure as error:
        return bool(error.wrong)
    json.dumps(dict(reading.details), allow_nan=False)
    return bool(np.isfinite([reading.value, *reading.interval]).all())


def test_its_class_says_what_it_is_about(metric: Metric) -> None:
    assert metric.claim in Claim
    assert metric.claim.value == type(metric).__module__.split(".")[-2]
    assert metric.better in ("lower", "higher")
    assert Role.SYNTHETIC in metric.needs
    assert (type(metric).__doc__ or "").count("\n") >= 3


def test_its_value_lies_in_its_interval_and_its_details_are_small_json(metric: Metric) -> None:
    reading = measure(metric, CASE)
    assert reading.interval[0] <= reading.value <= reading.interval[1]
    assert np.isfinite([reading.value, *reading.interval]).all()
    assert reading.n > 0
    assert len(json.dumps(dict(reading.details), allow_nan=False)) < 100_000


def test_the_same_seed_gives_the_same_reading(metric: Metric) -> None:
    assert measure(metric, CASE) == measure(metric, CASE)


def test_it_leaves_its_data_alone(metric: Metric) -> None:
    before = [data.digest for data in (CASE.synthetic, CASE.train, CASE.holdout) if data]
    measure(metric, CASE)
    fresh = [Dataset(data.schema, data.tables).digest for data in (CASE.synthetic, CASE.train, CASE.holdout) if data]
    assert fresh == before


@pytest.mark.parametrize("role", [Role.TRAIN, Role.HOLDOUT])
def test_it_says_so_where_data_that_it_needs_is_missing(metric: Metric, role: Role) -> None:
    without = replace(CASE, **{str(role): None})
    if role in metric.needs:
        with pytest.raises(CannotMeasure):
            measure(metric, without)
    else:
        assert measure(metric, without).n > 0


def test_without_any_real_data_it_says_so_or_needs_none(metric: Metric) -> None:
    assert answer(metric, replace(CASE, train=None, holdout=None))


@pytest.mark.parametrize("oddity", odd_tables())
def test_odd_data_gives_a_reading_or_a_reason(metric: Metric, oddity: str) -> None:
    table = odd_tables()[oddity]
    known = set(table.schema.names) == set(REAL.columns.names) and table.schema == REAL.table.schema
    synthetic = dataset(table) if known else Dataset.of(table)
    assert answer(metric, replace(CASE, synthetic=synthetic))


@pytest.mark.parametrize("role", ["train", "holdout"])
@pytest.mark.parametrize("oddity", ["one row", "an all-missing category", "infinities", "one class"])
def test_odd_real_data_gives_a_reading_or_a_reason(metric: Metric, role: str, oddity: str) -> None:
    assert answer(metric, replace(CASE, **{role: dataset(odd_tables()[oddity])}))


@pytest.mark.parametrize("name", [name for name in NAMES if name.split(".")[0] in ("fidelity", "utility", "coverage")])
def test_fresh_real_rows_beat_columns_without_dependence(name: str) -> None:
    if name in OF_SINGLE_COLUMNS:
        pytest.skip("each column alone is right in both, by construction")
    metric: Metric = catalog.build("metrics", name, {})
    case = replace(CASE, train=dataset(people(3000, 20)), holdout=dataset(people(3000, 21)))
    fresh = people(3000, 22)
    good = measure(metric, replace(case, synthetic=dataset(fresh))).value
    bad = measure(metric, replace(case, synthetic=dataset(shuffled(fresh, 23)))).value
    assert good < bad if metric.better == "lower" else good > bad


def test_it_answers_on_a_table_with_columns_of_every_kind(metric: Metric, mixed: Dataset) -> None:
    rest, synthetic = mixed.split(0.3, rng=Seed(1).rng())
    train, holdout = rest.split(0.5, rng=Seed(2).rng())
    assert answer(metric, Case(synthetic, train=train, holdout=holdout, target="sex", sensitive=("sex", "age")))
