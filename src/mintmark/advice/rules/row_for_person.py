"""Rows are protected, and people have several."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class RowForPerson:
    """Rows are protected, and people have several."""

    code = "MM309"
    severity = Severity.WARNING
    reason = "A guarantee for a row protects a person with k rows k times less."
    sources = ("Dwork 2014",)
    fix = "protect persons: privacy.unit: person, with a bound on the rows of each"
    trips = "real: {origin: real, rows_per_person: several}\nprivacy: {claim: private, epsilon: 1.0, unit: row}"
    passes = "real: {origin: real, rows_per_person: several}\nprivacy: {claim: private, epsilon: 1.0, unit: person}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        several = plan.real is not None and plan.real.rows_per_person == "several"
        if several and plan.privacy.epsilon is not None and plan.privacy.unit == "row":
            yield Found(("privacy", "unit"), "several rows are about one person, and the guarantee is for one row")
