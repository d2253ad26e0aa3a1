"""Rows between two neighbours are handed on as if they were nobody's."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity


class OversampledPeople:
    """Rows between two neighbours are handed on as if they were nobody's."""

    code = "MM310"
    severity = Severity.ERROR
    reason = "Interpolation returns points on the lines between real rows: whoever knows the method finds them again."
    sources = ("Chawla 2002", "Ganev 2025")
    fix = "keep oversampled rows inside; hand on rows of a method that was attacked and held"
    trips = "purpose: {gap: privacy, use: share}\nmethod: {kind: oversample}"
    passes = "purpose: {gap: imbalance, use: augment}\nmethod: {kind: oversample}"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        private = plan.purpose.gap == "privacy" or plan.purpose.use == "share" or plan.privacy.claim != "none"
        if plan.method.kind == "oversample" and private:
            yield Found(("method", "kind"), "oversampling protects nobody")
