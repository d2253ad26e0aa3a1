"""Synthetic rows take the place of all real ones."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class WholesaleReplacement:
    """Synthetic rows take the place of all real ones."""

    code = "MM201"
    severity = Severity.WARNING
    reason = (
        "Training on synthetic rows alone loses tails first; keeping the real rows beside them bounds the"
        " error, and even a small synthetic share can cost accuracy."
    )
    sources = ("Shumailov 2024", "Gerstgrasser 2024", "Dohmatob 2025")
    fix = "keep the real rows in training, and measure what each synthetic share adds"
    trips = "purpose: {use: replace}\nmethod: {kind: trees, share: 1.0}"
    passes = "purpose: {use: augment}\nmethod: {kind: trees, share: 0.5}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.method.share == 1 or (plan.purpose.use == "replace" and plan.method.share is None):
            yield Found(("method", "share"), "nothing real is left to train on")
