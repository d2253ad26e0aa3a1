"""The report as one HTML file that needs no network: the verdict, the evidence, pictures, gaps and provenance."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from mintmark.gate import Rule
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence
from mintmark.report import details, words
from mintmark.report.album import Album
from mintmark.report.numerals import fixed, numeral, percent, place
from mintmark.report.overview import overview
from mintmark.report.story import Story
from mintmark.report.strips import Strip, strip


def render(story: Story, *, lineage: Sequence[Mapping[str, Any]] = ()) -> str:
    """The whole page; the same story gives the same bytes.

    `lineage` holds the ledger's entries that led here, oldest first, as plain JSON.
    """
    claims = _claims(story)
    asked = {finding.claim for finding in story.findings}
    page = environment().get_template("page.html")
    return page.render(
        story=story,
        banner=words.banner(story.decision),
        verdicts=story.decision.verdicts if story.decision else (),
        strips={score.evidence.metric: score.strip for claim in claims for score in claim.scores},
        claims=claims,
        album=Album.of(story),
        overview=overview(score.evidence for claim in claims for score in claim.scores),
        missing=[finding for finding in story.findings if isinstance(finding, NoEvidence)],
        silent=[told for claim, told in words.CLAIMS.items() if claim not in asked],
        lineage=[_frame(entry) for entry in lineage],
    )


@dataclass(frozen=True)
class _Score:
    evidence: Evidence
    strip: Strip
    plain: tuple[tuple[str, str], ...]
    table: details.Table | None


@dataclass(frozen=True)
class _Chapter:
    title: str
    question: str
    scores: tuple[_Score, ...]


def _claims(story: Story) -> list[_Chapter]:
    """The evidence by claim, in the order of `words.CLAIMS`; a claim without evidence has no chapter."""
    rules = [verdict.rule for verdict in story.decision.verdicts] if story.decision else []
    found = [finding for finding in story.findings if isinstance(finding, Evidence)]
    chapters = [_chapter(claim, [e for e in found if e.claim == claim], rules) for claim in words.CLAIMS]
    return [chapter for chapter in chapters if chapter.scores]


def _chapter(claim: Claim, found: Sequence[Evidence], rules: Sequence[Rule]) -> _Chapter:
    title, question = words.CLAIMS[claim]
    return _Chapter(title, question, tuple(_score(evidence, rules) for evidence in found))


def _score(evidence: Evidence, rules: Sequence[Rule]) -> _Score:
    told = evidence.reading.details
    return _Score(evidence, strip(evidence, rules), details.plain(told), details.table(evidence.metric, told))


def _frame(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Act, time, subject and inputs of a ledger's entry; its body may hold what is known of few people."""
    at = (entry.get("body") or {}).get("at", "")
    inputs = {str(name): _brief(value) for name, value in (entry.get("inputs") or {}).items()}
    return {"act": entry.get("act", ""), "at": at, "subject": _brief(entry.get("subject", "")), "inputs": inputs}


def _brief(digest: Any) -> str:
    """The first digits of a digest, which are enough to tell it from others on the page."""
    return str(digest).rpartition(":")[2][:12]


@cache
def environment() -> Environment:
    """What pages are written with; the same for all."""
    made = Environment(
        loader=PackageLoader("mintmark.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        numeral=numeral, fixed=fixed, place=place, brief=_brief, percent=percent, pretty=_pretty, sentence=words.reason
    )
    made.globals.update(
        question=words.question,
        meaning=words.meaning,
        verdict_word=words.verdict_word,
        by_reason=words.by_reason,
        claim_title=lambda claim: words.CLAIMS[claim][0],
    )
    return made


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
