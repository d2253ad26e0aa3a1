"""Facts are written from memory."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class FactsUngrounded:
    """Facts are written from memory."""

    code = "MM609"
    severity = Severity.WARNING
    reason = "Language models state wrong facts in the same voice as right ones; a pupil learns both."
    sources = ("Min 2023", "Gudibande 2024")
    fix = "tie each fact to a span of a real document, and check it: text.grounded"
    trips = "text: {contains: [facts]}"
    passes = "text: {contains: [facts], grounded: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.text is not None and "facts" in plan.text.contains and not plan.text.grounded:
            yield Found(("text", "grounded"), "facts are tied to no document")
