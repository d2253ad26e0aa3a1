"""What was found out about a dataset, and what was not, as several documents tell it."""

from dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Evidence, NoEvidence
from mintmark.report import words
from mintmark.report.numerals import numeral
from mintmark.report.story import Story

MOST = 8
"""Questions that were not asked and are named; the others are counted, and stand in the evidence as JSON."""


@dataclass(frozen=True)
class Chapter:
    """One claim with what was measured of it."""

    title: str
    asks: str
    found: tuple[Evidence, ...]


def chapters(story: Story, *claims: Claim) -> list[Chapter]:
    """The evidence by claim, in the order of `words.CLAIMS`; a claim without evidence has no chapter."""
    wanted = claims or tuple(words.CLAIMS)
    by_claim = {claim: tuple(one for one in evidence(story) if one.claim == claim) for claim in wanted}
    return [Chapter(*words.CLAIMS[claim], found) for claim, found in by_claim.items() if found]


def evidence(story: Story, *claims: Claim) -> list[Evidence]:
    """What was measured, proved or traced."""
    found = [one for one in story.findings if isinstance(one, Evidence)]
    return [one for one in found if not claims or one.claim in claims]


def meanings(story: Story, claim: Claim) -> list[str]:
    """What each score of a claim means for a person."""
    return [words.meaning(one) for one in evidence(story, claim)]


def gaps(story: Story) -> list[str]:
    """Questions that were asked and have no answer, each with the reason; and those that nobody asked."""
    reasons = {one.metric: words.in_a_line(one.reason) for one in story.findings if isinstance(one, NoEvidence)}
    silent = [
        f"{words.listed(names)} {'was' if len(names) == 1 else 'were'} not measured: {why}"
        for why, names in words.by_reason(reasons).items()
    ]
    unasked = [f"Not asked ({who}): {_some(names)}" for who, names in sorted(words.by_reason(story.left_out).items())]
    return silent + unasked


def limits(story: Story) -> list[str]:
    """What the method takes for granted, and what was not measured."""
    return [*story.provenance.assumes, *gaps(story)]


def interval(one: Evidence) -> str:
    """A score's interval, or its basis where it has none."""
    low, high = one.interval
    return f"{numeral(low)} to {numeral(high)}" if one.basis == "measured" else one.basis


def _some(names: list[str]) -> str:
    more = f", and {len(names) - MOST} more that the evidence names" if len(names) > MOST else ""
    return ", ".join(sorted(names)[:MOST]) + more
