"""Code is kept that was never run."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class CodeNotRun:
    """Code is kept that was never run."""

    code = "MM607"
    severity = Severity.ERROR
    reason = "Whether code is right is known by running it against tests; by its looks, most wrong code passes."
    sources = ("Chen 2021", "Feng 2024")
    fix = "run it against tests in a sandbox, and keep what passes: text.executed"
    trips = "text: {contains: [code]}"
    passes = "text: {contains: [code], executed: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.text is not None and "code" in plan.text.contains and not plan.text.executed:
            yield Found(("text", "executed"), "generated code is not run")
