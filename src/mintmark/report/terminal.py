"""What was found and decided, in a terminal of eighty columns, dark or light; plain text in a pipe."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mintmark.gate import Decision, Verdict
from mintmark.metrics.evidence import Evidence, Finding, NoEvidence
from mintmark.report import words
from mintmark.report.story import Story
from mintmark.report.strips import Strip, strip


def summary(told: Story | Iterable[Finding], decision: Decision | None = None) -> RenderableType:
    """The scores beside floor, ceiling and rules; then the decision in words; then what was not measured.

    A story brings its own decision; findings alone are shown unjudged where no decision is given.
    """
    if isinstance(told, Story):
        return summary(told.findings, told.decision)
    findings = list(told)
    verdicts = decision.verdicts if decision else ()
    missing = [finding for finding in findings if isinstance(finding, NoEvidence)]
    parts: list[RenderableType] = []
    scores = [finding for finding in findings if isinstance(finding, Evidence)]
    if scores:
        parts.append(_scores(scores, verdicts))
    parts += _decision(decision)
    parts += _missing(missing)
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
