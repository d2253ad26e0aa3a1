"""May this data leave? A pure judgement of findings by rules, which fails closed.

It judges the worst end of each interval. What was never measured fails. No rules means not released. No real holdout
means "unvalidated", whatever else was measured.
"""

import math
import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mintmark.errors import RecipeError
from mintmark.metrics.evidence import Finding, NoEvidence

_COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_RULE = re.compile(r"\s*([a-z_]+\.[a-z0-9_]+)\s*(<=|>=|<|>)\s*([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+)\s*")


@dataclass(frozen=True)
class Rule:
    """`privacy.membership <= 0.02`: a metric, a comparison and a bound."""

    metric: str
    compare: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Reads a rule; RecipeError where it is none."""
        match = _RULE.fullmatch(text)
        if not match:
            raise RecipeError("this is not a rule", found=text, fix="write one as: privacy.membership <= 0.02")
        bound = float(match[3])
        if not math.isfinite(bound):
            raise RecipeError("a bound is a finite number", found=text)
        return cls(match[1], match[2], bound)

    def __str__(self) -> str:
        return f"{self.metric} {self.compare} {self.bound:g}"

    def judge(self, finding: Finding | None) -> "Verdict":
        """Judges one finding by the end of its interval that speaks against the rule."""
        if finding is None:
            return Verdict(self, False, None, "it was not asked")
        if isinstance(finding, NoEvidence):
            return Verdict(self, False, None, f"it could not be measured: {finding.reason}")
        low, high = finding.interval
        worst = high if self.compare.startswith("<") else low
        if not math.isfinite(worst):
            return Verdict(self, False, worst, "its interval has no end")
        passed = _COMPARE[self.compare](worst, self.bound)
        inside = _COMPARE[self.compare](finding.value, self.bound)
        why = f"{finding.value:.4g}, and at worst {worst:.4g}"
        if inside and not passed:
            why += ": the value meets the bound, its interval does not"
        return Verdict(self, passed, worst, why)


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a finding."""

    rule: Rule
    passed: bool
    worst: float | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        worst = self.worst if self.worst is not None and math.isfinite(self.worst) else None
        return {"rule": str(self.rule), "passed": self.passed, "worst": worst, "why": self.why}


class Status(StrEnum):
    """How a decision ended."""

    PASSED = "passed"
    REFUSED = "refused"
    UNVALIDATED = "unvalidated"
    NO_RULES = "no rules"


@dataclass(frozen=True)
class Decision:
    """The gate's answer, with a verdict for each rule."""

    status: Status
    verdicts: tuple[Verdict, ...]

    @property
    def released(self) -> bool:
        """May the data leave?"""
        return self.status == Status.PASSED

    @property
    def words(self) -> str:
        """The decision in one plain sentence."""
        failed = [verdict for verdict in self.verdicts if not verdict.passed]
        if self.status == Status.PASSED:
            return f"Passed: all {len(self.verdicts)} rules hold, judged at the worst end of each interval."
        if self.status == Status.UNVALIDATED:
            return (
                "Unvalidated: there is no real data that the generator did not see, so nothing here can be vouched for."
            )
        if self.status == Status.NO_RULES:
            return "Not released: the recipe has no rules, and what is not judged does not leave."
        reasons = "; ".join(f"{verdict.rule} ({verdict.why})" for verdict in failed)
        return f"Refused: {len(failed)} of {len(self.verdicts)} rules do not hold: {reasons}."

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        verdicts = [verdict.to_json() for verdict in self.verdicts]
        return {"status": str(self.status), "released": self.released, "words": self.words, "verdicts": verdicts}


@dataclass(frozen=True)
class Gate:
    """Rules, all of which must hold."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, *rules: str | Rule) -> "Gate":
        """A gate from rules as text."""
        return cls(tuple(rule if isinstance(rule, Rule) else Rule.parse(rule) for rule in rules))

    def decide(self, findings: Iterable[Finding], *, validated: bool) -> Decision:
        """Judges findings; `validated` says whether there was real data that no generator saw."""
        found = tuple(findings)
        verdicts = tuple(_verdict(rule, found) for rule in self.rules)
        if not verdicts:
            return Decision(Status.NO_RULES, ())
        if not validated:
            return Decision(Status.UNVALIDATED, verdicts)
        passed = all(verdict.passed for verdict in verdicts)
        return Decision(Status.PASSED if passed else Status.REFUSED, verdicts)


def _verdict(rule: Rule, found: tuple[Finding, ...]) -> Verdict:
    """Where a question was answered twice, the answer that fails counts."""
    verdicts = [rule.judge(finding) for finding in found if finding.metric == rule.metric]
    return min(verdicts or [rule.judge(None)], key=lambda verdict: verdict.passed)
