"""Every score has a plain sentence, with details or without."""

import inspect
from typing import Any

import pytest

from mintmark import catalog
from mintmark.errors import CannotMeasure
from mintmark.gate import Decision, Rule, Status, Verdict
from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.report import words
from mintmark.report.meanings import MEANINGS


def evidence(metric: str, value: float = 0.2, interval: tuple[float, float] = (0.1, 0.3), **details: Any) -> Evidence:
    ceiling = Reading(0.05, (0.0, 0.1), 100)
    return Evidence(
        metric, Claim(metric.split(".")[0]), "lower", Reading(value, interval, 100, details), ceiling, ceiling
    )


@pytest.mark.parametrize("metric", MEANINGS)
def test_a_score_without_details_has_a_sentence(metric: str) -> None:
    assert metric in catalog.names("metrics")
    sentence = words.meaning(evidence(metric))
    assert sentence.endswith(".")
    assert "None" not in sentence


@pytest.mark.parametrize("metric", catalog.names("metrics"))
def test_no_metric_on_the_shelf_falls_back_to_a_bare_score(metric: str) -> None:
    """Either the report has a sentence for it, or it brings its own among its details."""
    kind = catalog.load("metrics", metric)
    brings_its_own = '"words"' in inspect.getsource(inspect.getmodule(kind))
    assert brings_its_own or not words.meaning(evidence(metric)).startswith("The score is")


@pytest.mark.parametrize("metric", catalog.names("metrics"))
def test_every_metric_on_the_shelf_is_asked_in_words_and_named_where_a_rule_on_it_fails(metric: str) -> None:
    assert words.question(metric).endswith("?")
    failed = Verdict(Rule(metric, "<=", 0.1), False, 0.3, "0.3 at worst")
    assert metric not in words.banner(Decision(Status.REFUSED, (failed,))).why


def test_a_reason_of_several_lines_is_one_sentence() -> None:
    found = CannotMeasure("there is no group", found="no column", fix="name one")
    assert words.reason(str(found)) == "There is no group; found: no column; name one."


def test_a_metric_of_somebody_elses_has_a_sentence_all_the_same() -> None:
    assert words.meaning(evidence("coverage.ours")) == (
        "The score is 0.2; lower is better (unseen real data scores 0.05, columns shuffled independently 0.05)."
    )
    assert words.meaning(evidence("coverage.ours", words="All is well.")) == "All is well."


def test_scores_of_fidelity_say_what_is_off() -> None:
    pair = {"columns": ["age", "town"], "real": 0.1, "synthetic": 0.4}
    assert "Furthest off are “age” and “town”: 0.4 here, 0.1 in reality." in words.meaning(
        evidence("fidelity.associations", furthest=[pair])
    )
    columns = [{"column": "age", "p_holm": 0.001}, {"column": "town", "p_holm": 0.7}]
    assert words.meaning(evidence("fidelity.shift", columns=columns)) == (
        "Furthest from reality lies “age”: 20\u00a0% of its values would have to move at least (unseen real data "
        "scores 5\u00a0%, columns shuffled independently 5\u00a0%). More than chance makes: age."
    )
    assert "Chance may explain" in words.meaning(evidence("fidelity.shift", columns=columns[1:]))
    assert "errs in 45\u00a0% of cases" in words.meaning(evidence("fidelity.gap"))
    assert "in 30\u00a0% of cases" in words.meaning(evidence("fidelity.mmd", p_value=0.3))


def test_scores_of_coverage_say_who_is_missing() -> None:
    assert words.meaning(evidence("coverage.holes", slices=[{"slice": "age: above 60"}])) == (
        "Of every 1,000 real people, 200 stand in a crowd of real people without any synthetic row among them "
        "(unseen real data: 50). They gather where age: above 60."
    )
    leaving = [{"column": "debt", "below": 0.0, "above": 0.1}]
    assert "in “debt”" in words.meaning(evidence("coverage.boundary", leaving=leaving))
    assert "others" not in words.meaning(evidence("coverage.boundary", leaving=[{**leaving[0], "above": 0.0}]))


def test_scores_of_utility_say_what_it_costs_and_whom() -> None:
    assert "costs something from a share of 50\u00a0% on" in words.meaning(evidence("utility.curve", costs_from=0.5))
    assert "No share that was tried" in words.meaning(evidence("utility.curve", costs_from=None))
    families = [{"family": "linear", "ratio": 0.9}, {"family": "nearest neighbours", "ratio": 0.2}]
    assert "most, nearest neighbours," in words.meaning(evidence("utility.families", families=families))
    assert "(linear; really best is boosted trees)" in words.meaning(
        evidence("utility.ranking", chosen="linear", best="boosted trees")
    )
    assert "(“fraud”)" in words.meaning(evidence("utility.minority", **{"class": "fraud"}))
    easier = evidence("utility.reverse", value=0.8, interval=(0.7, 0.9), ratio=1.25)
    assert "125\u00a0%" in words.meaning(easier)
    assert "easier than reality" in words.meaning(easier)


def test_the_groups_between_which_a_gap_lies_are_named() -> None:
    widest = {
        "outcome": ">50K",
        "highest": {"group": "sex: Male", "value": 0.3},
        "lowest": {"group": "sex: Female", "value": 0.1},
    }
    assert words.meaning(evidence("fairness.parity", widest=widest)).startswith(
        "A model that learnt from these rows decides most differently about “sex: Male” (0.3) "
        "and “sex: Female” (0.1), by its rate of >50K"
    )


def test_a_trace_that_chance_explains_is_not_called_one() -> None:
    assert "no better than" in words.meaning(evidence("shortcuts.nuisance", interval=(-0.1, 0.3)))
    assert "better than in reality" in words.meaning(evidence("shortcuts.nuisance"))
    assert "no more than chance" in words.meaning(evidence("shortcuts.rounding", differ=[]))
    assert "more than chance makes in weight" in words.meaning(evidence("shortcuts.rounding", differ=["weight"]))
