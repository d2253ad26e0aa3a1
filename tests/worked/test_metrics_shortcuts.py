"""Shortcuts: each question finds the watermark that was planted for it, and reads digits as people do."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Metric
from mintmark.metrics.shortcuts.importance import Importance
from mintmark.metrics.shortcuts.missingness import Missingness
from mintmark.metrics.shortcuts.nuisance import Nuisance
from mintmark.metrics.shortcuts.rounding import Rounding
from mintmark.metrics.shortcuts.within_class import WithinClass
from mintmark.metrics.textures import texture, word
from mintmark.seeds import Seed

Table = dict[str, np.ndarray]


def clinic(seed: int, n: int = 1200) -> Table:
    """Dose and weight decide the label; the day of the visit says nothing; a fifth of the doses are unknown."""
    rng = np.random.default_rng(seed)
    weight, day = rng.integers(40, 120, n).astype(float), rng.integers(1, 360, n).astype(float)
    dose = np.round(rng.gamma(3, 2, n), 2)
    label = np.where(rng.random(n) < 1 / (1 + np.exp(-(weight - 80) / 10 - (dose - 6) / 3)), "sick", "well")
    return {"weight": weight, "day": day, "dose": np.where(rng.random(n) < 0.2, np.nan, dose), "label": label}


def data(table: Table) -> Dataset:
    return Dataset.of({name: pa.array(values, from_pandas=True) for name, values in table.items()})


def measure(metric: Metric, made: Table, target: str | None = "label") -> Reading:
    case = Case(data(made), train=data(clinic(1)), holdout=data(clinic(2)), target=target)
    return metric.measure(case, rng=Seed(1).rng())


def words(*values: object) -> list[str]:
    dataset = Dataset.of({"x": pa.array(values)})
    space = Space.of(dataset)
    return [word(int(code)) for code in texture(space.matrix(dataset)[:, 0], space.columns[0])]


def test_a_number_is_read_as_it_is_written() -> None:
    assert words(0.0, 7.0, -35.0, 50.0, 400.0, 12000.0) == [
        "0", "ends in 7", "ends in 5", "ends in 0", "ends in 00", "ends in 000",
    ]  # fmt: skip
    assert words(0.1 + 0.2, 49.73, 1e-4, np.pi) == [
        "1 decimal, the last 3", "2 decimals, the last 3", "4 decimals, the last 1", "more than 6 decimals",
    ]  # fmt: skip


def test_a_time_is_read_by_what_it_is_whole_in() -> None:
    day = dt.datetime(2024, 2, 29)
    steps = [dt.timedelta(), *(dt.timedelta(seconds=s) for s in (7200, 180, 20, 3, 0.5))]
    assert words(*(day + step for step in steps)) == [
        "whole days", "whole hours", "whole minutes", "tens of seconds", "whole seconds", "parts of seconds",
    ]  # fmt: skip


def test_a_date_is_read_by_its_weekday() -> None:
    assert words(dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(1969, 12, 29)) == ["Thursday", "Thursday", "Monday"]


def test_numbers_that_nobody_would_write_are_found() -> None:
    made = clinic(3)
    made["dose"] = made["dose"] + np.random.default_rng(0).random(len(made["dose"])) / 7
    reading = measure(Rounding(), made)
    assert reading.value > 0.95
    assert reading.details["differ"] == ["dose"]
    assert reading.details["columns"][0]["most"]["written"] == "more than 6 decimals"


def test_heaping_on_fives_and_tens_is_found() -> None:
    made = clinic(3)
    heaped = np.random.default_rng(0).random(len(made["weight"])) < 0.3
    made["weight"] = np.where(heaped, np.round(made["weight"] / 5) * 5, made["weight"])
    reading = measure(Rounding(), made)
    assert reading.details["differ"] == ["weight"]
    assert reading.details["columns"][0]["most"]["written"] in ("ends in 5", "ends in 0")


def test_distances_of_digits_are_worked_by_hand() -> None:
    real, made = Dataset.of({"x": [10, 20, 5, 15] * 25}), Dataset.of({"x": [10, 20, 30, 15] * 25})
    reading = Rounding().measure(Case(made, holdout=real), rng=Seed(1).rng())
    assert reading.value == pytest.approx(0.25)


def gaps(yes: int, no: int, times: int = 100) -> Dataset:
    """Of `times` rows of each class so many lack their value."""
    value = [None] * yes + [1.5] * (times - yes) + [None] * no + [2.5] * (times - no)
    return Dataset.of({"x": value, "label": ["yes"] * times + ["no"] * times})


def test_gaps_that_depend_on_the_answer_are_found_though_they_are_as_frequent() -> None:
    case = Case(gaps(40, 0), holdout=gaps(20, 20), target="label")
    reading = Missingness().measure(case, rng=Seed(1).rng())
    assert reading.value == pytest.approx(0.2)
    assert sorted(reading.details["differ"]) == ["no", "yes"]
    blind = Missingness().measure(Case(gaps(40, 0), holdout=gaps(20, 20)), rng=Seed(1).rng())
    assert blind.value == pytest.approx(0)


def test_values_that_should_be_missing_together_and_are_not_are_found() -> None:
    def pairs(second: list[float | None]) -> Dataset:
        return Dataset.of({"a": [None, 1.0] * 100, "b": second * 100})

    reading = Missingness().measure(Case(pairs([1.0, None]), holdout=pairs([None, 1.0])), rng=Seed(1).rng())
    assert reading.value == 1
    assert reading.details["classes"][0]["most"]["missing"] in ("a", "b", "a, b", "nothing")


def marked(kind: str) -> Table:
    """Fresh rows with a watermark on the sick."""
    made = clinic(3)
    sick = made["label"] == "sick"
    if kind == "digits":
        made["weight"] = np.where(sick, made["weight"] // 2 * 2, made["weight"])
    if kind == "decimals":
        made["dose"] = np.where(sick, np.round(made["dose"], 1), made["dose"])
    if kind == "missing":
        made["dose"] = np.where(sick, made["dose"], np.where(np.isnan(made["dose"]), 5.55, made["dose"]))
    return made


@pytest.mark.parametrize("kind", ["digits", "decimals", "missing"])
def test_a_watermark_on_one_class_tells_the_answer(kind: str) -> None:
    reading = measure(Nuisance(), marked(kind))
    assert reading.interval[0] > 0.05
    column = "weight" if kind == "digits" else "dose"
    assert reading.details["features"][0]["feature"].startswith(column)


@pytest.mark.parametrize("kind", ["digits", "decimals"])
def test_a_watermark_on_one_class_exposes_it_more_than_the_other(kind: str) -> None:
    reading = measure(WithinClass(), marked(kind))
    assert reading.interval[0] > 0.05
    auc = {each["class"]: each["auc"] for each in reading.details["classes"]}
    assert auc["sick"] > auc["well"] + 0.1


def test_a_watermark_on_all_classes_is_no_shortcut() -> None:
    made = clinic(3)
    made["dose"] = np.round(made["dose"], 1)
    reading = measure(WithinClass(), made)
    assert min(each["auc"] for each in reading.details["classes"]) > 0.8
    assert reading.interval[0] == 0
    assert measure(Nuisance(), made).interval[0] < 0


def test_the_length_of_a_text_may_tell_the_answer() -> None:
    def notes(seed: int, *, telling: bool) -> Dataset:
        rng = np.random.default_rng(seed)
        label = rng.choice(["sick", "well"], 600)
        length = np.where((label == "sick") & telling, 40, rng.integers(10, 40, 600))
        words = [f"{k} {''.join(rng.choice(list('abcdefgh '), size))}" for k, size in enumerate(length)]
        return Dataset.of({"note": words, "label": label})

    case = Case(notes(1, telling=True), holdout=notes(2, telling=False), target="label")
    reading = Nuisance().measure(case, rng=Seed(1).rng())
    assert reading.interval[0] > 0.2
    assert reading.details["features"][0]["feature"] == "note: length"


def test_a_column_that_is_trusted_in_vain_changes_the_ranks() -> None:
    made = clinic(3)
    made["day"] = np.where(made["label"] == "sick", 300.0, 20.0) + made["day"] / 9
    reading, fresh = measure(Importance(), made), measure(Importance(), clinic(4))
    assert reading.value < 0 < fresh.value
    shares = {each["column"]: (each["synthetic_share"], each["real_share"]) for each in reading.details["columns"]}
    assert shares["day"][0] > 0.5
    assert shares["day"][1] < 0.2


@pytest.mark.parametrize("metric", [Nuisance(), WithinClass(), Importance()])
def test_without_a_target_there_is_no_answer(metric: Metric) -> None:
    with pytest.raises(CannotMeasure, match="no target"):
        measure(metric, clinic(3), target=None)


def test_a_quantity_is_a_target_too() -> None:
    def priced(table: Table) -> Dataset:
        return data({**table, "price": table["weight"] * 3 + np.random.default_rng(9).normal(size=len(table["day"]))})

    made = clinic(3)
    made["day"] = np.where(made["weight"] > 80, made["day"] // 10 * 10, made["day"])
    case = Case(priced(made), train=priced(clinic(1)), holdout=priced(clinic(2)), target="price", task="regression")
    assert Nuisance().measure(case, rng=Seed(1).rng()).interval[0] > 0.2
    assert WithinClass().measure(case, rng=Seed(1).rng()).interval[0] > 0.05
