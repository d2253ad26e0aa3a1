"""The generator learns from the rows that will judge it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class TrainedOnTest:
    """The generator learns from the rows that will judge it."""

    code = "MM104"
    severity = Severity.ERROR
    reason = (
        "What a generator has seen it can repeat, so that copying looks like quality and privacy cannot be told at all."
    )
    sources = ("Kapoor 2023", "van Breugel 2023")
    fix = "part the rows before the generator is fitted"
    trips = "real: {origin: real, holdout: {rows: 1000, seen_by_generator: true}}"
    passes = "real: {origin: real, holdout: {rows: 1000, seen_by_generator: false}}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.real and plan.real.holdout and plan.real.holdout.seen_by_generator:
            yield Found(("real", "holdout", "seen_by_generator"), "the generator sees the holdout")
