"""A bias is to be mended by data that learnt it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class BiasFromBias:
    """A bias is to be mended by data that learnt it."""

    code = "MM211"
    severity = Severity.WARNING
    reason = "A generator reproduces the shares and the labels of what it learnt from; more of the same keeps the bias."
    sources = ("Barocas 2016", "EU 2024/1689")
    fix = "set the shares of groups on purpose, and question the labels: no generator mends those"
    trips = "purpose: {gap: bias}\nmethod: {kind: trees}\nreal: {origin: real, people: true}"
    passes = "purpose: {gap: bias}\nmethod: {kind: trees, conditioned: true}\nreal: {origin: real, people: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        learnt = plan.real is not None and plan.method.kind not in ("rules", "simulation")
        if learnt and plan.purpose.gap == "bias" and not plan.method.conditioned:
            yield Found(("method", "conditioned"), "no shares of groups are set")
