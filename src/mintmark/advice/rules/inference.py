"""Synthetic rows are analysed as if they were observed."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class Inference:
    """Synthetic rows are analysed as if they were observed."""

    code = "MM210"
    severity = Severity.ERROR
    reason = (
        "Standard errors from synthetic rows leave out the uncertainty of the generator: intervals are "
        "too narrow and tests raise too many false alarms."
    )
    sources = ("Decruyenaere 2024", "Raghunathan 2003")
    fix = "combine several synthetic sets by the rules of multiple imputation, or analyse the real rows"
    trips = "purpose: {use: inference}\nevaluation: {asks: [fidelity]}"
    passes = "purpose: {use: inference}\nevaluation: {asks: [fidelity, utility.inference]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.purpose.use == "inference" and not plan.asks("utility.inference"):
            yield Found(("purpose", "use"), "coverage of intervals is not asked for: utility.inference")
