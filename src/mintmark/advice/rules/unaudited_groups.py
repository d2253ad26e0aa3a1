"""Rows are about people, and no question is asked by group."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class UnauditedGroups:
    """Rows are about people, and no question is asked by group."""

    code = "MM401"
    severity = Severity.WARNING
    reason = (
        "A model, and a generator, can be right on average and wrong for a group; nobody sees it who does"
        " not look, by intersections too."
    )
    sources = ("Buolamwini 2018", "EU 2024/1689")
    fix = "name the columns that tell groups (real.sensitive) and ask for fairness"
    trips = "real: {origin: real, people: true}\nevaluation: {asks: [fidelity, utility]}"
    passes = "real: {origin: real, people: true, sensitive: [sex]}\nevaluation: {asks: [fidelity, utility, fairness]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.people and plan.real is not None:
            if not plan.real.sensitive:
                yield Found(("real", "sensitive"), "no column is named that tells groups of people apart")
            elif plan.evaluation.asks and not plan.asks("fairness"):
                yield Found(("evaluation", "asks"), "fairness is not asked for")
