"""It is generated from what was generated."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class Recursion:
    """It is generated from what was generated."""

    code = "MM202"
    severity = Severity.ERROR
    reason = (
        "Each generation loses some of the tails and adds errors of its own; replacing data by its own "
        "offspring collapses."
    )
    sources = ("Shumailov 2024", "Alemohammad 2024")
    fix = "learn from data of the world; if none can be had, keep the original real rows in every generation"
    trips = "real: {origin: synthetic, depth: 1}"
    passes = "real: {origin: real, depth: 0}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.real is not None and (plan.real.origin == "synthetic" or (plan.real.depth or 0) >= 1):
            yield Found(("real", "origin"), "what is learnt from is itself generated")
        elif plan.real is not None and plan.real.origin == "mixed":
            yield Found(("real", "origin"), "a part of what is learnt from is generated", Severity.WARNING)
