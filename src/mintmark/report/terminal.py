"""What was found and decided, in a terminal of eighty columns, dark or light; plain text in a pipe."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mintmark.gate import Decision, Verdict
from mintmark.metrics.evidence import Evidence, Finding, NoEvidence
from mintmark.metrics.findings import Findings
from mintmark.report import words
from mintmark.report.comparison.table import Comparison
from mintmark.report.comparison.terminal import Shown
from mintmark.report.numerals import place
from mintmark.report.overview import Line, Overview, overview
from mintmark.report.story import Story
from mintmark.report.strips import Strip, strip

BAR = 25
"""Characters of the common scale."""
NAMED = 8
"""Most metrics that are named as not asked for one reason; the page and JSON name all."""


def summary(told: Story | Comparison | Iterable[Finding], decision: Decision | None = None) -> RenderableType:
    """The scores beside floor, ceiling and rules; then the decision in words; then what was not measured or asked.

    A story and a comparison bring their own decisions; findings alone are shown unjudged where none is given.
    """
    if isinstance(told, Comparison):
        return Shown(told)
    if isinstance(told, Story):
        return summary(Findings(told.findings, told.left_out), told.decision)
    left_out = told.left_out if isinstance(told, Findings) else {}
    findings = list(told)
    verdicts = decision.verdicts if decision else ()
    missing = [finding for finding in findings if isinstance(finding, NoEvidence)]
    parts: list[RenderableType] = []
    scores = [finding for finding in findings if isinstance(finding, Evidence)]
    if scores:
        parts.append(_scores(scores, verdicts))
        parts += _places(scores)
    parts += _decision(decision)
    parts += _missing(missing)
    parts += _left_out(left_out)
    return Group(*parts)


def _scores(scores: list[Evidence], verdicts: tuple[Verdict, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("metric", overflow="fold")
    for head in ("score", "interval", "floor", "ceiling", "n"):
        table.add_column(head, justify="right", no_wrap=True)
    if verdicts:
        table.add_column("rule", no_wrap=True)
    rules = [verdict.rule for verdict in verdicts]
    for evidence in scores:
        drawn = strip(evidence, rules)
        judged = [verdict for verdict in verdicts if verdict.rule.metric == evidence.metric]
        table.add_row(*_row(evidence, drawn), *([_marks(judged)] if verdicts else []))
    return table


def _row(evidence: Evidence, drawn: Strip) -> tuple[str | Text, ...]:
    return (
        Text(evidence.metric),
        drawn.value.label,
        f"{drawn.interval[0]}–{drawn.interval[1]}"
        if "−" not in "".join(drawn.interval)
        else " to ".join(drawn.interval),
        drawn.floor.label if drawn.floor else "–",
        drawn.ceiling.label if drawn.ceiling else "–",
        f"{evidence.reading.n:,}",
    )


def _marks(verdicts: list[Verdict]) -> Text:
    out = Text()
    for verdict in verdicts:
        sign, style = ("✓", "green") if verdict.passed else ("✗", "red")
        out.append(f"{' ' if out else ''}{sign} {_signs(verdict)}{verdict.rule.bound:g}", style)
    return out


def _signs(verdict: Verdict) -> str:
    return verdict.rule.compare.replace("<=", "≤").replace(">=", "≥")


def _places(scores: list[Evidence]) -> Iterator[RenderableType]:
    """Every score on the scale that all have in common, and what is surely worse than real data without a place."""
    drawn = overview(scores)
    yield from _worse(drawn)
    if not drawn.lines:
        return
    yield Padding(Text("Between shuffled columns (0) and unseen real data (1)", "bold"), (1, 0, 0, 0))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for line in drawn.lines:
        low, high = (place(end) for end in line.place.interval)
        table.add_row(Text(line.metric), _bar(drawn, line), f"{place(line.place.value)} ({low} to {high})")
    yield table


def _worse(drawn: Overview) -> Iterator[RenderableType]:
    if drawn.worse:
        yield Padding(Text("Surely worse than unseen real data", "bold"), (1, 0, 0, 0))
        yield Padding(Text(", ".join(drawn.worse)), (0, 0, 0, 2))


def _bar(drawn: Overview, line: Line) -> Text:
    def cell(at: float) -> int:
        return round(at / 100 * (BAR - 1))

    signs = ["·"] * BAR
    low, high = (cell(end) for end in line.whisker)
    signs[low : high + 1] = ["─"] * (high + 1 - low)
    for edge in (cell(drawn.floor), cell(drawn.ceiling)):
        signs[edge] = "┼" if low <= edge <= high else "│"
    signs[cell(line.at)] = ("◀" if line.place.value < 0 else "▶") if line.beyond else "●"
    return Text("".join(signs))


def _decision(decision: Decision | None) -> Iterator[RenderableType]:
    if decision is None:
        return
    told = words.banner(decision)
    style = "bold green" if decision.released else "bold red"
    yield Padding(Text.assemble((f"{told.sign} {told.word}. ", style), told.why), (1, 0, 0, 0))
    for verdict in decision.verdicts:
        if not verdict.passed:
            yield Padding(Text(f"✗ {verdict.rule}: {' '.join(verdict.why.split())}"), (0, 0, 0, 2))


def _missing(missing: list[NoEvidence]) -> Iterator[RenderableType]:
    if missing:
        yield Padding(Text("Not measured", "bold"), (1, 0, 0, 0))
    for finding in missing:
        yield Padding(Text.assemble(f"{finding.metric}: ", words.reason(finding.reason)), (0, 0, 0, 2))


def _left_out(left_out: Mapping[str, str]) -> Iterator[RenderableType]:
    if left_out:
        yield Padding(Text("Not asked", "bold"), (1, 0, 0, 0))
    for who, names in words.by_reason(left_out).items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield Padding(Text(f"{', '.join(names[:NAMED])}{more}: {who}"), (0, 0, 0, 2))
