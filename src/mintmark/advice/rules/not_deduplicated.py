"""Repetitions stay in."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NotDeduplicated:
    """Repetitions stay in."""

    code = "MM610"
    severity = Severity.WARNING
    reason = "Repeated text is memorised and crowds out the rest; without it models are as good on less."
    sources = ("Lee 2022",)
    fix = "remove exact and near duplicates: text.deduplicated"
    trips = "method: {kind: llm}\ntext: {contains: [dialogue]}"
    passes = "method: {kind: llm}\ntext: {contains: [dialogue], deduplicated: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.method.kind == "llm" and plan.text is not None and not plan.text.deduplicated:
            yield Found(("text", "deduplicated"), "duplicates are not removed")
