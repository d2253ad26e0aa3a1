"""One draw of one fit is all the evidence."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class OneSeed:
    """One draw of one fit is all the evidence."""

    code = "MM108"
    severity = Severity.NOTE
    reason = "Generators and the models trained on their rows vary from seed to seed; one draw hides how much."
    sources = ("van Breugel 2023",)
    fix = "fit and draw with three seeds or more, and report the spread"
    trips = "evaluation: {seeds: 1}"
    passes = "evaluation: {seeds: 3}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.evaluation.seeds == 1:
            yield Found(("evaluation", "seeds"), "one seed")
