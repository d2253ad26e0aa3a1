"""Scores that were measured on the real rows are published beside a guarantee."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class ScoresSpendPrivacy:
    """Scores that were measured on the real rows are published beside a guarantee."""

    code = "MM308"
    severity = Severity.NOTE
    reason = "What is computed on private rows and published spends privacy too, and no part of ε covers it."
    sources = ("Ganev 2025",)
    fix = "publish the data without the report, or say that ε covers the data alone"
    trips = "privacy: {claim: private, epsilon: 1.0}\nrelease: {card: true}\nevaluation: {asks: [fidelity]}"
    passes = "privacy: {claim: private, epsilon: 1.0}\nevaluation: {asks: [fidelity]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.privacy.epsilon is not None and plan.release is not None and plan.evaluation.asks:
            yield Found(("release",), "the report shows scores that ε does not cover")
