"""The holdout is too small for its gate."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

FEWEST = 1000
"""Strangers that a hit rate at 1 % false alarms takes, at least."""


class SmallForGate:
    """The holdout is too small for its gate."""

    code = "MM106"
    severity = Severity.WARNING
    reason = (
        "A rate of 1 % cannot be bounded by fewer than about a thousand people who were not learnt from; "
        "low false-positive rates need more."
    )
    sources = ("Carlini 2022",)
    fix = "hold more rows back, or bound a rate that so many rows can show"
    trips = "real: {origin: real, holdout: {rows: 200}}\nevaluation: {gate: ['privacy.membership <= 0.03']}"
    passes = "real: {origin: real, holdout: {rows: 2000}}\nevaluation: {gate: ['privacy.membership <= 0.03']}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        holdout = plan.real.holdout if plan.real else None
        judged = any(rule.startswith("privacy.membership") for rule in plan.evaluation.gate)
        if judged and holdout is not None and holdout.rows is not None and holdout.rows < FEWEST:
            yield Found(
                ("evaluation", "gate"), f"hits at 1 % false alarms are bounded, and {holdout.rows:,} rows judge"
            )
