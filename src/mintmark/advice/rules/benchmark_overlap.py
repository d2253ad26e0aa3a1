"""Seeds are taken from the test."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class BenchmarkOverlap:
    """Seeds are taken from the test."""

    code = "MM606"
    severity = Severity.ERROR
    reason = "What grows from test items carries their answers: the benchmark no longer measures anything."
    sources = ("Yang 2023", "Kapoor 2023")
    fix = "take seeds from elsewhere, or report on another benchmark"
    trips = "text: {seeds_from: [gsm8k]}\nevaluation: {benchmarks: [gsm8k]}"
    passes = "text: {seeds_from: [own-tickets]}\nevaluation: {benchmarks: [gsm8k]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        both = sorted(set(plan.text.seeds_from) & set(plan.evaluation.benchmarks)) if plan.text else []
        if both:
            yield Found(("text", "seeds_from"), f"seeds come from {', '.join(both)}, and results are reported on it")
