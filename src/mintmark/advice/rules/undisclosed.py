"""Receivers are not told that it is synthetic."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class Undisclosed:
    """Receivers are not told that it is synthetic."""

    code = "MM702"
    severity = Severity.ERROR
    reason = (
        "Synthetic data that passes for real enters the next generation's training data as real; "
        "generated content has to be marked as such."
    )
    sources = ("Shumailov 2024", "EU 2024/1689")
    fix = "hand on a card that says how it was made: release.card"
    trips = "release: {card: false, licence: CC0}"
    passes = "release: {card: true, licence: CC0}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.release is not None and not plan.release.card:
            yield Found(("release", "card"), "no card says that it is synthetic")
