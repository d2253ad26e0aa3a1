"""Few people are learnt from, without differential privacy."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

FEWEST = 1000


class FewWithoutDp:
    """Few people are learnt from, without differential privacy."""

    code = "MM302"
    severity = Severity.WARNING
    reason = "The fewer the people, the more each of them shapes what is learnt, and outliers most of all."
    sources = ("Stadler 2022", "Dwork 2014")
    fix = "use a method with differential privacy, or hand on nothing learnt from them"
    trips = "purpose: {use: share}\nreal: {origin: real, people: true, rows: 400}"
    passes = "purpose: {use: share}\nreal: {origin: real, people: true, rows: 400}\nprivacy: {epsilon: 1.0}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        rows = plan.real.rows if plan.real else None
        leaves = plan.purpose.use == "share" or plan.release is not None
        if plan.people and leaves and rows is not None and rows < FEWEST and plan.privacy.epsilon is None:
            yield Found(("real", "rows"), f"{rows:,} rows about people, and no differential privacy")
