"""Where the training data came from is not known."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class UnknownOrigin:
    """Where the training data came from is not known."""

    code = "MM203"
    severity = Severity.WARNING
    reason = "Data of unknown origin may itself be generated; what was not recorded cannot be ruled out later."
    sources = ("Shumailov 2024", "Longpre 2024")
    fix = "find out and say where it came from: real.origin"
    trips = "real: {rows: 1000}"
    passes = "real: {rows: 1000, origin: real}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.real is not None and plan.real.origin == "unknown":
            yield Found(("real", "origin"), "nobody says where it came from")
