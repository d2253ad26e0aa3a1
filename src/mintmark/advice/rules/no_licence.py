"""Receivers are not told under which licence they have it."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class NoLicence:
    """Receivers are not told under which licence they have it."""

    code = "MM701"
    severity = Severity.NOTE
    reason = "Data without a stated licence is used wrongly or not at all; most data sets lose theirs on the way."
    sources = ("Longpre 2024", "Gebru 2021")
    fix = "state it: release.licence"
    trips = "release: {card: true}\nevaluation: {gate: ['fidelity.detection <= 0.7']}"
    passes = "release: {card: true, licence: CC-BY-4.0}\nevaluation: {gate: ['fidelity.detection <= 0.7']}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        if plan.release is not None and not plan.release.licence:
            yield Found(("release", "licence"), "no licence is stated")
