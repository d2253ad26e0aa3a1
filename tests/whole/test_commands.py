"""Every command, used as a person would use it, on real data."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
import yaml

import mintmark as mm

RECIPE = """\
name: wine
seed: 3
purpose: {gap: volume, use: study, task: {target: cultivar}}
real: {from: "sklearn:wine", holdout: 0.4}
steps:
  rows: {make: tabular.trees, count: 150}
assay: [validity.schema, fidelity.marginals, coverage.cells, privacy.copies]
gate: ["validity.schema >= 0.9", "fidelity.marginals <= 0.6"]
release: {formats: [parquet, csv, jsonl]}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "wine.yaml"
    path.write_text(RECIPE)
    return path


def test_a_run_releases_a_folder_that_verifies(mintmark, recipe, tmp_path):
    done = mintmark("run", recipe, "--json")
    answer = json.loads(done.out)
    assert done.code == 0, done.err
    assert answer["decision"]["status"] == "passed"
    folder = tmp_path / "released" / "wine"
    wanted = {"report.html", "card.md", "croissant.json", "evidence.json", "lineage.json"}
    assert wanted <= {path.name for path in folder.iterdir()}
    assert pq.read_table(next(folder.rglob("*.parquet"))).num_rows == 150
    verified = mintmark("verify", folder, "--json")
    assert verified.code == 0, verified.out
    assert json.loads(verified.out)["ok"] is True


def test_findings_carry_value_interval_n_floor_and_ceiling(mintmark, recipe):
    answer = json.loads(mintmark("run", recipe, "--json").out)
    found = {finding["metric"]: finding for finding in answer["findings"]}
    assert set(found) == {"validity.schema", "fidelity.marginals", "coverage.cells", "privacy.copies"}
    marginals = found["fidelity.marginals"]
    assert marginals["interval"][0] <= marginals["value"] <= marginals["interval"][1]
    assert marginals["n"] > 0
    assert marginals["ceiling"] is not None
    assert marginals["floor"] is not None


def test_a_refused_run_leaves_a_report_no_data_and_exit_code_1(mintmark, recipe, tmp_path):
    recipe.write_text(RECIPE.replace("fidelity.marginals <= 0.6", "fidelity.marginals <= 0.0001"))
    done = mintmark("run", recipe)
    assert done.code == 1
    assert "Refused" in done.out
    assert not (tmp_path / "released" / "wine").exists()
    left = tmp_path / "released" / "wine.refused"
    assert (left / "report.html").is_file()
    assert list(left.rglob("*.parquet")) == list(left.rglob("*.csv")) == []


def test_without_a_holdout_data_is_unvalidated_and_stays(mintmark, recipe):
    recipe.write_text(RECIPE.replace("holdout: 0.4", "holdout: null"))
    done = mintmark("run", recipe, "--json")
    assert done.code == 1
    assert json.loads(done.out)["decision"]["status"] == "unvalidated"


def test_without_rules_nothing_leaves(mintmark, recipe):
    text = "\n".join(line for line in RECIPE.splitlines() if not line.startswith("gate"))
    recipe.write_text(text)
    done = mintmark("run", recipe, "--json")
    assert (done.code, json.loads(done.out)["decision"]["status"]) == (1, "no rules")


def test_without_rules_or_release_a_run_is_done_well(mintmark, recipe):
    kept = [line for line in RECIPE.splitlines() if not line.startswith(("gate", "release"))]
    recipe.write_text("\n".join(kept))
    assert mintmark("run", recipe).code == 0


def test_a_dry_run_makes_nothing(mintmark, recipe, tmp_path):
    done = mintmark("run", recipe, "--dry-run", "--json")
    plan = json.loads(done.out)
    assert done.code == 0
    assert plan["train_rows"] + plan["holdout_rows"] == 178
    assert plan["steps"] == [{"name": "rows", "make": "tabular.trees", "count": 150, "shards": 1}]
    assert {path.name for path in tmp_path.iterdir()} == {"wine.yaml"}


def test_check_says_that_a_recipe_is_sound_and_what_to_mind(mintmark, recipe):
    done = mintmark("check", recipe)
    assert (done.code, "sound" in done.out) == (0, True)
    assert "intervals will be wide" in done.err


def test_init_writes_a_recipe_that_checks_and_runs(mintmark, tmp_path):
    table = tmp_path / "people.csv"
    rows = [f"{20 + i % 50},{'f' if i % 3 else 'm'},{i * 7 % 100 / 10},{'yes' if i % 4 else 'no'}" for i in range(600)]
    table.write_text("age,sex,score,paid\n" + "\n".join(rows) + "\n")
    done = mintmark("init", "people.csv", "--target", "paid")
    text = (tmp_path / "people.yaml").read_text()
    assert done.code == 0, done.err
    assert text.startswith("# yaml-language-server: $schema=mintmark.schema.json")
    assert "sensitive: [sex]" in text
    assert mintmark("check", "people.yaml").code == 0
    again = mintmark("init", "people.csv")
    assert again.code == 2
    assert "--force" in again.err
    schema = json.loads((tmp_path / "mintmark.schema.json").read_text())
    jsonschema.validate(yaml.safe_load(text), schema)


def test_init_writes_paths_as_they_are_seen_from_the_recipe(mintmark, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "recipes").mkdir()
    (tmp_path / "data" / "a.csv").write_text("n,c\n" + "\n".join(f"{i % 9},{'xy'[i % 2]}" for i in range(60)) + "\n")
    assert mintmark("init", "data/a.csv", "--to", "recipes/a.yaml").code == 0
    assert mintmark("check", "recipes/a.yaml").code == 0


def test_the_published_schema_accepts_the_readmes_recipe_and_refuses_a_misspelt_one(mintmark):
    schema = json.loads(mintmark("schema").out)
    good = yaml.safe_load(RECIPE)
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "relase": {}}, schema)


def test_browse_lists_generators_and_metrics_with_their_captions(mintmark):
    shelves = json.loads(mintmark("browse", "--json").out)
    generators = {item["name"]: item["caption"] for item in shelves["generators"]}
    assert {"tabular.independent", "tabular.copula", "tabular.rules", "tabular.trees"} <= set(generators)
    metrics = {item["name"] for item in shelves["metrics"]}
    assert {"validity.schema", "validity.constraints", "fidelity.marginals", "fidelity.pairs", "fidelity.detection",
            "utility.transfer", "coverage.cells", "privacy.copies", "privacy.membership",
            "fairness.representation"} <= metrics  # fmt: skip
    assert all(generators.values())
    assert "tabular.copula" in mintmark("browse", "copula").out


def test_show_and_lineage_tell_what_the_record_holds(mintmark, recipe):
    mintmark("run", recipe)
    listed = json.loads(mintmark("show", "--json").out)
    assert [(one["name"], one["decision"]["status"]) for one in listed] == [("wine", "passed")]
    assert "wine" in mintmark("show").out
    assert "fidelity.marginals" in mintmark("show", "wine").out
    acts = [entry["act"] for entry in json.loads(mintmark("lineage", "wine", "--json").out)["entries"]]
    assert {"plan", "holdout", "dataset"} <= set(acts)
    assert "dataset" in mintmark("lineage", "wine").out


def test_gc_frees_what_nothing_refers_to_and_keeps_the_rest(mintmark, recipe, tmp_path):
    mintmark("run", recipe)
    stray = tmp_path / ".mintmark" / "drafts" / "left-over"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x" * 100)
    would = json.loads(mintmark("gc", "--grace-days", "0", "--dry-run", "--json").out)
    assert would["bytes"] >= 100
    assert stray.exists()
    mintmark("gc", "--grace-days", "0")
    assert not stray.exists()
    assert mintmark("verify", ".mintmark").code == 0
    assert mintmark("show", "wine").code == 0


def test_assay_judges_files_from_anywhere_and_writes_a_report(mintmark, tmp_path):
    head = "a,b,c\n"
    for name, shift in (("real", 0), ("holdout", 1), ("made", 2)):
        rows = (f"{(i * 37 + shift) % 91},{'xyz'[(i + shift) % 3]},{(i * 13 + shift) % 17 / 4}" for i in range(400))
        (tmp_path / f"{name}.csv").write_text(head + "\n".join(rows) + "\n")
    done = mintmark("assay", "real.csv", "made.csv", "--holdout", "holdout.csv", "--target", "b",
                    "--rule", "fidelity.marginals <= 0.5", "--report", "out.html", "--json")  # fmt: skip
    answer = json.loads(done.out)
    assert done.code == 0, done.err
    assert answer["decision"]["status"] == "passed"
    assert "<html" in (tmp_path / "out.html").read_text()


def test_version_and_help_answer(mintmark):
    assert mintmark("--version").out.startswith("mintmark 0.")
    helped = mintmark("run", "--help")
    assert helped.code == 0
    assert "--workers" in helped.out


@pytest.mark.slow
def test_the_demo_ends_with_a_verdict_and_a_report(mintmark, tmp_path):
    done = mintmark("demo", "--to", "here")
    assert done.code == 0, done.out + done.err
    assert "Passed" in done.out
    assert (tmp_path / "here" / "released" / "tumours" / "report.html").is_file()


@pytest.mark.parametrize("arguments", [["browse"], ["browse", "--json"], ["schema"]])
def test_a_reader_that_leaves_is_neither_a_release_nor_a_refusal(arguments):
    end, pipe = os.pipe()
    os.close(end)
    command = [sys.executable, "-c", "from mintmark.cli import main; main()", *arguments]
    done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_range_of_dates_is_written_as_dates():
    days = [date(2020, 1, 1) + timedelta(days=i % 90) for i in range(300)]
    real = mm.Dataset.of({"when": days, "n": [i % 7 for i in range(300)]})
    made = mm.generate(real, count=50, seed=1, where={"when": {"min": "2020-02-01", "max": date(2020, 2, 9)}})
    found = made.table["when"].to_pylist()
    assert date(2020, 2, 1) <= min(found) <= max(found) <= date(2020, 2, 9)
    with pytest.raises(mm.MintmarkError, match="it goes from 2020-01-01 to 2020-03-30"):
        mm.generate(real, count=50, where={"when": "2031-01-01"})


@pytest.mark.parametrize("count", [-1, 2.5, "10"])
def test_a_count_that_is_none_is_refused_in_python_too(count):
    with pytest.raises(mm.MintmarkError, match="whole number"):
        mm.generate("sklearn:wine", count=count)
