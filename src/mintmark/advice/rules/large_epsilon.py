"""The guarantee is too weak to say much."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

LARGEST = 10


class LargeEpsilon:
    """The guarantee is too weak to say much."""

    code = "MM305"
    severity = Severity.WARNING
    reason = (
        "At a large ε the bound on what one person's row can change is so loose that it rules out almost "
        "nothing: e to the tenth is 22,000."
    )
    sources = ("Dwork 2014", "Annamalai 2024")
    fix = "spend less, or do not lean on the guarantee and report attacks"
    trips = "privacy: {claim: private, epsilon: 20.0}"
    passes = "privacy: {claim: private, epsilon: 2.0}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.privacy.epsilon is not None and plan.privacy.epsilon > LARGEST:
            yield Found(("privacy", "epsilon"), f"ε = {plan.privacy.epsilon:g}")
