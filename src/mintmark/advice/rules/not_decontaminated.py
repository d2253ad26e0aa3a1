"""Text is made and not compared with the tests that will judge it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NotDecontaminated:
    """Text is made and not compared with the tests that will judge it."""

    code = "MM605"
    severity = Severity.WARNING
    reason = "Test items return in generated text, rephrased too, and the score then measures memory."
    sources = ("Yang 2023", "Lee 2022")
    fix = "remove what overlaps with the benchmarks, by n-grams and by meaning: text.decontaminated_against"
    trips = "method: {kind: llm}\nevaluation: {benchmarks: [gsm8k]}\ntext: {}"
    passes = "method: {kind: llm}\nevaluation: {benchmarks: [gsm8k]}\ntext: {decontaminated_against: [gsm8k]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        clean = set(plan.text.decontaminated_against) if plan.text else set()
        left = sorted(set(plan.evaluation.benchmarks) - clean)
        if (plan.method.kind == "llm" or plan.text is not None) and left:
            yield Found(("text", "decontaminated_against"), f"not compared with {', '.join(left)}")
