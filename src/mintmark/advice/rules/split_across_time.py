"""Rows that follow each other in time are split at random."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class SplitAcrossTime:
    """Rows that follow each other in time are split at random."""

    code = "MM109"
    severity = Severity.WARNING
    reason = "A random split lets the future teach the past, and scores promise more than later data will keep."
    sources = ("Roberts 2017", "Kapoor 2023")
    fix = "judge by the latest rows: holdout.split: time"
    trips = "real: {origin: real, ordered: true, holdout: {rows: 1000, split: random}}"
    passes = "real: {origin: real, ordered: true, holdout: {rows: 1000, split: time}}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        real = plan.real
        if real and real.ordered and real.holdout and real.holdout.split == "random":
            yield Found(("real", "holdout", "split"), "the rows are ordered in time, and the split is random")
