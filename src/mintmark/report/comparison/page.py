"""A comparison as one HTML file that needs no network and no script: the advice, the table, pictures, every score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from mintmark.metrics.draws import of_mean
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence
from mintmark.report import words
from mintmark.report.charts.bars import bars, short
from mintmark.report.charts.tradeoff import Dot, Score, tradeoff
from mintmark.report.comparison import lines as rows
from mintmark.report.comparison import telling
from mintmark.report.comparison.entrant import Entrant
from mintmark.report.numerals import fixed, numeral
from mintmark.report.overview import Line, Overview, overview
from mintmark.report.page import environment

if TYPE_CHECKING:
    from mintmark.report.comparison.table import Comparison


def render(told: "Comparison") -> str:
    """The whole page; the same comparison gives the same bytes."""
    ran = [entrant for entrant in told.entrants if not entrant.failure]
    return environment().get_template("comparison.html").render(
        told=told,
        proof=telling.proof(told),
        heads=[(metric, metric.rpartition(".")[2].replace("_", " "), arrow) for metric, arrow in rows.heads(told)],
        costs=rows.COSTS,
        lines=list(rows.lines(told)),
        signs={entrant.label: str(place) for place, entrant in enumerate(ran, 1)},
        charts=_charts(told, ran),
        chapters=_chapters(ran),
        edges=(Overview.floor, Overview.ceiling),
    )  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """A chart and what is written above and beneath it."""

    title: str
    about: str
    chart: Markup
    wide: bool = False


@dataclass(frozen=True)
class Ladder:
    """One metric, with every entrant on its scale from floor to ceiling."""

    metric: str
    rungs: tuple[tuple[str, Line | None, str], ...]
    """(entrant, its place, its score or why there is none)"""
    why: str
    """Why there is no scale; empty where there is one."""


@dataclass(frozen=True)
class Chapter:
    """The ladders of a claim."""

    title: str
    question: str
    ladders: tuple[Ladder, ...]


def _charts(told: "Comparison", ran: Sequence[Entrant]) -> list[Drawing]:
    if not ran:
        return []
    by = {axis.name: axis.metric for axis in told.axes if axis.metric}
    pairs = ((Claim.PRIVACY, Claim.FIDELITY), (Claim.PRIVACY, Claim.UTILITY), (Claim.FAIRNESS, Claim.FIDELITY))
    drawn = [
        _against(told, ran, (str(across), by[str(across)]), (str(up), by[str(up)]))
        for across, up in pairs
        if str(across) in by and str(up) in by
    ]
    return [*drawn, *_costs(ran)]


def _against(told: "Comparison", ran: Sequence[Entrant], across: tuple[str, str], up: tuple[str, str]) -> Drawing:
    dots = []
    for place, entrant in enumerate(ran, 1):
        first, second = entrant.evidence(across[1]), entrant.evidence(up[1])
        assert first is not None
        assert second is not None
        dots.append(Dot(str(place), _score(first), _score(second), entrant.label in told.front))
    title = f"{up[0].capitalize()} against {across[0]}"
    says = "; ".join(
        f"{dot.sign} {entrant.label}: {across[1]} {numeral(dot.across.value)}, {up[1]} {numeral(dot.up.value)}"
        for dot, entrant in zip(dots, ran, strict=True)
    )
    about = f"Better is to the right in {across[0]} ({across[1]}), and further up in {up[0]} ({up[1]})."
    return Drawing(title, about, tradeoff(dots, says=f"{title}. {says}"), wide=True)


def _score(found: Evidence) -> Score:
    return Score(found.value, of_mean(found.reading), found.better)


def _costs(ran: Sequence[Entrant]) -> list[Drawing]:
    names = [f"{place} {each.label}" for place, each in enumerate(ran, 1)]
    about = "Processor seconds to fit and to sample, the mean of all seeds. Shorter is better."
    time = [each.time.mean for each in ran]
    memory = [each.memory.mean / 1e6 for each in ran]
    grown = "Megabytes that the method added to its process at most, its packages included. Shorter is better."
    return [
        Drawing("Time", about, bars(names, {"time": time}, says=_listed("Processor seconds", names, time),
                                    form=lambda value: f"{numeral(value, 2)} s")),
        Drawing("Memory", grown, bars(names, {"memory": memory}, says=_listed("Megabytes", names, memory),
                                      form=lambda value: f"{numeral(value, 2)} MB")),
    ]  # fmt: skip


def _listed(what: str, names: Sequence[str], values: Sequence[float]) -> str:
    return f"{what}: " + ", ".join(f"{name} {numeral(value, 2)}" for name, value in zip(names, values, strict=True))


def _chapters(ran: Sequence[Entrant]) -> list[Chapter]:
    """Every metric that was asked, by claim."""
    asked = list(dict.fromkeys(finding.metric for entrant in ran for finding in entrant.findings or ()))
    chapters = []
    for claim, (title, question) in words.CLAIMS.items():
        mine = [metric for metric in asked if metric.startswith(f"{claim}.")]
        if mine:
            chapters.append(Chapter(title, question, tuple(_ladder(metric, ran) for metric in mine)))
    return chapters


def _ladder(metric: str, ran: Sequence[Entrant]) -> Ladder:
    found = {each.label: next((f for f in each.findings or () if f.metric == metric), None) for each in ran}
    scores = [finding for finding in found.values() if isinstance(finding, Evidence)]
    laid = overview(scores)
    why = "" if laid.lines else next(iter(laid.without), "")
    return Ladder(metric, tuple((short(label), *_rung(finding)) for label, finding in found.items()), why)


def _rung(finding: Evidence | NoEvidence | None) -> tuple[Line | None, str]:
    if finding is None:
        return None, "not asked"
    if isinstance(finding, NoEvidence):
        return None, words.reason(finding.reason)
    line = next(iter(overview([finding]).lines), None)
    low, high = finding.interval
    return line, f"{fixed(finding.value, 3)} ({fixed(low, 3)} to {fixed(high, 3)})"
