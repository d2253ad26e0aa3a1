"""The class that is to be multiplied is hardly there."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

FEWEST = 30


class TooRareToLearn:
    """The class that is to be multiplied is hardly there."""

    code = "MM208"
    severity = Severity.WARNING
    reason = "A generator learns a class from its examples: from a few it learns those few, and repeats them."
    sources = ("Chawla 2002", "van Breugel 2023")
    fix = "collect more of them, simulate them, or re-weight; thirty are few"
    trips = "purpose: {gap: imbalance}\nreal: {origin: real, rarest: 8}\nmethod: {kind: trees}"
    passes = "purpose: {gap: imbalance}\nreal: {origin: real, rarest: 300}\nmethod: {kind: trees}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        learnt = plan.method.kind not in ("rules", "simulation")
        rarest = plan.real.rarest if plan.real else None
        if learnt and plan.purpose.gap in ("imbalance", "rarity") and rarest is not None and rarest < FEWEST:
            yield Found(("real", "rarest"), f"there are {rarest} examples to learn it from")
