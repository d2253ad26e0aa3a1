"""What today's libraries get wrong on the same data, and what is found here.

SDMetrics 0.32 gave an exact copy of the training rows 0.928 of 1 for "overfitting protection" where its subsample thins
the training side too, and 0.893 for "disclosure protection"; a single synthetic row 1.0. It scores columns that differ
with a warning, and ends in a traceback on an infinity, a column without values or an unseen category. None of its
scores has an interval or a ceiling.
"""

import json

import numpy as np
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data.dataset import Dataset
from mintmark.errors import DataError
from mintmark.metrics.evidence import Evidence, NoEvidence
from mintmark.metrics.metric import Case
from mintmark.metrics.privacy.distance import Distance


def people(n: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 90, n)
    return pa.table(
        {
            "age": age,
            "town": rng.choice(["north", "south", "isle"], n, p=[0.5, 0.4, 0.1]),
            "wage": np.round(rng.lognormal(7, 0.6, n), 2),
            "hours": np.round(rng.normal(38, 6, n), 1),
            "ill": np.where(age + rng.normal(0, 15, n) > 60, "yes", "no"),
        }
    )


TRAIN, HOLDOUT, FRESH = people(3000, 1), people(1500, 2), people(3000, 3)


def asked(synthetic: object, *metrics: str, holdout: pa.Table = HOLDOUT) -> mm.Findings:
    return mm.assay(TRAIN, synthetic, holdout=holdout, target="ill", metrics=metrics)


def test_an_exact_copy_scores_worst_on_distance_however_few_rows_are_sought() -> None:
    """Rows are left out among the queries alone: dropping training rows would drop the ones that leaked."""
    found = asked(TRAIN, "privacy.distance")["privacy.distance"]
    assert isinstance(found, Evidence)
    assert found.value == 1
    few = Distance(queries=100).measure(Case(*map(Dataset.of, (TRAIN, TRAIN, HOLDOUT))), rng=mm.Seed(1).rng())
    assert (few.value, few.details["queries"], few.details["train_rows"]) == (1, 100, 3000)


def test_an_exact_copy_gives_every_secret_away() -> None:
    found = asked(TRAIN, "privacy.attributes", "privacy.membership", "privacy.copies")
    told = found["privacy.attributes"].reading.details["secrets"]["ill, by the nearest row"]
    assert told["success"] > 0.98
    assert found["privacy.attributes"].interval[0] > 0.15
    assert found["privacy.membership"].value > 0.9
    assert found["privacy.copies"].value > 0.99


@pytest.mark.parametrize("name", ["copies", "near_copies", "distance", "authenticity"])
def test_one_synthetic_row_proves_nothing_and_its_interval_says_so(name: str) -> None:
    """Where rows are counted, one of them leaves almost everything open; attacks count people, who are as many."""
    found = asked(FRESH.slice(0, 1), f"privacy.{name}")[0]
    assert isinstance(found, NoEvidence) or found.interval[1] - found.interval[0] > 0.5


def test_columns_that_differ_fail_the_schema_and_are_named_beside_every_score() -> None:
    found = asked(FRESH.rename_columns(["Age", *FRESH.schema.names[1:]]), "validity.schema", "fidelity.marginals")
    assert found["validity.schema"].value == 0
    assert all("age (is it Age?)" in " ".join(each.notes) for each in found)
    with pytest.raises(DataError, match="share no column"):
        asked(pa.table({"other": [1, 2]}), "fidelity.marginals")


def test_an_infinity_a_column_without_values_and_an_unseen_category_each_get_an_answer() -> None:
    place = FRESH.schema.names.index("wage")
    endless = FRESH.set_column(place, "wage", pa.array([np.inf, *FRESH["wage"].to_pylist()[1:]]))
    with pytest.raises(DataError, match="row 1: column wage holds an infinite value"):
        asked(endless, "fidelity.marginals")
    empty = FRESH.set_column(place, "wage", pa.nulls(len(FRESH), pa.float64()))
    strange = FRESH.set_column(1, "town", pa.array(["moon", *FRESH["town"].to_pylist()[1:]]))
    for synthetic, name, distance in ((empty, "wage", 1.0), (strange, "town", 0.05)):
        found = asked(synthetic, "validity.schema", "fidelity.marginals", "fidelity.pairs", "fidelity.detection")
        assert all(isinstance(each, Evidence) for each in found)
        assert name in found["validity.schema"].reading.details["faults"]
        apart = {each["column"]: each["distance"] for each in found["fidelity.marginals"].reading.details["columns"]}
        assert apart[name] == pytest.approx(distance, abs=0.05)


def test_every_score_has_an_interval_a_ceiling_and_a_floor_in_every_telling() -> None:
    found = mm.assay(TRAIN, FRESH, holdout=HOLDOUT, target="ill", sensitive=["town"], metrics="quick")
    scores = [each for each in found if isinstance(each, Evidence)]
    assert len(scores) >= 15
    for each in scores:
        assert each.interval[0] <= each.value <= each.interval[1], each.metric
        assert each.ceiling is not None, each.metric
        assert each.floor is not None, each.metric
        told = json.loads(json.dumps(each.to_json()))
        assert None not in (told["interval"], told["ceiling"], told["ceiling_interval"], told["floor"], told["n"])
