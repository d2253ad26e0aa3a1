"""What samplers prove stands among the findings, and the gate judges it."""

import pytest

from mintmark.errors import LedgerError
from mintmark.gate import Gate, Status
from mintmark.generators.guarantee import ROW, Guarantee
from mintmark.metrics.evidence import Evidence, NoEvidence
from mintmark.pipeline.proving import METRIC, proved
from mintmark.report import words

ONE = Guarantee(1.0, 1e-9, ROW, (("age", 0.5), ("sex", 0.5)))


def test_one_proof_is_evidence_without_an_interval() -> None:
    (found,) = proved({"rows": ONE}, asked=False)
    assert isinstance(found, Evidence)
    assert (found.metric, found.basis, found.value, found.interval) == (METRIC, "proved", 1.0, (1.0, 1.0))
    assert found.reading.details["delta"] == 1e-9
    assert found.reading.details["neighbours"] == "one row more or one row less"
    assert "A person with several rows loses more" in words.meaning(found)


def test_losses_of_steps_that_learn_from_the_same_rows_add_up() -> None:
    (found,) = proved({"rows": ONE, "more": Guarantee(0.5, 1e-8, ROW)}, asked=False)
    assert isinstance(found, Evidence)
    assert found.value == 1.5
    assert found.reading.details["delta"] == pytest.approx(1.1e-8)


def test_one_step_without_proof_takes_it_from_all() -> None:
    (found,) = proved({"rows": ONE, "others": None}, asked=False)
    assert isinstance(found, NoEvidence)
    assert "others" in found.reason


def test_guarantees_of_different_kinds_do_not_add_up() -> None:
    (found,) = proved({"rows": ONE, "people": Guarantee(1.0, 0.0, "one person put in another's place")}, asked=False)
    assert isinstance(found, NoEvidence)


def test_where_nothing_is_proved_nothing_is_said_unless_somebody_asks() -> None:
    assert proved({"rows": None}, asked=False) == []
    (found,) = proved({"rows": None}, asked=True)
    assert isinstance(found, NoEvidence)


@pytest.mark.parametrize(("rule", "status"), [("<= 1", Status.PASSED), ("<= 0.99", Status.REFUSED)])
def test_a_rule_judges_what_is_proved(rule: str, status: Status) -> None:
    assert Gate.of(f"{METRIC} {rule}").decide(proved({"rows": ONE}, asked=True), validated=True).status == status


def test_a_rule_fails_where_nothing_is_proved() -> None:
    decision = Gate.of(f"{METRIC} <= 100").decide(proved({"rows": None}, asked=True), validated=True)
    assert decision.status == Status.REFUSED


def test_a_guarantee_survives_its_file() -> None:
    assert Guarantee.from_json(ONE.to_json()) == ONE


@pytest.mark.parametrize("change", [{"epsilon": -1}, {"epsilon": float("inf")}, {"delta": 1}, {"neighbours": ""}])
def test_what_is_no_guarantee_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(LedgerError):
        Guarantee.from_json({**ONE.to_json(), **change})
