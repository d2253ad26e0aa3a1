"""Associations against scipy, triples by hand."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.association import Layout, sums
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.fidelity.associations import Associations
from mintmark.metrics.fidelity.triples import Triples
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed


def measure(metric: Metric, synthetic: Dataset, real: Dataset) -> Reading:
    return metric.measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


def strengths(**columns: object) -> np.ndarray:
    data = Dataset.of(pa.table(columns))
    space = Space.of(data)
    rows = space.matrix(data)
    layout = Layout.of(space, rows, list(range(rows.shape[1])), 50)
    products = sums(layout.wide(rows), np.arange(len(rows)) % 7)
    return layout.associations(products.sum(axis=0, keepdims=True))[0]


RNG = np.random.default_rng(0)
X = np.round(RNG.normal(size=400), 1)
Y = np.round(X + RNG.normal(size=400), 1)
LEVEL = RNG.choice(["a", "b", "c"], 400)
OTHER = np.where(RNG.random(400) < 0.5, LEVEL, RNG.choice(["a", "b", "c"], 400))


def test_two_numbers_have_spearmans_rho() -> None:
    assert strengths(x=X, y=Y)[0] == pytest.approx(stats.spearmanr(X, Y).statistic)
    assert strengths(x=X, y=-X)[0] == pytest.approx(-1)


def test_a_number_that_hardly_varies_where_the_other_is_known_has_no_association() -> None:
    assert strengths(x=X, y=np.full(400, 3.25))[0] == 0


def test_a_number_and_a_category_have_the_corrected_correlation_ratio_of_ranks() -> None:
    value = X + (LEVEL == "a")
    ranks = stats.rankdata(value)
    within = sum(((ranks[level == LEVEL] - ranks[level == LEVEL].mean()) ** 2).sum() for level in "abc")
    exact = 1 - within / ((ranks - ranks.mean()) ** 2).sum() * 399 / 397
    assert strengths(level=LEVEL, x=value)[0] == pytest.approx(np.sqrt(exact))


def test_two_categories_have_the_corrected_v_of_cramer() -> None:
    counts = np.array([[np.sum((a == LEVEL) & (b == OTHER)) for b in "abc"] for a in "abc"])
    phi = stats.chi2_contingency(counts, correction=False).statistic / 400 - 4 / 399
    assert strengths(one=LEVEL, two=OTHER)[0] == pytest.approx(np.sqrt(phi / (3 - 4 / 399 - 1)))


def test_missing_numbers_do_not_count_and_missing_levels_are_a_level() -> None:
    gone = RNG.random(400) < 0.3
    some = pa.array(Y, mask=gone)
    found = strengths(x=X, y=some, level=pa.array(LEVEL, mask=gone))
    assert found[0] == pytest.approx(stats.spearmanr(X[~gone], Y[~gone]).statistic, abs=0.01)
    assert 0 <= found[2] < 0.15  # the number is known where the level is, and says nothing of it
    assert np.isfinite(found).all()


def test_a_pair_that_loses_its_dependence_is_named_with_both_strengths() -> None:
    real = Dataset.of({"x": X, "y": X, "level": LEVEL})
    made = Dataset.of({"x": X, "y": RNG.permutation(X), "level": LEVEL})
    reading = measure(Associations(), made, real)
    worst = reading.details["furthest"][0]
    assert worst["columns"] == ["x", "y"]
    assert worst["real"] == pytest.approx(1)
    assert abs(worst["synthetic"]) < 0.15
    gaps = reading.details["by_kind"]
    assert gaps["Spearman's rho of two numbers"] == {"mean_difference": pytest.approx(1, abs=0.15), "pairs": 1}
    assert reading.value == pytest.approx(sum(g["mean_difference"] * g["pairs"] for g in gaps.values()) / 3)
    assert reading.details["mutual_information"]["mean_difference"] > 0.2


def test_a_table_compared_with_itself_has_no_difference() -> None:
    same = Dataset.of({"x": X, "y": Y, "level": LEVEL, "other": OTHER})
    assert measure(Associations(), same, same).value == pytest.approx(0)
    assert measure(Triples(), same, same).value == 0


def repeated(n: int = 50, **columns: list[str]) -> Dataset:
    return Dataset.of({name: pa.array(values * n) for name, values in columns.items()})


def test_columns_that_are_right_in_pairs_and_wrong_in_threes_are_seen_by_triples() -> None:
    """The third is the exclusive or of two coins: every two of them are independent."""
    a, b = ["0", "0", "1", "1"] * 2, ["0", "1", "0", "1"] * 2
    real = repeated(a=a, b=b, c=["0", "1", "1", "0"] * 2)
    made = repeated(a=a, b=b, c=["0"] * 4 + ["1"] * 4)
    assert measure(Associations(), made, real).value == pytest.approx(0)
    reading = measure(Triples(), made, real)
    assert reading.value == pytest.approx(0.5)
    assert reading.details["furthest"] == [{"columns": ["a", "b", "c"], "distance": pytest.approx(0.5)}]


def test_two_columns_have_no_triples_and_many_have_a_capped_number() -> None:
    with pytest.raises(CannotMeasure, match="no triples"):
        measure(Triples(), repeated(a=["0", "1"], b=["0", "1"]), repeated(a=["0", "1"], b=["0", "1"]))
    wide = Dataset.of({f"c{j}": RNG.normal(size=40) for j in range(60)})
    assert measure(Triples(triples=7), wide, wide).details["triples"] == "7 of 34,220"
