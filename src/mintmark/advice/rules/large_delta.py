"""δ lets whole rows out."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class LargeDelta:
    """δ lets whole rows out."""

    code = "MM306"
    severity = Severity.ERROR
    reason = (
        "A mechanism that publishes one row at random meets every δ of one over n: a guarantee needs a δ well below it."
    )
    sources = ("Dwork 2014",)
    fix = "choose δ far below one over the number of rows"
    trips = "real: {origin: real, rows: 1000}\nprivacy: {claim: private, epsilon: 1.0, delta: 0.01}"
    passes = "real: {origin: real, rows: 1000}\nprivacy: {claim: private, epsilon: 1.0, delta: 1.0e-6}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        rows = plan.real.rows if plan.real else None
        if plan.privacy.delta and rows and plan.privacy.delta >= 1 / rows:
            yield Found(("privacy", "delta"), f"δ = {plan.privacy.delta:g}, and there are {rows:,} rows")
