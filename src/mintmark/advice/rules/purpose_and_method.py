"""The method cannot show what the data is for."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class PurposeAndMethod:
    """The method cannot show what the data is for."""

    code = "MM206"
    severity = Severity.ERROR
    reason = (
        "A generator shows what it learnt or what was built into it: a world without rain teaches nothing about rain."
    )
    sources = ("Tobin 2017", "Alaa 2022")
    fix = "choose a method that can show it, build it in, or collect it"
    trips = "purpose: {gap: rarity, must_show: [rain]}\nmethod: {kind: simulation, cannot: [rain]}"
    passes = "purpose: {gap: rarity, must_show: [rain]}\nmethod: {kind: simulation, cannot: [snow]}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        for thing in sorted(set(map(str.lower, plan.purpose.must_show)) & set(map(str.lower, plan.method.cannot))):
            yield Found(("method", "cannot"), f"{thing} must be shown, and the method cannot show it")
