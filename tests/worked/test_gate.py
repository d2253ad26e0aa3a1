"""The gate judges the worst end and fails closed."""

import math

import pytest

from mintmark.errors import RecipeError
from mintmark.gate import Gate, Rule, Status
from mintmark.metrics.evidence import Claim, Evidence, Interval, NoEvidence, Reading


def evidence(value: float, interval: Interval, metric: str = "privacy.membership") -> Evidence:
    return Evidence(metric, Claim.PRIVACY, "lower", Reading(value, interval, 100))


GOOD = evidence(0.01, (0.005, 0.015))


def test_a_rule_reads_back_as_it_was_written() -> None:
    for text in ("privacy.membership <= 0.02", "utility.transfer >= 0.95", "a.b < -1e-06", "a.b_2 > 0.5"):
        assert str(Rule.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "privacy.membership", "privacy.membership = 0.02", "membership <= 0.02", "a.b <= nan", "a.b <= inf",
             "a.b <= 1 or 1", "a.b <= 0.02; x", "a.b <= 1,5"]
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(RecipeError, match="write one as"):
        Rule.parse(text)


def test_a_value_within_the_bound_whose_interval_is_not_fails_and_says_why() -> None:
    decision = Gate.of("privacy.membership <= 0.02").decide([evidence(0.01, (0.0, 0.03))], validated=True)
    assert decision.status == Status.REFUSED
    assert "its interval does not" in decision.words


def test_the_lower_end_is_the_worst_where_more_is_demanded() -> None:
    finding = evidence(0.97, (0.94, 0.99), "utility.transfer")
    assert not Gate.of("utility.transfer >= 0.95").decide([finding], validated=True).released
    assert Gate.of("utility.transfer >= 0.93").decide([finding], validated=True).released


def test_the_bound_itself_is_within_or_not_as_the_sign_says() -> None:
    finding = evidence(0.01, (0.005, 0.02))
    assert Gate.of("privacy.membership <= 0.02").decide([finding], validated=True).released
    assert not Gate.of("privacy.membership < 0.02").decide([finding], validated=True).released


def test_all_rules_must_hold() -> None:
    decision = Gate.of("privacy.membership <= 0.02", "privacy.membership >= 0.5").decide([GOOD], validated=True)
    assert [verdict.passed for verdict in decision.verdicts] == [True, False]
    assert not decision.released


def test_what_was_never_asked_fails() -> None:
    decision = Gate.of("privacy.copies <= 1").decide([GOOD], validated=True)
    assert decision.status == Status.REFUSED
    assert "not asked" in decision.words


def test_what_could_not_be_measured_fails_with_its_reason() -> None:
    finding = NoEvidence("privacy.membership", Claim.PRIVACY, "too few rows")
    decision = Gate.of("privacy.membership <= 1").decide([finding], validated=True)
    assert not decision.released
    assert "too few rows" in decision.words


def test_an_interval_without_an_end_fails() -> None:
    finding = evidence(0.01, (0.0, math.inf))
    decision = Gate.of("privacy.membership <= 1e300").decide([finding], validated=True)
    assert not decision.released
    assert decision.verdicts[0].to_json()["worst"] is None


def test_no_rules_means_not_released() -> None:
    assert Gate(()).decide([GOOD], validated=True).status == Status.NO_RULES


def test_without_unseen_real_data_nothing_is_vouched_for() -> None:
    decision = Gate.of("privacy.membership <= 0.02").decide([GOOD], validated=False)
    assert decision.status == Status.UNVALIDATED
    assert not decision.released


def test_of_two_answers_to_one_question_the_one_that_fails_counts() -> None:
    bad = evidence(0.5, (0.4, 0.6))
    for findings in ([GOOD, bad], [bad, GOOD]):
        assert not Gate.of("privacy.membership <= 0.02").decide(findings, validated=True).released


def test_no_number_at_all_cannot_pass() -> None:
    with pytest.raises(ValueError, match="outside its interval"):
        evidence(math.nan, (0.0, 1.0))
    with pytest.raises(ValueError, match="outside its interval"):
        evidence(0.5, (math.nan, 1.0))
