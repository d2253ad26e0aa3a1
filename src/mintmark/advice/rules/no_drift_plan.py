"""A model goes into use and nobody will notice when the world changes."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoDriftPlan:
    """A model goes into use and nobody will notice when the world changes."""

    code = "MM204"
    severity = Severity.WARNING
    reason = (
        "Synthetic data freezes the day on which its real data was collected; what was true then goes stale unseen."
    )
    sources = ("Gama 2014",)
    fix = "say what will be compared with new real data, how often, and what follows: after.drift"
    trips = "after: {deployed: true}"
    passes = "after: {deployed: true, drift: monthly two-sample test on new rows}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.after.deployed and not plan.after.drift:
            yield Found(("after", "drift"), "nothing is compared with new real data")
