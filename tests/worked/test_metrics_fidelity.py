"""Distances by hand, and planted faults that must be named."""

import numpy as np
import pyarrow as pa
import pytest

from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics.cells import NAMED, Cut, evenly
from mintmark.metrics.coverage.cells import Cells
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.fidelity.associations import Associations
from mintmark.metrics.fidelity.detection import Detection
from mintmark.metrics.fidelity.marginals import Marginals
from mintmark.metrics.fidelity.pairs import Pairs
from mintmark.metrics.fidelity.triples import Triples
from mintmark.metrics.metric import Case, Metric
from mintmark.seeds import Seed


def measure(metric: Metric, synthetic: Dataset, real: Dataset) -> Reading:
    return metric.measure(Case(synthetic, holdout=real), rng=Seed(1).rng())


def repeated(n: int = 10, **columns: list[object]) -> Dataset:
    return Dataset.of({name: pa.array(values * n) for name, values in columns.items()})


def test_the_gap_of_two_distribution_functions_by_hand() -> None:
    real = repeated(number=[1.5, 2.5, 3.5, 4.5])
    made = repeated(number=[1.5, 1.5, 1.5, 4.5])
    assert measure(Marginals(), made, real).value == pytest.approx(0.5)


def test_the_total_variation_of_levels_by_hand() -> None:
    real = repeated(level=["a", "a", "b", "b"])
    made = repeated(level=["a", "b", "b", "c"])
    assert measure(Marginals(), made, real).value == pytest.approx(0.25)


def test_missing_values_count_as_values_do() -> None:
    real = repeated(number=[1.5, 2.5, 3.5, 4.5], level=["a", "b", "a", "b"])
    made = repeated(number=[1.5, None, None, 4.5], level=["a", None, "a", "b"])
    columns = {each["column"]: each["distance"] for each in measure(Marginals(), made, real).details["columns"]}
    assert columns == {"number": pytest.approx(0.5), "level": pytest.approx(0.25)}


def test_the_worst_column_stands_first() -> None:
    real = repeated(good=[1.5, 2.5, 3.5, 4.5], bad=["a", "b", "a", "b"])
    made = repeated(good=[1.5, 2.5, 3.5, 4.5], bad=["c", "c", "c", "c"])
    reading = measure(Marginals(), made, real)
    assert [each["column"] for each in reading.details["columns"]] == ["bad", "good"]
    assert reading.value == pytest.approx(0.5)


def test_columns_that_are_right_alone_and_wrong_together_are_seen_by_pairs() -> None:
    real = repeated(one=["a", "a", "b", "b"], two=["x", "x", "y", "y"])
    made = repeated(one=["a", "a", "b", "b"], two=["x", "y", "x", "y"])
    assert measure(Marginals(), made, real).value == 0
    reading = measure(Pairs(), made, real)
    assert reading.value == pytest.approx(0.5)
    assert reading.details["distance"] == [[None, 0.5], [0.5, None]]
    assert reading.details["association"]["real"][0][1] == pytest.approx(1, abs=0.01)
    assert reading.details["association"]["synthetic"][0][1] == 0


def test_more_columns_than_the_cap_are_drawn_and_the_target_stays() -> None:
    rng = np.random.default_rng(0)
    real = Dataset.of({f"c{k}": rng.normal(size=50) for k in range(9)})
    case = Case(real, holdout=real, target="c7")
    details = Pairs(columns=3).measure(case, rng=Seed(1).rng()).details
    assert "c7" in details["columns"]
    assert details["capped"] == "3 of 9 columns"


@pytest.mark.parametrize(
    "metric", [Pairs(columns=4), Associations(columns=4), Triples(triples=5), Cells(ways=3, combinations=5)]
)
def test_which_columns_are_looked_at_is_part_of_the_question_and_no_luck(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    real, made = (Dataset.of({f"c{k}": rng.normal(k * side, 1, size=300) for k in range(12)}) for side in (0, 0.1))
    values = [metric.measure(Case(made, holdout=real), rng=Seed(seed).rng()).value for seed in range(4)]
    assert np.ptp(values) < 1e-12


def test_a_single_column_has_no_pairs() -> None:
    with pytest.raises(CannotMeasure, match="no pairs"):
        measure(Pairs(), repeated(only=[1.5, 2.5, 3.5]), repeated(only=[1.5, 2.5, 3.5]))


def test_too_few_rows_say_how_many_are_needed() -> None:
    with pytest.raises(CannotMeasure, match="at least 30 rows"):
        measure(Detection(), repeated(n=5, a=[1.5, 2.5]), repeated(n=50, a=[1.5, 2.5]))


def table(seed: int, n: int = 600) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "wage": np.round(rng.lognormal(3, 0.5, n), 2),
        "age": rng.integers(20, 70, n).astype(float),
        "town": rng.choice(["a", "b", "c"], n),
    }


def test_a_planted_artefact_is_detected_and_its_column_named() -> None:
    """A generator that rounds wages: each marginal is nearly right, and nobody would see it in a histogram."""
    made = table(1)
    made["wage"] = np.round(made["wage"])
    reading = measure(Detection(), Dataset.of(made), Dataset.of(table(2)))
    assert reading.value > 0.6
    assert reading.details["columns"][0]["column"] == "wage"


def test_a_level_that_real_rows_never_have_is_the_example() -> None:
    made = table(1)
    made["town"] = np.where(np.arange(600) % 2, "moon", made["town"])
    reading = measure(Detection(), Dataset.of(made), Dataset.of(table(2)))
    first = reading.details["columns"][0]
    assert first["column"] == "town"
    assert first["example"]["cell"] == "other"
    assert first["example"]["synthetic_share"] == pytest.approx(0.5)
    assert first["example"]["real_share"] == 0
    assert reading.interval[0] > 0.7


def test_what_few_real_people_have_in_common_is_no_example() -> None:
    """The level of nine is furthest off, but its share would count them."""
    real = {"town": ["here"] * 191 + ["isle"] * 9, "x": np.arange(200.0) % 7}
    made = {"town": ["here"] * 110 + ["isle"] * 90, "x": np.arange(200.0) % 7}
    first = measure(Detection(), Dataset.of(made), Dataset.of(real)).details["columns"][0]
    assert first["column"] == "town"
    assert first["example"]["cell"] == "here"


def cut_of(*values: float) -> Cut:
    space = Space.of(Dataset.of({"x": np.array(values)}))
    return Cut.of(space.columns[0], np.repeat(np.array(values, float), NAMED), at=evenly(8), levels=9)


def test_values_of_few_people_are_no_ends_of_cells_and_no_names() -> None:
    rooms = Space.of(Dataset.of({"rooms": pa.array([1, 2] * 20 + [471] + [500] * 9)})).columns[0]
    cut = Cut.of(rooms, np.array([1.0, 2.0] * 20 + [471.0] + [500.0] * 9), at=evenly(10), levels=10)
    assert [cut.label(cell) for cell in range(cut.size)] == [
        "missing", "up to 1", "above 1, up to 2", "above 2, up to 500", "above 2, up to 500", "above 500"
    ]  # fmt: skip
    town = Space.of(Dataset.of({"town": ["here"] * 9 + ["there"] * 4})).columns[0]
    cut = Cut.of(town, np.array([0.0] * 9 + [1.0] * 4), at=evenly(10), levels=10)
    assert [cut.label(cell) for cell in range(cut.size)] == ["missing", "here", "a rare level", "other"]


def test_the_ends_of_a_cell_are_nobodys_value() -> None:
    cut = cut_of(1234.56, 54321.17, 98765.43)
    assert [cut.label(cell) for cell in range(1, 4)] == [
        "up to 1230.0",
        "above 1230.0, up to 54300.0",
        "above 54300.0, up to 98800.0",
    ]
    assert cut_of(1950, 1987).label(2) == "above 1950, up to 1987"
