"""Rows of one person stand on both sides of the split."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class SplitAcrossPeople:
    """Rows of one person stand on both sides of the split."""

    code = "MM110"
    severity = Severity.ERROR
    reason = (
        "A person known from training is recognised in the holdout: scores are too good, and attacks on "
        "privacy look too weak or too strong."
    )
    sources = ("Roberts 2017", "Kapoor 2023")
    fix = "name the column that says who a row is about, and split by it"
    trips = "real: {origin: real, rows_per_person: several, holdout: {rows: 1000, split: random}}"
    passes = "real: {origin: real, rows_per_person: several, group: patient, holdout: {rows: 1000, split: group}}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        real = plan.real
        if real and real.rows_per_person == "several" and real.holdout and real.holdout.split in ("random", "time"):
            yield Found(
                ("real", "holdout", "split"),
                f"several rows are about one person, and the split is by {real.holdout.split}",
            )
