"""What was made is judged by what was made."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class ClosedLoop:
    """What was made is judged by what was made."""

    code = "MM101"
    severity = Severity.ERROR
    reason = (
        "A loop that never meets reality hides its own drift: scores stay high while the model loses "
        "touch with real data."
    )
    sources = ("Alemohammad 2024", "van Breugel 2023")
    fix = "test on real rows that no generator saw: evaluation.tested_on: real"
    trips = "evaluation: {tested_on: synthetic}"
    passes = "evaluation: {tested_on: real}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.evaluation.tested_on == "synthetic":
            yield Found(("evaluation", "tested_on"), "models are tested on synthetic rows alone")
