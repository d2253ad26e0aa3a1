"""Triples, tails, extremes, modes, missing mass, diversity and novelty: tables whose answers are known."""

from itertools import product

import numpy as np
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import combos
from mintmark.metrics.coverage.diversity import Diversity
from mintmark.metrics.coverage.extremes import Extremes
from mintmark.metrics.coverage.missing_mass import MissingMass
from mintmark.metrics.coverage.modes import Modes
from mintmark.metrics.coverage.novelty import Novelty
from mintmark.metrics.coverage.tails import Tails
from mintmark.metrics.coverage.triples import Triples
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed


def measure(metric: Metric, synthetic: Dataset, real: Dataset) -> Reading:
    return metric.measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


def bits(*rows: tuple[int, int, int], times: int = 10) -> Dataset:
    table = np.array(list(rows) * times)
    return Dataset.of({name: np.array(["no", "yes"])[table[:, j]] for j, name in enumerate("abc")})


EVEN = [row for row in product((0, 1), repeat=3) if sum(row) % 2 == 0]


def test_three_traits_that_never_meet_are_missed_though_all_pairs_are_there() -> None:
    reading = measure(Triples(), bits(*EVEN, times=20), bits(*product((0, 1), repeat=3)))
    assert reading.value == 0.5
    assert reading.details["cells"] == 8
    assert {"cell": "a: yes and b: yes and c: yes", "real_rows": 10} in reading.details["missing"]


def test_triples_of_few_real_people_are_counted_and_not_named() -> None:
    reading = measure(Triples(), bits(*EVEN), bits(*product((0, 1), repeat=3), times=6))
    assert reading.details["missed"] == 4
    assert reading.details["missing"] == []


def test_combinations_of_columns_are_distinct_and_always_the_same() -> None:
    drawn = combos.chosen(200, 4, 50)
    assert len(set(drawn)) == 50
    assert all(len(set(columns)) == 4 for columns in drawn)
    assert drawn == combos.chosen(200, 4, 50)
    assert combos.chosen(4, 3, 10) == [(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)]


def test_the_block_that_alone_reaches_a_cell_is_found() -> None:
    cells, block = np.array([0, 0, 1, 1, 3]), np.array([0, 1, 1, 1, 0])
    assert combos.sole(cells, block, 4).tolist() == [-1, 1, -1, 0]


def test_the_mass_of_levels_that_are_never_shown_is_missing() -> None:
    real = Dataset.of({"level": ["a"] * 70 + ["b"] * 20 + ["c"] * 10})
    reading = measure(MissingMass(ways=1), Dataset.of({"level": ["a"] * 99 + ["b"]}), real)
    assert reading.value == pytest.approx(0.1)
    assert reading.details["good_turing_synthetic"] == pytest.approx(1 / 100)
    assert reading.details["good_turing_real"] == 0


def test_what_is_all_there_misses_little_and_not_surely_nothing() -> None:
    real = Dataset.of({"level": ["a"] * 70 + ["b"] * 30})
    reading = measure(MissingMass(ways=1), real, real)
    assert reading.value == 0
    assert 0 < reading.interval[1] < 0.05


def test_a_cut_tail_is_measured_in_interquartile_ranges() -> None:
    values = np.arange(1000.0)
    reading = measure(Tails(), Dataset.of({"x": np.minimum(values, 900.0)}), Dataset.of({"x": values}))
    # The 1 % quantile is right; the 99 % quantile is 900 where really it is 989; there are too few rows for 99.9 %.
    assert reading.details["by_quantile"] == {"0.01": 0, "0.99": pytest.approx(89 / 499.5)}
    assert reading.value == pytest.approx(89 / 499.5 / 2)


def test_tails_say_how_many_rows_they_need() -> None:
    few = Dataset.of({"x": np.arange(400.0) / 3})
    with pytest.raises(CannotMeasure, match="at least 500 rows"):
        measure(Tails(), few, few)


def tail(seed: int, shape: float, n: int = 8000) -> np.ndarray:
    """A generalised Pareto distribution by its inverse."""
    u = np.random.default_rng(seed).random(n)
    return -np.log(u) if shape == 0 else (u**-shape - 1) / shape


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.3])
def test_return_levels_meet_their_closed_form(shape: float) -> None:
    reading = measure(Extremes(once_in=1000), Dataset.of({"x": tail(1, shape)}), Dataset.of({"x": tail(2, shape)}))
    truth = np.log(1000) if shape == 0 else (1000**shape - 1) / shape
    column = reading.details["columns"][0]
    assert column["real_level"] == pytest.approx(truth, rel=0.15)
    assert column["real_shape"] == pytest.approx(shape, abs=0.15)
    assert reading.interval[0] < 0.05


def test_a_tail_that_ends_too_soon_is_found() -> None:
    real = tail(1, 0.3)
    clipped = np.minimum(tail(2, 0.3), np.quantile(real, 0.98) + 0.001 * tail(3, 0.0))
    assert measure(Extremes(), Dataset.of({"x": clipped}), Dataset.of({"x": real})).interval[0] > 0.4


def test_too_few_values_above_the_threshold_are_no_tail() -> None:
    few = Dataset.of({"x": tail(1, 0.0, 300)})
    with pytest.raises(CannotMeasure, match="at least 400 rows"):
        measure(Extremes(), few, few)


def blobs(seed: int, *sizes: int) -> Dataset:
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(len(sizes)), sizes)
    return Dataset.of({"x": kind * 10 + rng.normal(size=len(kind)), "word": np.array(list("abcd"))[kind]})


def test_a_kind_of_rows_that_is_gone_is_described() -> None:
    reading = measure(Modes(kinds=4), blobs(1, 200, 200, 200, 0), blobs(2, 150, 150, 150, 150))
    assert reading.value == pytest.approx(0.75, abs=0.01)
    assert reading.details["below_half"] == 1
    assert "word: d" in reading.details["lacking"][0]["marks"]


def test_a_kind_is_not_marked_by_what_few_of_its_people_are() -> None:
    table = blobs(2, 40, 40, 40, 40).table
    real = Dataset.of(table.set_column(1, "word", [np.array([f"level {k // 8}" for k in range(160)])]))
    lacking = measure(Modes(kinds=4), real.select(np.arange(200) % 120), real).details["lacking"]
    assert [mark.partition(":")[0] for mark in lacking[0]["marks"]] == ["x"]


def test_kinds_out_of_proportion_count_by_what_they_lack() -> None:
    reading = measure(Modes(kinds=2), blobs(1, 300, 100), blobs(2, 200, 200))
    assert reading.value == pytest.approx((1 + 0.5) / 2, abs=0.01)


def test_the_vendi_score_meets_its_closed_form() -> None:
    levels = Dataset.of({"level": np.repeat(list("abcdef"), 50)})
    reading = measure(Diversity(features=512), levels, levels)
    # All levels are one median distance apart: K is 1 within and exp(−1/2) between them.
    c = np.exp(-0.5)
    eigenvalues = np.array([1 + 5 * c] + [1 - c] * 5) / 6
    assert reading.details["vendi"]["real"] == pytest.approx(
        np.exp(-(eigenvalues * np.log(eigenvalues)).sum()), rel=0.05
    )
    assert reading.value == pytest.approx(1)


def test_rows_that_say_the_same_over_and_over_are_not_diverse() -> None:
    reading = measure(Diversity(), blobs(1, 397, 1, 1, 1), blobs(2, 100, 100, 100, 100))
    assert reading.interval[1] < 0.7
    assert reading.details["ratio"] < 1
    assert reading.details["mean_entropy_of_columns"]["synthetic"] < reading.details["mean_entropy_of_columns"]["real"]


def towns(seed: int, n: int = 600, streets: int = 40) -> Dataset:
    rng = np.random.default_rng(seed)
    town = rng.integers(5, size=n)
    street = town * 1000 + np.minimum(rng.geometric(2.5 / streets, n), streets)
    return Dataset.of({"town": town.astype(str), "street": street.astype(str), "age": rng.integers(18, 80, n)})


def novelty(synthetic: Dataset) -> Reading:
    case = Case(synthetic, train=towns(1), holdout=towns(2))
    return Novelty(ways=2).measure(case, rng=Seed(1).rng())


def test_copies_show_nothing_new() -> None:
    reading = novelty(towns(1).select(np.random.default_rng(0).integers(600, size=600)))
    assert reading.value == 0
    assert reading.details["meaning"] == "the synthetic rows repeat what was trained on"


def test_fresh_rows_show_as_much_new_as_fresh_rows() -> None:
    assert novelty(towns(3)).interval[1] == 1


def test_streets_in_the_wrong_town_are_inventions() -> None:
    made = towns(3).table
    wrong = made.set_column(0, "town", made["town"].take(np.random.default_rng(0).permutation(600)))
    reading = novelty(Dataset.of(wrong, schema=towns(3).columns))
    assert reading.value < 0.5
    assert reading.details["meaning"] == "the synthetic rows hold combinations that reality does not"


def test_where_nothing_is_ever_new_there_is_no_answer() -> None:
    coins = Dataset.of({"side": ["head", "tail"] * 100})
    with pytest.raises(CannotMeasure, match="too few fresh real rows show anything new"):
        Novelty().measure(Case(coins, train=coins, holdout=coins), rng=Seed(1).rng())
