"""Augmentation is to fill a hole in what was seen."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class AugmentationInvents:
    """Augmentation is to fill a hole in what was seen."""

    code = "MM207"
    severity = Severity.WARNING
    reason = (
        "Transformations multiply what is there: they make a model firmer around known examples and know "
        "nothing of cases that nobody recorded."
    )
    sources = ("Geirhos 2020", "Chawla 2002")
    fix = "collect or simulate what is missing; augment afterwards"
    trips = "purpose: {gap: coverage}\nmethod: {kind: augmentation}"
    passes = "purpose: {gap: volume}\nmethod: {kind: augmentation}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.method.kind in ("augmentation", "oversample") and plan.purpose.gap in ("coverage", "rarity"):
            yield Found(("method", "kind"), f"the gap is {plan.purpose.gap}, and {plan.method.kind} adds nothing new")
