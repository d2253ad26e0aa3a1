"""Puts a plan before every rule. A rule that fails is reported as itself: its silence would be taken for consent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mintmark import catalog
from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Finding, Found, Rule, Severity
from mintmark.document import Document, Place
from mintmark.errors import RecipeError


@dataclass(frozen=True)
class Audit:
    """What the rules say of a plan."""

    plan: Proposal
    findings: tuple[Finding, ...]
    """Errors first, in the order of their codes."""
    rules: int
    """How many were asked."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops it: errors that nobody has accepted."""
        return tuple(finding for finding in self.findings if finding.stops)

    def to_json(self) -> dict[str, Any]:
        """What `mintmark check --json` answers."""
        found = [finding.to_json() for finding in self.findings]
        return {"plan": self.plan.proposal, "rules": self.rules, "sound": not self.errors, "findings": found}


def rules() -> dict[str, type[Rule]]:
    """Every rule by its name, those of other packages too."""
    return {name: catalog.load("advice", name) for name in catalog.names("advice") if name.startswith("rules.")}


def audit(plan: Proposal, source: Document) -> Audit:
    """Asks every rule; `source` tells the lines of its fields.

    RecipeError where it accepts a finding of a rule that does not exist.
    """
    asked = rules()
    _check_accepted(plan, {rule.code for rule in asked.values()}, source)
    found = [finding for name, rule in asked.items() for finding in _asked(name, rule(), plan, source)]
    order = list(Severity)
    found.sort(key=lambda finding: (order.index(finding.severity), finding.code, finding.line))
    return Audit(plan, tuple(found), len(asked))


def _asked(name: str, rule: Rule, plan: Proposal, source: Document) -> Iterator[Finding]:
    try:
        found = list(rule.check(plan))
    except Exception as error:  # noqa: BLE001  # whatever a rule does wrong is said in its own name
        found = [Found((), f"the rule itself failed: {type(error).__name__}: {error}", Severity.ERROR)]
    for each in found:
        yield Finding(
            code=rule.code,
            rule=name,
            severity=each.severity or rule.severity,
            file=source.name,
            line=_line(source, each.place),
            field=".".join(map(str, each.place)),
            what=each.what,
            reason=rule.reason,
            sources=tuple(rule.sources),
            fix=rule.fix,
            accepted=plan.accept.get(rule.code),
        )


def _line(source: Document, place: Place) -> int:
    """The line of a field, or of the nearest one above it that is written down."""
    known = (source.lines[place[:depth]] for depth in range(len(place), -1, -1) if place[:depth] in source.lines)
    return next(known, 1)


def _check_accepted(plan: Proposal, codes: set[str], source: Document) -> None:
    for code in plan.accept:
        if code not in codes:
            raise RecipeError("there is no rule of this code", where=source.where(("accept", code)), found=code,
                              fix=f"choose from: {', '.join(sorted(codes))}")  # fmt: skip
