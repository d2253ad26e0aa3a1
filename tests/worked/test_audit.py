"""Plans before the rules: exact findings, their lines, what is accepted, and rules that fail themselves."""

from pathlib import Path

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import catalog, document
from mintmark.advice.audit import audit, rules
from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Severity
from mintmark.data.dataset import Dataset
from mintmark.errors import RecipeError
from mintmark.pipeline.plan import plan

PROPOSALS = Path(__file__).parents[2] / "examples" / "proposals"

EXPECTED = {
    "claims": [],
    "ward": ["MM301", "MM302"],
    "crossings": ["MM206", "MM206", "MM502", "MM501"],
    "tutor": ["MM606", "MM603", "MM608"],
    "echo": ["MM202", "MM205", "MM201"],
    "mirror": ["MM101", "MM103"],
    "census": ["MM303", "MM306"],
    "helpdesk": ["MM204", "MM610", "MM612"],
}


def read(text):
    source = document.parse(text, name="plan.yaml")
    return audit(Proposal.of(source), source)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_example_has_exactly_its_known_flaws(name):
    found = mm.audit(PROPOSALS / f"{name}.yaml")
    assert [finding.code for finding in found.findings] == EXPECTED[name]


def test_every_example_is_expected():
    assert {path.stem for path in PROPOSALS.glob("*.yaml")} == set(EXPECTED)


def test_a_finding_names_the_line_of_its_field_or_of_the_nearest_above_it():
    found = read(
        "proposal: p\npurpose: {use: augment}\nreal:\n  origin: real\n  holdout:\n    seen_by_generator: true\n"
    )
    seen = {finding.code: finding for finding in found.findings}
    assert seen["MM104"].where == "plan.yaml:6: real.holdout.seen_by_generator"
    nothing = read("proposal: p\nreal:\n  origin: real\n")
    assert nothing.findings[0].where == "plan.yaml:2: real.holdout"


def test_errors_come_before_warnings_and_notes():
    found = read("proposal: p\nevaluation: {tested_on: synthetic, seeds: 1}\nafter: {deployed: true}")
    assert [finding.severity for finding in found.findings] == [Severity.ERROR, Severity.WARNING, Severity.NOTE]


def test_what_is_accepted_with_a_reason_stays_in_sight_and_stops_nothing():
    plan = "proposal: p\nevaluation: {tested_on: synthetic}\naccept: {MM101: a dry run of the software only}\n"
    found = read(plan)
    assert found.findings[0].accepted == "a dry run of the software only"
    assert not found.errors


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        ("{MM999: there is no such rule}", "no rule of this code"),
        ("{MM101: no}", "at least 10"),
        ("{closed_loop: by its name}", "MM"),
    ],
)
def test_only_findings_of_known_rules_are_accepted_and_only_with_a_reason(accept, told):
    with pytest.raises(RecipeError, match=told):
        read(f"proposal: p\naccept: {accept}\n")


def test_a_rule_that_fails_is_reported_as_itself(monkeypatch):
    broken = catalog.load("advice", "rules.recursion")

    def fails(self, plan):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(broken, "check", fails)
    found = read("proposal: p\n")
    assert [finding.code for finding in found.errors] == ["MM202"]
    assert "the rule itself failed: ZeroDivisionError: by nothing" in found.errors[0].what


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("proposal: p\nreal: {rowz: 3}", "did you mean 'rows'"),
        ("proposal: p\nmethod: {kind: magic}", "'simulation'"),
        ("proposal: Not A Name", "a name is up to 64"),
        ("- proposal", "a proposal is a set of fields"),
        ("proposal: p\nfilters: [{keep: 0.1}]", "filters.0.by: this field is missing"),
        ("proposal: p\nprivacy: {epsilon: -1}", "greater than 0"),
    ],
)
def test_a_proposal_that_cannot_be_read_says_what_is_wrong_and_where(text, told):
    with pytest.raises(RecipeError, match=told) as error:
        read(text)
    assert "plan.yaml" in str(error.value)


def test_a_recipe_is_examined_by_the_same_rules():
    data = pa.table({"x": [float(n) for n in range(60)], "y": ["a", "b", "b"] * 20})
    recipe = {
        "name": "few",
        "purpose": {"gap": "privacy", "use": "share", "task": {"target": "y"}},
        "real": {"from": "memory", "sensitive": ["y"], "origin": "synthetic"},
        "steps": {"rows": {"make": "tabular.oversample"}},
        "assay": "quick",
        "release": {},
    }
    found = plan(mm.Recipe.model_validate(recipe), real=Dataset.of(data)).audit
    assert {"MM202", "MM301", "MM302", "MM310", "MM107"} <= {finding.code for finding in found.findings}


def test_a_log_in_sarif_holds_every_rule_and_every_finding_with_its_line():
    log = mm.sarif(read("proposal: p\nevaluation: {tested_on: synthetic}\naccept: {MM101: a dry run of the software}"))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert len(run["tool"]["driver"]["rules"]) == len(rules())
    (result,) = run["results"]
    assert result["ruleId"] == "MM101"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert result["suppressions"] == [{"kind": "inSource", "justification": "a dry run of the software"}]
