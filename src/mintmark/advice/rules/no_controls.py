"""A gain is claimed and nothing is held beside it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoControls:
    """A gain is claimed and nothing is held beside it."""

    code = "MM111"
    severity = Severity.NOTE
    reason = (
        "Rows that are added to a weak spot also re-weight it: without a run on re-weighted real rows, "
        "and one on as many untargeted synthetic rows, a gain says nothing for the synthetic data."
    )
    sources = ("van den Goorbergh 2022", "Chawla 2002")
    fix = "run real only, reweighted and untargeted beside it: evaluation.controls"
    trips = "purpose: {gap: imbalance, use: augment}\nevaluation: {asks: [utility]}"
    passes = (
        "purpose: {gap: imbalance, use: augment}\n"
        "evaluation: {asks: [utility], controls: [real only, reweighted, untargeted]}"
    )

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.purpose.use == "augment" and plan.asks("utility") and "reweighted" not in plan.evaluation.controls:
            yield Found(("evaluation", "controls"), "no run on re-weighted real rows stands beside it")
