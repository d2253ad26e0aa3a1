"""Copies, rare cells, groups and transfer: small tables with known answers."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure
from mintmark.metrics import roc
from mintmark.metrics.coverage.cells import Cells
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fairness.representation import Representation
from mintmark.metrics.metric import Case, Metric, Task
from mintmark.metrics.privacy.copies import Copies
from mintmark.metrics.privacy.membership import Membership
from mintmark.metrics.utility.transfer import Transfer
from mintmark.seeds import Seed


def measure(metric: Metric, case: Case) -> Reading:
    return metric.measure(case, rng=Seed(1).rng())


def test_copies_beyond_those_of_fresh_rows_are_counted() -> None:
    train = Dataset.of({"a": [1, 2, 3, 4], "b": ["x", "x", "y", "y"], "c": [0.5, 1.5, 2.5, 3.5]})
    made = Dataset.of({"a": [1, 2, 3, 9], "b": ["x", "x", "y", "q"], "c": [0.5, 1.5, 9.5, 9.5]})
    fresh = Dataset.of({"a": [4, 7, 8, 9], "b": ["y", "x", "y", "x"], "c": [3.5, 7.5, 8.5, 9.5]})
    reading = measure(Copies(), Case(made, train=train, holdout=fresh))
    assert reading.value == pytest.approx(2 / 4 - 1 / 4)
    assert reading.details["copies"] == 2
    assert reading.details["near_synthetic_share"] == pytest.approx(3 / 4)
    assert reading.details["near_holdout_share"] == pytest.approx(1 / 4)


def test_people_who_repeat_each_other_by_chance_are_no_leak() -> None:
    rng = np.random.default_rng(0)
    made, train, fresh = (
        Dataset.of({"sex": rng.choice(["f", "m"], 400), "grade": rng.integers(1, 6, 400)}) for _ in range(3)
    )
    reading = measure(Copies(), Case(made, train=train, holdout=fresh))
    assert reading.details["synthetic_share"] == 1
    assert reading.value == 0


def test_keys_of_real_people_are_told_and_no_copies_by_themselves() -> None:
    """Mail addresses of real people on rows that are otherwise fresh."""

    def mails(first: int, seed: int) -> Dataset:
        rng = np.random.default_rng(seed)
        return Dataset.of({"mail": [f"p{first + k:06d}@example.org" for k in range(200)], "x": rng.normal(size=200)})

    train, holdout, strangers = mails(0, 1), mails(1000, 2), mails(2000, 3)
    assert train.columns["mail"].kind == Kind.KEY
    stolen = measure(Copies(), Case(mails(100, 4), train=train, holdout=holdout))
    assert stolen.value == 0
    assert stolen.details["keys_of_train_rows"] == {"mail": 0.5}
    assert "Keys of real records stand in it (“mail” of 50 of 100 rows)" in stolen.details["words"]
    assert "Keys" not in measure(Copies(), Case(strangers, train=train, holdout=holdout)).details["words"]


def test_an_attack_says_how_many_rows_it_needs() -> None:
    few = Dataset.of({"a": np.arange(40.0) / 3})
    with pytest.raises(CannotMeasure, match="at least 50 rows"):
        measure(Membership(), Case(few, train=few, holdout=few))


def rare(*levels: tuple[str, int]) -> Dataset:
    return Dataset.of({"level": [name for name, count in levels for _ in range(count)]})


def test_rare_levels_that_were_missed_are_named() -> None:
    real = rare(("common", 980), ("rare", 12), ("rarer", 6), ("once", 2))
    reading = measure(Cells(), Case(rare(("common", 995), ("rare", 5)), holdout=real))
    assert reading.value == 0.5
    assert reading.details["missing"] == [{"cell": "level: rarer", "real_rows": "fewer than 10"}]
    assert reading.details["by_ways"] == {"1": {"hit": 1, "cells": 2}}


def test_a_rare_combination_of_common_levels_is_a_cell() -> None:
    real = Dataset.of({"one": ["a"] * 500 + ["b"] * 500, "two": ["x"] * 490 + ["y"] * 510})
    made = Dataset.of({"one": ["a"] * 500 + ["b"] * 500, "two": ["x"] * 500 + ["y"] * 500})
    reading = measure(Cells(), Case(made, holdout=real))
    assert reading.value == 0
    assert reading.details["missing"] == [{"cell": "one: a and two: y", "real_rows": 10}]


def test_without_rare_cells_there_is_no_answer() -> None:
    flat = Dataset.of({"level": ["a", "b"] * 50})
    with pytest.raises(CannotMeasure, match="no rare cells"):
        measure(Cells(), Case(flat, holdout=flat))


def group(women: int, men: int, other: int = 0) -> Dataset:
    return Dataset.of({"sex": ["f"] * women + ["m"] * men + ["x"] * other, "k": np.arange(women + men + other) / 7})


def test_the_group_that_is_most_out_of_proportion_decides() -> None:
    case = Case(group(25, 75), holdout=group(50, 50), sensitive=("sex",))
    reading = measure(Representation(), case)
    assert reading.value == pytest.approx(0.5)
    assert [(each["group"], each["ratio"]) for each in reading.details["groups"]] == [
        ("sex: f", pytest.approx(0.5)),
        ("sex: m", pytest.approx(1.5)),
    ]


def test_too_many_is_as_far_off_as_too_few() -> None:
    case = Case(group(80, 20), holdout=group(40, 60), sensitive=("sex",))
    assert measure(Representation(), case).value == pytest.approx(20 / 60)


def test_a_group_that_is_gone_scores_nothing() -> None:
    reading = measure(Representation(), Case(group(0, 100), holdout=group(40, 60), sensitive=("sex",)))
    assert reading.value == 0
    assert 0 < reading.interval[1] < 0.2


def test_groups_of_too_few_people_are_unknown_and_not_zero() -> None:
    case = Case(group(50, 50), holdout=group(50, 50, 10), sensitive=("sex",))
    reading = measure(Representation(), case)
    assert reading.details["unknown"] == [{"group": "sex: x", "real_rows": 10}]
    assert reading.value > 0.9


@pytest.mark.parametrize(("few", "named"), [(9, "sex: x"), (5, "sex: x"), (4, "a group of fewer than 5")])
def test_a_group_of_few_people_is_not_counted_and_one_of_fewer_not_named(few: int, named: str) -> None:
    details = measure(Representation(), Case(group(50, 50), holdout=group(51, 52, few), sensitive=("sex",))).details
    assert details["unknown"] == [{"group": named, "real_rows": "fewer than 10"}]
    n = 51 + 52 + few
    assert [each["real_rows"] for each in details["groups"]] == [50, 50]
    assert [each["real_share"] for each in details["groups"]] == [50 / n, 50 / n]


def test_groups_of_two_columns_are_judged_too() -> None:
    real = Dataset.of({"sex": ["f", "m"] * 100, "race": ["a", "a", "b", "b"] * 50})
    made = Dataset.of({"sex": ["f", "m"] * 100, "race": ["a", "b"] * 100})
    reading = measure(Representation(), Case(made, holdout=real, sensitive=("sex", "race")))
    assert reading.value == 0
    assert reading.details["groups"][0]["group"] == "sex: f and race: b"


def test_without_sensitive_columns_there_is_no_answer() -> None:
    with pytest.raises(CannotMeasure, match="no sensitive columns"):
        measure(Representation(), Case(group(50, 50), holdout=group(50, 50)))


def lesson(seed: int, *, n: int = 500, slope: float = 3.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    label = np.where(rng.random(n) < 1 / (1 + np.exp(-slope * x)), "yes", "no")
    return {"x": x, "z": z, "label": label, "price": slope * x + rng.normal(size=n)}


def transfer(synthetic: dict[str, np.ndarray], target: str | None = "label", drop: str = "price") -> Reading:
    made, train, holdout = (
        Dataset.of({name: values for name, values in data.items() if name != drop})
        for data in (synthetic, lesson(1), lesson(2))
    )
    return measure(Transfer(), Case(made, train=train, holdout=holdout, target=target))


def test_fresh_real_rows_teach_as_well_as_real_rows() -> None:
    reading = transfer(lesson(3))
    assert reading.interval[0] <= 1 <= reading.interval[1]
    assert reading.details["score"] == "ROC-AUC"


def test_labels_at_random_teach_nothing() -> None:
    made = lesson(3)
    made["label"] = np.random.default_rng(0).permutation(made["label"])
    reading = transfer(made)
    assert reading.interval[1] < 0.5


def test_labels_turned_round_teach_the_opposite() -> None:
    assert transfer(lesson(3, slope=-3.0)).interval[1] < -0.8


def test_a_shortcut_that_only_synthetic_rows_have_opens_the_closed_loop_gap() -> None:
    made = lesson(3)
    made["z"] = np.where(made["label"] == "yes", 5.0, -5.0)
    details = transfer(made).details
    assert details["tsts"]["value"] > 0.99
    assert details["closed_loop_gap"] > 0.1


def test_a_quantity_is_scored_by_the_variance_that_it_explains() -> None:
    reading = transfer(lesson(3), target="price", drop="label")
    assert reading.details["score"] == "R²"
    assert reading.interval[0] <= 1 <= reading.interval[1]
    assert reading.details["trtr"]["value"] == pytest.approx(0.9, abs=0.1)


def test_several_classes_are_scored_one_against_the_rest() -> None:
    def three(seed: int) -> Dataset:
        data = lesson(seed)
        grade = np.digitize(data["x"] + data["z"] / 4, [-0.5, 0.5]).astype(str)
        return Dataset.of({"x": data["x"], "z": data["z"], "grade": grade})

    reading = measure(Transfer(), Case(three(3), train=three(1), holdout=three(2), target="grade"))
    assert "one class against the rest" in reading.details["score"]
    assert reading.interval[0] <= 1 <= reading.interval[1]


@pytest.mark.parametrize("constant", ["yes", "no"])
def test_synthetic_rows_of_one_class_teach_nothing(constant: str) -> None:
    made = lesson(3)
    made["label"] = np.full(500, constant)
    assert transfer(made).value == pytest.approx(0, abs=1e-9)


def test_without_a_target_there_is_no_answer() -> None:
    with pytest.raises(CannotMeasure, match="no target"):
        transfer(lesson(3), target=None)


def test_a_target_of_one_class_has_no_answer() -> None:
    one = Dataset.of({"x": np.arange(100.0) / 3, "label": ["yes"] * 100})
    with pytest.raises(CannotMeasure, match="fewer than two classes"):
        measure(Transfer(), Case(one, train=one, holdout=one, target="label"))


def test_where_real_rows_teach_nothing_there_is_nothing_to_transfer() -> None:
    real = [Dataset.of({k: v for k, v in lesson(seed, slope=0.0).items() if k != "price"}) for seed in (1, 2, 3)]
    with pytest.raises(CannotMeasure, match="nothing to transfer"):
        measure(Transfer(), Case(real[0], train=real[1], holdout=real[2], target="label"))


def test_a_boolean_target_is_two_classes() -> None:
    def truth(seed: int) -> Dataset:
        data = lesson(seed)
        return Dataset.of({"x": data["x"], "label": pa.array(data["label"] == "yes")})

    reading = measure(Transfer(), Case(truth(3), train=truth(1), holdout=truth(2), target="label"))
    assert reading.details["score"] == "ROC-AUC"


def test_the_weighted_auc_is_the_auc_where_all_weigh_one() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 20, 200).astype(float), rng.random(200) < 0.3
    plain = roc.auc(scores[positive], scores[~positive])[0]
    assert roc.weighted_auc(scores, positive, np.ones((2, 200))) == pytest.approx([plain, plain])


def coded(seed: int, classes: int) -> Dataset:
    data = lesson(seed)
    return Dataset.of({"x": data["x"], "code": np.digitize(data["x"], [0.0, 0.7][: classes - 1])})


def test_a_number_with_two_values_is_two_classes() -> None:
    reading = measure(Transfer(), Case(coded(3, 2), train=coded(1, 2), holdout=coded(2, 2), target="code"))
    assert reading.details["score"] == "ROC-AUC"


@pytest.mark.parametrize(("task", "score"), [("classification", "ROC-AUC"), ("regression", "R²")])
def test_the_task_decides_what_a_number_is(task: Task, score: str) -> None:
    case = Case(coded(3, 3), train=coded(1, 3), holdout=coded(2, 3), target="code", task=task)
    assert measure(Transfer(), case).details["score"].startswith(score)


def test_levels_are_no_quantities() -> None:
    with pytest.raises(CannotMeasure, match="no quantities"):
        measure(
            Transfer(), Case(group(50, 50), train=group(50, 50), holdout=group(50, 50), target="sex", task="regression")
        )
