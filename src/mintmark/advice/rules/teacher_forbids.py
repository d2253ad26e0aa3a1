"""The teacher's terms do not allow it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class TeacherForbids:
    """The teacher's terms do not allow it."""

    code = "MM602"
    severity = Severity.ERROR
    reason = (
        "Several providers forbid training competing models on what their models write; licences of data "
        "are often unstated or wrong."
    )
    sources = ("Longpre 2024",)
    fix = "choose a teacher whose terms allow it, and record them: teacher.licence, teacher.permits_training"
    trips = "method: {kind: llm}\nteacher: {model: m, permits_training: false}"
    passes = "method: {kind: llm}\nteacher: {model: m, permits_training: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.teacher is not None and plan.teacher.permits_training is False:
            yield Found(("teacher", "permits_training"), "its terms forbid training on what it writes")
        elif plan.method.kind == "llm" and (plan.teacher is None or plan.teacher.permits_training is None):
            yield Found(
                ("teacher", "permits_training"), "nobody has looked whether its terms allow it", Severity.WARNING
            )
