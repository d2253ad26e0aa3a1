"""The real rows are thrown away."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class RealDiscarded:
    """The real rows are thrown away."""

    code = "MM205"
    severity = Severity.ERROR
    reason = (
        "Whoever keeps only synthetic rows can neither check nor make them again, and has begun the loop "
        "that collapses."
    )
    sources = ("Gerstgrasser 2024", "Shumailov 2024")
    fix = "keep the real rows, locked away if they must be"
    trips = "purpose: {use: replace}\nreal: {origin: real, kept: false}"
    passes = "purpose: {use: replace}\nreal: {origin: real, kept: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.real is not None and not plan.real.kept and plan.purpose.use != "share":
            yield Found(("real", "kept"), "the real rows are not kept")
