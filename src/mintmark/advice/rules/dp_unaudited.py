"""A guarantee is taken on trust."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class DpUnaudited:
    """A guarantee is taken on trust."""

    code = "MM307"
    severity = Severity.WARNING
    reason = "Implementations break what proofs promise: audits found violations in several public generators."
    sources = ("Annamalai 2024",)
    fix = "audit it: privacy.tests: [audit]"
    trips = "privacy: {claim: private, epsilon: 1.0, tests: [membership]}"
    passes = "privacy: {claim: private, epsilon: 1.0, tests: [membership, audit]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.privacy.epsilon is not None and "audit" not in plan.privacy.tests:
            yield Found(("privacy", "tests"), "the guarantee is not audited")
