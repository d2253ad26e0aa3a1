"""All answers of an assay, in order: they show themselves in a terminal and in a notebook."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from mintmark.errors import UnknownName
from mintmark.metrics.evidence import Evidence, Finding, Interval, NoEvidence, Reading

HEAD = ("metric", "score", "interval", "floor", "ceiling", "n")


@dataclass(frozen=True)
class Findings(Sequence[Finding]):
    """What was found out, one finding for each question that was asked."""

    found: tuple[Finding, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Metrics that were not asked, with who would ask them: nothing may be concluded from their silence."""

    @overload
    def __getitem__(self, key: int | str) -> Finding: ...
    @overload
    def __getitem__(self, key: slice) -> "Findings": ...
    def __getitem__(self, key: int | str | slice) -> "Finding | Findings":
        """By position, by slice, or by the metric's name; UnknownName where it was not asked."""
        if isinstance(key, slice):
            return Findings(self.found[key], self.left_out)
        if isinstance(key, int):
            return self.found[key]
        for finding in self.found:
            if finding.metric == key:
                return finding
        raise UnknownName("finding", key, (finding.metric for finding in self.found))

    def __len__(self) -> int:
        return len(self.found)

    def to_json(self) -> list[dict[str, Any]]:
        """Every finding as plain JSON."""
        return [finding.to_json() for finding in self.found]

    def __str__(self) -> str:
        rows = [HEAD, *(_row(finding) for finding in self.found if isinstance(finding, Evidence))]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
        lines = ["  ".join(map(_pad, row, widths, range(len(HEAD)))) for row in rows]
        lines += [f"{each.metric}: no evidence, {_flat(each.reason)}" for each in self._missing()]
        return "\n".join(lines + [f"{name}: not asked, {who}" for name, who in self.left_out.items()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{word}</th>" for word in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(word)}</td>" for word in _row(finding)) + "</tr>"
            if isinstance(finding, Evidence)
            else f"<tr><td>{html.escape(finding.metric)}</td>"
            f'<td colspan="{len(HEAD) - 1}">no evidence: {html.escape(finding.reason)}</td></tr>'
            for finding in self.found
        )
        body += "".join(
            f'<tr><td>{html.escape(name)}</td><td colspan="{len(HEAD) - 1}">not asked: {html.escape(who)}</td></tr>'
            for name, who in self.left_out.items()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _missing(self) -> list[NoEvidence]:
        return [finding for finding in self.found if isinstance(finding, NoEvidence)]


def _row(finding: Evidence) -> tuple[str, ...]:
    return (
        finding.metric,
        _number(finding.value),
        _interval(finding.interval),
        _value(finding.floor),
        _value(finding.ceiling),
        f"{finding.reading.n:,}",
    )


def _number(value: float) -> str:
    return f"{value:.4f}"


def _interval(ends: Interval) -> str:
    return f"{_number(ends[0])} to {_number(ends[1])}"


def _value(reading: Reading | None) -> str:
    return _number(reading.value) if reading else "–"


def _pad(word: str, width: int, place: int) -> str:
    return word.rjust(width) if place else word.ljust(width)


def _flat(reason: str) -> str:
    return "; ".join(" ".join(line.split()) for line in reason.splitlines() if line.strip())
