"""Who wrote the text cannot be told."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal, Teacher
from mintmark.advice.rule import Found, Severity


class TeacherUntraceable:
    """Who wrote the text cannot be told."""

    code = "MM601"
    severity = Severity.ERROR
    reason = (
        "What a teacher cannot do its pupils learn wrongly; without model, version and prompts nobody "
        "finds out where an error came from."
    )
    sources = ("Longpre 2024", "EU 2024/1689")
    fix = "record model, version and prompts of every row: teacher.model, version, prompts_kept"
    trips = "method: {kind: llm}\nteacher: {model: some-model}"
    passes = "method: {kind: llm}\nteacher: {model: some-model, version: 2026-01, prompts_kept: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        teacher = plan.teacher or Teacher()
        lacking = [name for name in ("model", "version") if getattr(teacher, name) is None]
        lacking += [] if teacher.prompts_kept else ["prompts"]
        if plan.method.kind == "llm" and lacking:
            yield Found(("teacher",), f"not recorded: {', '.join(lacking)}")
