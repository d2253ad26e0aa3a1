"""Parity, odds, worst group and amplification: tables of decisions worked by hand, as fairlearn defines the gaps."""

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fairness.amplification import Amplification
from mintmark.metrics.fairness.odds import Odds
from mintmark.metrics.fairness.parity import Parity
from mintmark.metrics.fairness.worst_group import WorstGroup
from mintmark.metrics.gaps import Rates, widest
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed

Count = tuple[str, str, str, int]


def people(*counts: Count) -> Dataset:
    """Rows of sex, a trait and a label, each so many times."""
    rows = [(sex, x, label) for sex, x, label, times in counts for _ in range(times)]
    return Dataset.of({name: [row[j] for row in rows] for j, name in enumerate(("sex", "x", "label"))})


LABEL_IS_TRAIT = people(*((sex, x, x, 100) for sex in "fm" for x in ("no", "yes")))
LABEL_IS_SEX = people(*(("f", x, "no", 100) for x in ("no", "yes")), *(("m", x, "yes", 100) for x in ("no", "yes")))

REAL = people(
    ("f", "yes", "yes", 40), ("f", "yes", "no", 20), ("f", "no", "yes", 40), ("f", "no", "no", 100),
    ("m", "yes", "yes", 96), ("m", "yes", "no", 44), ("m", "no", "yes", 24), ("m", "no", "no", 36),
)  # fmt: skip
"""A model that says "yes" to the trait decides for 60 of 200 women and 140 of 200 men."""


def measure(metric: Metric, synthetic: Dataset = LABEL_IS_TRAIT, real: Dataset = REAL, **case: object) -> Reading:
    roles = {"target": "label", "sensitive": ("sex",), "holdout": real, **case}
    return metric.measure(Case(synthetic, **roles), rng=Seed(1).rng())


def test_parity_is_the_gap_between_the_shares_decided_for() -> None:
    reading = measure(Parity())
    assert reading.value == pytest.approx(0.7 - 0.3)
    assert reading.interval[0] < 0.4 < reading.interval[1]
    assert reading.details["widest"]["highest"] == {"group": "sex: m", "value": 0.7}
    assert reading.details["widest"]["lowest"] == {"group": "sex: f", "value": 0.3}


def test_odds_are_the_wider_gap_of_right_and_of_false_alarms() -> None:
    reading = measure(Odds())
    # True-positive rates 40/80 and 96/120 lie 0.3 apart, false-positive rates 20/120 and 44/80 lie 0.383 apart.
    assert reading.value == pytest.approx(44 / 80 - 20 / 120)
    assert reading.details["widest"]["outcome"] == "false-positive rate of yes"


def test_the_worst_served_group_is_named() -> None:
    reading = measure(WorstGroup())
    # With one threshold the AUC is (TPR + 1 − FPR) / 2.
    assert reading.value == pytest.approx((96 / 120 + 1 - 44 / 80) / 2)
    assert [group["group"] for group in reading.details["groups"]] == ["sex: m", "sex: f"]
    assert reading.details["groups"][1]["value"] == pytest.approx((40 / 80 + 1 - 20 / 120) / 2)


def test_what_synthetic_rows_add_to_the_gap_of_reality_is_amplification() -> None:
    reading = measure(Amplification(), LABEL_IS_SEX, train=LABEL_IS_TRAIT)
    assert reading.value == pytest.approx(1.0 - 0.4)
    assert reading.interval[0] > 0.3
    assert measure(Amplification(), LABEL_IS_TRAIT, train=LABEL_IS_TRAIT).value == 0
    assert measure(Amplification(), LABEL_IS_TRAIT, train=LABEL_IS_SEX).interval[1] < 0


def test_a_gap_that_only_two_columns_together_show_is_found() -> None:
    def crossed(times: int) -> Dataset:
        rows = [
            (sex, age, "yes" if (sex == "f") == (age == "old") else "no") for sex in "fm" for age in ("old", "young")
        ]
        names = ("sex", "age", "x")
        table = {name: [row[j] for row in rows * times] for j, name in enumerate(names)}
        return Dataset.of({**table, "label": table["x"]})

    reading = measure(Parity(), crossed(100), crossed(50), sensitive=("sex", "age"))
    assert reading.value == pytest.approx(1)
    assert reading.details["widest"]["of"] == "sex and age"
    assert measure(Parity(), crossed(100), crossed(50), sensitive=("sex",)).value == pytest.approx(0)


def test_groups_of_fewer_than_thirty_are_unknown_and_not_the_widest_gap() -> None:
    few = people(("x", "yes", "yes", 10), ("x", "yes", "no", 10), ("f", "yes", "yes", 80), ("f", "no", "no", 80))
    with pytest.raises(CannotMeasure, match="no two groups have 30 rows"):
        measure(Parity(), real=few)
    both = people(("x", "no", "no", 20), *((sex, x, x, 50) for sex in "fm" for x in ("no", "yes")))
    reading = measure(Parity(), real=both)
    assert reading.value == pytest.approx(0)
    assert reading.details["unknown_groups"] == 1


def test_a_quantity_has_the_gap_of_its_mean_predictions() -> None:
    def paid(n: int, yes: tuple[float, float]) -> Dataset:
        x = np.concatenate([np.arange(n) < share * n for share in yes])
        return Dataset.of(
            {"sex": np.repeat(["f", "m"], n), "x": x, "pay": 10.0 * x + np.tile([0.0, 0.5, 1.0, 1.5], n // 2)}
        )

    real = paid(200, (0.3, 0.7))
    spread = float(np.std(real.table["pay"].to_numpy()))
    reading = measure(Parity(), paid(200, (0.5, 0.5)), real, target="pay", task="regression")
    assert reading.value == pytest.approx(4 / spread, rel=0.02)
    assert reading.details["unit"] == "standard deviations of the real target"
    assert measure(Odds(), paid(200, (0.5, 0.5)), real, target="pay", task="regression").value < 0.05
    assert measure(WorstGroup(), paid(200, (0.5, 0.5)), real, target="pay", task="regression").value > 0.95


def test_several_classes_are_taken_one_by_one() -> None:
    def graded(*shares: tuple[int, int, int]) -> Dataset:
        x = np.concatenate([np.repeat(["a", "b", "c"], share) for share in shares])
        return Dataset.of({"sex": np.repeat(["f", "m"], [sum(s) for s in shares]), "x": x, "label": x})

    reading = measure(Parity(), graded((60, 60, 60), (60, 60, 60)), graded((50, 30, 20), (50, 10, 40)))
    assert reading.value == pytest.approx(0.2)
    assert reading.details["widest"]["outcome"] in ("b", "c")
    assert measure(WorstGroup(), graded((60, 60, 60), (60, 60, 60)), graded((50, 30, 20), (50, 10, 40))).value == 1


@pytest.mark.parametrize("metric", [Parity(), Odds(), WorstGroup(), Amplification()])
def test_without_target_or_groups_there_is_no_answer(metric: Metric) -> None:
    with pytest.raises(CannotMeasure, match="no target"):
        measure(metric, target=None, train=LABEL_IS_TRAIT)
    with pytest.raises(CannotMeasure, match="no sensitive columns"):
        measure(metric, sensitive=(), train=LABEL_IS_TRAIT)
    with pytest.raises(CannotMeasure, match="no sensitive columns"):
        measure(metric, sensitive=("label",), train=LABEL_IS_TRAIT)


def rates(*pairs: tuple[int, int]) -> Rates:
    n = np.array([[float(n)] for _, n in pairs])
    return Rates("sex", tuple("fmx"[: len(pairs)]), ("yes",), np.array([[hits] for hits, _ in pairs]) / n, n)


def test_two_groups_have_the_published_interval_of_a_difference() -> None:
    # Newcombe 1998, table II, method 10: 56/70 − 48/80.
    gap = widest([rates((56, 70), (48, 80))])
    assert gap.value == pytest.approx(0.2)
    assert gap.interval == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_more_groups_widen_the_interval_for_the_choice_of_the_widest() -> None:
    two, three = widest([rates((56, 70), (48, 80))]), widest([rates((56, 70), (48, 80), (50, 75))])
    assert three.value == two.value
    assert three.interval[0] < two.interval[0]
    assert three.interval[1] > two.interval[1]
