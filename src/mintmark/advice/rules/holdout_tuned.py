"""The rows that judge also choose."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class HoldoutTuned:
    """The rows that judge also choose."""

    code = "MM103"
    severity = Severity.ERROR
    reason = "Rows that decided between models or parameters report too good a score on what was chosen by them."
    sources = ("Dwork 2015", "Kapoor 2023")
    fix = "tune and select on a part of the training rows; let the holdout report once"
    trips = "real: {origin: real, holdout: {rows: 1000, used_for: [tuning, report]}}"
    passes = "real: {origin: real, holdout: {rows: 1000, used_for: [report]}}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        holdout = plan.real.holdout if plan.real else None
        if holdout is not None and set(holdout.used_for) - {"report"}:
            other = " and ".join(sorted(set(holdout.used_for) - {"report"}))
            yield Found(("real", "holdout", "used_for"), f"the holdout also serves {other}")
