"""There are no real rows to judge by."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoHoldout:
    """There are no real rows to judge by."""

    code = "MM102"
    severity = Severity.ERROR
    reason = (
        "Without real rows that no generator saw, nothing that is measured says anything about reality: "
        "the data is unvalidated."
    )
    sources = ("van Breugel 2023", "Alaa 2022")
    fix = "lock a part of the real rows away before anything is learnt: real.holdout"
    trips = "purpose: {use: augment}\nreal: {origin: real, rows: 5000}"
    passes = "purpose: {use: augment}\nreal: {origin: real, rows: 5000, holdout: {rows: 1500}}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.real is not None and plan.real.holdout is None:
            lenient = plan.purpose.use in ("study", "test")
            told = "no real rows are held back"
            yield Found(("real", "holdout"), told, Severity.WARNING if lenient else None)
