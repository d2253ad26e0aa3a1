"""Nobody knows whether the judge judges as people do."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class JudgeUnchecked:
    """Nobody knows whether the judge judges as people do."""

    code = "MM604"
    severity = Severity.WARNING
    reason = "Judges prefer what stands first and what is longer; how far they agree with people differs by task."
    sources = ("Zheng 2023",)
    fix = "label some rows by hand, swap positions, and report the agreement"
    trips = "teacher: {model: m, judge: j}"
    passes = "teacher: {model: m, judge: j, judge_checked: true}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.teacher is not None and plan.teacher.judge is not None and not plan.teacher.judge_checked:
            yield Found(("teacher", "judge_checked"), "its judgements are not compared with those of people")
