"""The model that wrote it also marks it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class JudgeIsTeacher:
    """The model that wrote it also marks it."""

    code = "MM603"
    severity = Severity.WARNING
    reason = "Models recognise what they wrote themselves and prefer it."
    sources = ("Panickssery 2024", "Zheng 2023")
    fix = "let another family of models judge, or people, or a verifier"
    trips = "teacher: {model: m-large, judge: m-large}"
    passes = "teacher: {model: m-large, judge: other-model, judge_checked: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.teacher is not None and plan.teacher.judge is not None and plan.teacher.judge == plan.teacher.model:
            yield Found(("teacher", "judge"), f"{plan.teacher.judge} judges itself")
