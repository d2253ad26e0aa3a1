"""Only likeness is asked for."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

LIKENESS = frozenset({"fidelity", "validity", "realism"})
"""Claims that a copy of the training data meets best."""


class FidelityAlone:
    """Only likeness is asked for."""

    code = "MM105"
    severity = Severity.WARNING
    reason = (
        "Data can look real and be useless for the task, or be a copy: fidelity, diversity and "
        "generalisation are separate questions."
    )
    sources = ("Alaa 2022", "van Breugel 2023")
    fix = "ask for utility on real rows too, and for privacy where rows are about people"
    trips = "purpose: {use: augment}\nevaluation: {asks: [fidelity]}"
    passes = "purpose: {use: augment}\nevaluation: {asks: [fidelity, utility]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        asked = plan.evaluation.asks
        if asked and plan.purpose.use != "test" and all(each.partition(".")[0] in LIKENESS for each in asked):
            yield Found(("evaluation", "asks"), f"it is judged by {', '.join(asked)} alone")
