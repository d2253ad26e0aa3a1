"""A pupil imitates a teacher's answers."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class StyleForSkill:
    """A pupil imitates a teacher's answers."""

    code = "MM611"
    severity = Severity.NOTE
    reason = "Imitation carries over style before ability: people rate it high while it knows no more than before."
    sources = ("Gudibande 2024",)
    fix = "measure facts and skills apart from preference, on real tasks"
    trips = "method: {kind: llm}\ntext: {contains: [dialogue], deduplicated: true}\nevaluation: {asks: [preference]}"
    passes = (
        "method: {kind: llm}\n"
        "text: {contains: [dialogue], deduplicated: true}\n"
        "evaluation: {asks: [preference, accuracy]}"
    )

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        asked = set(plan.evaluation.asks)
        if plan.method.kind == "llm" and asked and asked <= {"preference", "style", "fluency", "fidelity"}:
            yield Found(("evaluation", "asks"), f"it is judged by {', '.join(sorted(asked))} alone")
