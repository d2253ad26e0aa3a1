"""Reasoning is kept that nobody checked."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class ReasoningUnverified:
    """Reasoning is kept that nobody checked."""

    code = "MM608"
    severity = Severity.WARNING
    reason = "Fluent steps lead to wrong answers often enough; training on what was verified beats training on all."
    sources = ("Lightman 2024", "Feng 2024")
    fix = "check answers by something that did not write them: text.verified"
    trips = "text: {contains: [reasoning]}"
    passes = "text: {contains: [reasoning], verified: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.text is not None and "reasoning" in plan.text.contains and not plan.text.verified:
            yield Found(("text", "verified"), "answers are not verified")
