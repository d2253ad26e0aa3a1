"""`mintmark check`, runs that a plan's errors stop, and `diagnose` and `advise`, as a user meets them."""

import json
from pathlib import Path

import pytest

PROPOSALS = Path(__file__).parents[2] / "examples" / "proposals"

RECIPE = """
name: wine
purpose: {gap: volume, use: replace, task: {target: cultivar}}
real: {from: "sklearn:wine", holdout: null}
steps:
  rows: {make: tabular.independent, count: 20}
assay: [validity.schema]
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "wine.yaml"
    path.write_text(RECIPE)
    return path


def test_a_sound_proposal_leaves_with_0_and_an_unsound_one_with_2(mintmark):
    sound, unsound = mintmark("check", PROPOSALS / "claims.yaml"), mintmark("check", PROPOSALS / "mirror.yaml")
    assert (sound.code, unsound.code) == (0, 2)
    assert "sound: " in sound.out
    assert "mirror.yaml:6: evaluation.tested_on MM101" in unsound.out.replace("\n", " ")


def test_reasons_and_sources_are_told_when_asked_for(mintmark):
    told = " ".join(mintmark("check", PROPOSALS / "echo.yaml", "--explain").out.split())
    assert "Each generation loses some of the tails" in told
    assert "Shumailov 2024" in told


def test_several_plans_are_checked_at_once_as_a_hook_does(mintmark):
    found = mintmark("check", PROPOSALS / "claims.yaml", PROPOSALS / "ward.yaml", "--json")
    assert found.code == 2
    assert [plan["sound"] for plan in json.loads(found.out)] == [True, False]


def test_a_log_is_written_where_it_is_wanted(mintmark, tmp_path):
    mintmark("check", PROPOSALS / "ward.yaml", "--sarif", tmp_path / "log.sarif")
    log = json.loads((tmp_path / "log.sarif").read_text(encoding="utf-8"))
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == ["MM301", "MM302"]


def test_errors_of_the_plan_stop_a_run_before_anything_is_written(mintmark, recipe, tmp_path):
    stopped = mintmark("run", recipe, "--ledger", tmp_path / "ledger", "--to", tmp_path / "out")
    assert stopped.code == 2
    assert "MM102 no real rows are held back" in stopped.err
    assert "wine.yaml:4: real.holdout" in stopped.err
    assert not (tmp_path / "ledger").exists()


def test_what_the_recipe_accepts_lets_it_run(mintmark, recipe, tmp_path):
    recipe.write_text(RECIPE + "accept: {MM102: only the form of the rows is wanted here}\n")
    done = mintmark("run", recipe, "--ledger", tmp_path / "ledger", "--to", tmp_path / "out")
    assert done.code == 0, done.err


def test_a_recipe_answers_with_its_plan_and_its_findings(mintmark, recipe):
    found = mintmark("check", recipe, "--json")
    body = json.loads(found.out)
    assert found.code == 2
    assert body["steps"][0]["make"] == "tabular.independent"
    assert {"MM102", "MM201"} <= {finding["code"] for finding in body["audit"]["findings"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("proposal: p\nmethod: {kind: dice}\n", "plan.yaml:2: method.kind"),
        ("proposal: p\naccept: {MM999: no such rule exists}\n", "there is no rule of this code"),
        ("", "this file is empty"),
    ],
)
def test_what_is_no_plan_is_said_in_one_message(mintmark, tmp_path, text, told):
    (tmp_path / "plan.yaml").write_text(text)
    found = mintmark("check", tmp_path / "plan.yaml")
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err


def test_a_diagnosis_is_told_and_a_page_is_written(mintmark, tmp_path):
    told = mintmark("diagnose", "sklearn:breast_cancer", "--target", "diagnosis", "--report", tmp_path / "page.html")
    assert told.code == 0, told.err
    assert "Imbalance: absent" in told.out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Would synthetic data help?" in page
    assert "<script" not in page


def test_a_diagnosis_answers_in_json(mintmark):
    found = json.loads(
        mintmark("diagnose", "sklearn:wine", "--target", "cultivar", "--made-by", "measured", "--json").out
    )
    assert found["source"]["origin"] == "real"
    looked = {each["name"]: each for each in found["looked"]}
    assert looked["symptoms.imbalance"]["interval"][0] < looked["symptoms.imbalance"]["value"]
    assert "no second sample" in looked["symptoms.drift"]["reason"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.csv"], "nowhere.csv"),
        (["sklearn:wine", "--target", "cultivator"], "did you mean cultivar?"),
        (["sklearn:wine", "--made-by", "magic"], "choose from"),
        (["sklearn:wine", "--other", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_diagnosed_is_said_in_one_message(mintmark, arguments, told):
    found = mintmark("diagnose", *arguments)
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err


def test_advice_is_given_where_flags_say_enough(mintmark):
    found = mintmark("advise", "sklearn:wine", "--gap", "privacy", "--use", "share", "--people", "--guarantee")
    assert found.code == 0, found.err
    assert found.out.startswith("Take tabular.private, and measure it")
    assert "ruled out: tabular.trees: it gives no formal guarantee" in found.out


def test_without_a_terminal_what_was_not_said_is_named(mintmark):
    found = mintmark("advise", "--gap", "volume")
    assert found.code == 2
    assert "--use" in found.err


def test_in_a_terminal_what_was_not_said_is_asked(mintmark, monkeypatch):
    answers = iter(["imbalance", "fly", "augment", "table"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda question: next(answers))
    monkeypatch.setattr("typer.confirm", lambda question: False)
    found = mintmark("advise")
    assert found.code == 0, found.err
    assert "Try class weights and thresholds first" in found.out
