"""Same recipe, seed and versions: same rows, for any number of workers."""

from pathlib import Path

import pyarrow.csv as arrow_csv
import pytest

from mintmark.pipeline import plan as planning
from mintmark.pipeline.run import run
from mintmark.recipe import Recipe

BODY = {
    "name": "t",
    "seed": 11,
    "real": {"from": "sklearn:wine", "holdout": 0.3},
    "steps": {"rows": {"make": "tabular.trees", "count": 500}},
    "assay": ["validity.schema"],
}


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(planning, "SHARD_ROWS", 130)


def made(folder: Path, body: dict = BODY, workers: int = 1):
    return run(Recipe.model_validate(body), to=folder / "released", ledger=folder / "ledger", workers=workers)


def test_a_second_run_elsewhere_makes_the_same_rows(tmp_path):
    assert made(tmp_path / "a").digest == made(tmp_path / "b").digest


@pytest.mark.slow
def test_two_workers_make_the_same_rows_as_one(tmp_path):
    assert made(tmp_path / "a").digest == made(tmp_path / "b", workers=2).digest


@pytest.mark.slow
def test_people_who_are_made_up_are_the_same_for_any_number_of_workers(tmp_path, tables):
    arrow_csv.write_csv(tables.customers(300, each=3), tmp_path / "people.csv")
    steps = {"rows": {"make": "tabular.independent", "count": 300}}
    body = {**BODY, "real": {"from": str(tmp_path / "people.csv")}, "steps": steps}
    assert made(tmp_path / "a", body).digest == made(tmp_path / "b", body, workers=2).digest


def test_another_seed_makes_other_rows(tmp_path):
    assert made(tmp_path / "a").digest != made(tmp_path / "b", {**BODY, "seed": 12}).digest


def test_adding_a_step_a_metric_or_a_rule_changes_no_other_row(tmp_path):
    one = made(tmp_path / "a")
    steps = {"before": {"make": "tabular.independent", "count": 7}, **BODY["steps"]}
    more = made(tmp_path / "b", {**BODY, "steps": steps, "assay": ["validity.schema", "fidelity.marginals"]})
    from mintmark.ledger.ledger import Ledger
    from mintmark.ledger.versions import open_dataset

    rows = [open_dataset(Ledger.open(tmp_path / x / "ledger"), "t") for x in "ab"]
    tables = [next(iter(version.entry.body["shards"].values())) for version in rows]
    assert [ref["content"] for ref in tables[1][1:]] == [ref["content"] for ref in tables[0]]
    assert one.digest != more.digest


def test_the_recipe_digest_covers_every_field(tmp_path):
    base = Recipe.model_validate(BODY)
    assert base.digest == Recipe.model_validate(dict(reversed(BODY.items()))).digest
    assert base.digest != base.model_copy(update={"seed": 12}).digest
