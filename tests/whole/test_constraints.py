"""Constraints from the recipe to the released rows, as a person meets them."""

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mintmark as mm
from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import open_dataset
from mintmark.pipeline import plan as planning
from mintmark.pipeline import proposals
from mintmark.pipeline.run import run
from mintmark.recipe import Recipe
from mintmark.seeds import Seed

DATA = os.environ.get("MINTMARK_DATA")


def stays(rows=300):
    draw = Seed(3).child("stays").rng()
    admitted = np.datetime64("2024-01-01") + draw.integers(0, 300, rows)
    ward = draw.integers(0, 4, rows)
    nights, price = draw.poisson(4, rows), np.round(draw.lognormal(5, 0.3, rows), 2)
    return pa.table({
        "admitted": pa.array(admitted), "discharged": pa.array(admitted + nights),
        "ward": np.array(["A1", "A2", "B1", "B2"])[ward], "house": np.array(["A", "A", "B", "B"])[ward],
        "bed": draw.permutation(9000)[:rows], "price": price, "tax": np.round(price * 0.07, 2),
        "total": np.round(price + np.round(price * 0.07, 2), 2),
    })  # fmt: skip


LISTED = """
    - discharged >= admitted
    - total == price + tax
    - {together: [ward, house]}
    - unique: [bed]
"""


def write(
    folder: Path, listed: str = LISTED, *, more: str = "", steps: str = "{make: tabular.trees, count: 200}"
) -> Path:
    pq.write_table(stays(), folder / "stays.parquet")
    text = f"name: stays\nseed: 2\nreal:\n  from: stays.parquet\n{more}  constraints:{listed}steps:\n  rows: {steps}\n"
    (folder / "stays.yaml").write_text(text + "assay: [validity.constraints, validity.schema]\n")
    return folder / "stays.yaml"


def test_a_recipe_with_constraints_says_how_they_are_met_and_meets_them(mintmark, tmp_path):
    path = write(tmp_path)
    checked = mintmark("check", path, "--json")
    assert checked.code == 0, checked.err
    notes = "\n".join(json.loads(checked.out)["notes"])
    assert "discharged is learnt as its distance from admitted" in notes
    assert "total is computed as price + tax" in notes
    assert "ward, house are learnt as one column of 4 combinations" in notes
    assert "unique(bed): by drawing again" in notes
    done = mintmark("run", path, "--json")
    assert done.code == 0, done.err
    findings = {one["metric"]: one for one in json.loads(done.out)["findings"]}
    assert findings["validity.constraints"]["value"] == 1
    version = open_dataset(Ledger.open(tmp_path / ".mintmark"), "stays")
    met = version.entry.body["steps"]["rows"]["constraints"]
    assert any("by drawing again: " in line and "% of the rows met it at first" in line for line in met)


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("\n    - discharged >= admited\n", ["admited", "admitted"]),
        ("\n    - discharged < admitted\n", ["breaks", "300 of 300 rows", "number 1, 2"]),
        ("\n    - price < 250\n", ["price < 250 by", "tolerate"]),
        ("\n    - price > total\n    - total >= price\n", ["contradict", "price > total and total >= price"]),
        ("\n    - price > 9 and price < 3\n", ["can never be met"]),
        ("\n    - ward > 5\n", ["text", "a number"]),
        ("\n    - price + 1\n", ["true or false"]),
        ("\n    - {unik: [bed]}\n", ["stays.yaml:6", "no constraint", "unique"]),
        ("\n    - unique: [beds]\n", ["beds", "bed"]),
        ("\n    - {unique: [ward]}\n", ["unique(ward)", "breaks"]),
        ("\n    - {together: [bed, ward]}\n", ["no combination is shown by at least 5 rows"]),
        ("\n    - {together: [ward, house]}\n    - {together: [house, tax]}\n", ["one combination only", "house"]),
    ],
)  # fmt: skip
def test_constraints_that_cannot_be_are_refused_before_anything_is_made(mintmark, tmp_path, listed, words):
    done = mintmark("check", write(tmp_path, listed))
    assert done.code == 2, (done.out, done.err)
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err, done.err


def test_rows_that_break_a_constraint_can_be_left_out(mintmark, tmp_path):
    path = write(tmp_path, "\n    - price < 200\n", more="  tolerate: 0.3\n")
    checked = mintmark("check", path, "--json")
    assert checked.code == 0, checked.err
    body = json.loads(checked.out)
    few = int((stays()["price"].to_numpy() < 200).sum())
    assert body["train_rows"] + body["holdout_rows"] == few < 300
    assert any("left out: price < 200" in note for note in body["notes"])


def test_a_constraint_that_cannot_be_met_is_an_error_and_never_fewer_rows():
    with pytest.raises(mm.MintmarkError, match="unique") as caught:
        mm.generate(stays(), "tabular.independent", count=30_000, constraints=[{"unique": ["bed"]}])
    assert "fewer rows" in str(caught.value)


def test_from_python_as_in_a_recipe():
    real = mm.Dataset.of(stays())
    listed = ["discharged >= admitted", {"together": ["ward", "house"]}]
    made = mm.generate(real, count=150, seed=4, constraints=listed, where={"house": {"A": 0.5}})
    assert len(made) == 150
    assert made.table["house"].to_pylist().count("A") == 75
    assert satisfied(made.table, made.columns, "discharged >= admitted").all()
    assert satisfied(made.table, made.columns, "together(ward, house)", real=real.table).all()
    with pytest.raises(mm.MintmarkError, match="breaks"):
        mm.generate(real, constraints=["discharged < admitted"])


def test_what_is_no_constraint_at_all_is_refused_and_odd_names_stand_in_backticks():
    real = pa.table({"a b": np.arange(60) % 9, "x": np.arange(60.0) % 7})
    with pytest.raises(mm.MintmarkError, match="this is no constraint"):
        mm.generate(real, constraints=5)
    with pytest.raises(mm.MintmarkError, match=r"stands in `backticks`"):
        mm.generate(real, constraints=["'a b' >= 0"])
    assert len(mm.generate(real, count=20, constraints=["`a b` >= 0"])) == 20


def _run(folder: Path, workers: int, **step: object):
    folder.mkdir()
    body = {
        "name": "stays", "seed": 2,
        "real": {"from": "memory", "tolerate": 0.02, "constraints": [{"unique": ["bed"]}, {"unique": "price"}]},
        "steps": {"rows": {"make": "tabular.trees", "count": 900, **step}}, "assay": ["validity.constraints"],
    }  # fmt: skip
    return run(Recipe.model_validate(body), real=stays(), to=folder / "out", ledger=folder / "ledger", workers=workers)


@pytest.fixture
def _small_shards(monkeypatch):
    monkeypatch.setattr(planning, "SHARD_ROWS", 130)


@pytest.mark.usefixtures("_small_shards")
@pytest.mark.parametrize("step", [{}, {"where": {"house": {"A": 0.25}}}], ids=["free", "conditioned"])
def test_what_is_unique_is_so_across_shards(tmp_path, step):
    made = _run(tmp_path / "a", 1, **step)
    assert made.findings["validity.constraints"].value == 1
    assert _run(tmp_path / "b", 1, **step).digest == made.digest
    shards = open_dataset(Ledger.open(tmp_path / "a" / "ledger"), "stays").entry.body["shards"]["rows"]
    assert len(shards) == 7


@pytest.mark.slow
@pytest.mark.usefixtures("_small_shards")
def test_two_workers_make_the_same_unique_rows_as_one(tmp_path):
    assert _run(tmp_path / "a", 1).digest == _run(tmp_path / "b", 2).digest


def test_a_draft_proposes_what_holds_in_all_rows(mintmark, tmp_path):
    found = proposals.proposed(Dataset.of(stays()))
    assert {"admitted <= discharged", "total == price + tax", "together(ward, house)"} <= set(found)
    assert "discharged <= admitted" not in found
    pq.write_table(stays(), tmp_path / "stays.parquet")
    assert mintmark("init", "stays.parquet").code == 0
    text = (tmp_path / "stays.yaml").read_text()
    assert '  #   - "total == price + tax"' in text
    # Moved out of the comment, the proposals are sound.
    bare = text.replace("  # constraints:", "  constraints:").replace('  #   - "', '    - "')
    (tmp_path / "stays.yaml").write_text(bare)
    assert mintmark("check", "stays.yaml").code == 0


def test_columns_that_have_nothing_to_do_with_each_other_are_not_proposed():
    draw = Seed(8).child("noise").rng()
    table = pa.table({"a": draw.normal(size=300), "b": draw.normal(size=300), "c": draw.choice(list("xyz"), 300)})
    assert proposals.proposed(Dataset.of(table)) == []


@pytest.mark.skipif(not DATA, reason="needs MINTMARK_DATA")
def test_taxi_rides_end_after_they_begin_and_cost_no_less_than_their_parts(mintmark, tmp_path):
    text = f"""name: taxi
seed: 7
real:
  from: {DATA}/nyc_taxis/nyc_taxis.csv.gz
  constraints:
    - dropoff >= pickup
    - total >= fare + tip + tolls
    - together: [pickup_zone, pickup_borough]
    - together: [dropoff_zone, dropoff_borough]
steps:
  rows: {{make: tabular.trees, count: 3000}}
assay: [validity.constraints, validity.schema, fidelity.marginals]
"""
    (tmp_path / "taxi.yaml").write_text(text)
    done = mintmark("run", "taxi.yaml", "--json")
    assert done.code == 0, done.err
    findings = {one["metric"]: one for one in json.loads(done.out)["findings"]}
    assert findings["validity.constraints"]["value"] == 1
    assert findings["validity.schema"]["value"] > 0.99
