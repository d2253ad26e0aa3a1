"""A filter keeps a small part, and nobody looks at what it removes."""

from collections.abc import Iterator

from mintmark.advice.proposal import Proposal
from mintmark.advice.rule import Found, Severity

MOST = 0.5
"""A filter that keeps this share, or more, narrows little."""


class TailsFiltered:
    """A filter keeps a small part, and nobody looks at what it removes."""

    code = "MM612"
    severity = Severity.WARNING
    reason = (
        "A filter by quality keeps the middle: rare kinds of rows go first, and narrowing what is sampled"
        " makes a loop collapse sooner."
    )
    sources = ("Alemohammad 2024", "Feng 2024")
    fix = "keep what is removed, with its reason, and count the rare kinds before and after: filters.tails_checked"
    trips = "filters: [{by: quality score, keep: 0.1}]"
    passes = "filters: [{by: quality score, keep: 0.1, tails_checked: true}]"

    def check(self, plan: Proposal) -> Iterator[Found]:
        """Where this is so."""
        for place, each in enumerate(plan.filters):
            if each.keep is not None and each.keep < MOST and not each.tails_checked:
                yield Found(("filters", place), f"{each.by} keeps {each.keep:.0%}")
