"""Every score of coverage, fairness and shortcuts has a plain sentence, with details or without."""

from typing import Any

import pytest

from mintmark import catalog
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
