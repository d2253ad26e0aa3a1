"""Privacy is claimed, and neither tested nor guaranteed."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class PrivacyUntested:
    """Privacy is claimed, and neither tested nor guaranteed."""

    code = "MM301"
    severity = Severity.ERROR
    reason = (
        "Synthetic is not private: generators without a formal guarantee leak some of the people that "
        "they learnt from, and which ones cannot be foretold."
    )
    sources = ("Stadler 2022", "Ganev 2025")
    fix = "attack it (membership, attributes, linkability, singling out), or make it under differential privacy"
    trips = "privacy: {claim: anonymous}"
    passes = "privacy: {claim: anonymous, tests: [membership, attributes]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.privacy.claim != "none" and plan.privacy.epsilon is None and not plan.privacy.attacked:
            told = f"{plan.privacy.claim} is claimed; no attack is made and no guarantee given"
            yield Found(("privacy", "claim"), told)
