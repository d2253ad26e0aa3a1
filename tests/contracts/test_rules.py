"""Every rule of advice keeps the same contract, those of other packages too."""

import inspect
import re

import pytest

from mintmark import catalog, document
from mintmark.advice.audit import audit, rules
from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Severity
from mintmark.advice.sources import SOURCES

RULES = sorted(rules())


def codes(text):
    source = document.parse(f"proposal: example\n{text}")
    return [finding.code for finding in audit(Proposal.of(source), source).findings]


@pytest.fixture(params=RULES)
def rule(request):
    return catalog.load("advice", request.param)


def test_there_are_thirty_rules_and_more_and_no_code_stands_twice():
    known = [catalog.load("advice", name).code for name in RULES]
    assert len(set(known)) == len(known) >= 30


def test_a_rule_finds_what_its_example_shows_and_nothing_once_that_is_mended(rule):
    assert rule.code in codes(rule.trips)
    assert rule.code not in codes(rule.passes)


def test_a_rule_is_silent_on_a_proposal_that_says_nothing(rule):
    assert rule.code not in codes("purpose: {gap: none}")


def test_a_rule_says_why_who_has_shown_it_and_how_to_mend_it(rule):
    assert re.fullmatch(r"MM[1-7]\d\d", rule.code)
    assert isinstance(rule.severity, Severity)
    assert len(rule.reason) > 40
    assert rule.reason.endswith(".")
    assert rule.fix
    assert rule.sources
    assert set(rule.sources) <= set(SOURCES)


def test_every_source_is_cited():
    cited = {source for name in RULES for source in catalog.load("advice", name).sources}
    ways = [catalog.load("advice", name) for name in catalog.names("advice") if name.startswith("methods.")]
    code = "".join(inspect.getsource(way) for way in ways)
    assert cited | {source for source in SOURCES if f'"{source}"' in code} == set(SOURCES)
