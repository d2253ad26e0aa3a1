"""A comparison of generators: everything that readers are told of it; each form of report tells it in its own way."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from mintmark import disk
from mintmark.metrics.evidence import Claim, Reading
from mintmark.report.comparison import front as fronts
from mintmark.report.comparison import lines as rows
from mintmark.report.comparison import page, telling
from mintmark.report.comparison.advice import Advice, advise
from mintmark.report.comparison.entrant import Entrant
from mintmark.report.comparison.front import Axis


@dataclass(frozen=True)
class Proof:
    """The chosen one, learnt anew from all training rows and judged once by rows that had no say in the choice."""

    entrant: Entrant
    train_rows: int
    holdout_rows: int
    used_before: int
    """How many other choices this holdout has reported on, as the ledger remembers."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        rows = {"train_rows": self.train_rows, "holdout_rows": self.holdout_rows}
        return {**self.entrant.to_json(), **rows, "holdout_used_before": self.used_before}


@dataclass(frozen=True)
class Comparison:
    """Generators that learnt from the same rows, judged by the same unseen rows."""

    name: str
    entrants: tuple[Entrant, ...]
    seeds: int
    learnt_rows: int
    """Real rows that each learnt from."""
    judged_rows: int
    """Real rows, parted off the training rows, that each was judged by."""
    made_rows: int
    """Synthetic rows of each seed."""
    gate: tuple[str, ...] = ()
    proof: Proof | None = None
    """None where nobody is advised, or there is no holdout."""
    notes: tuple[str, ...] = ()

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """What entrants are compared by."""
        return fronts.axes(self.entrants)

    @cached_property
    def front(self) -> tuple[str, ...]:
        """Those whom nobody beats."""
        return tuple(entrant.label for entrant in fronts.front(self.entrants, self.axes))

    @cached_property
    def advice(self) -> Advice:
        """Whom to take, and why."""
        return advise(self.entrants, self.axes)

    @cached_property
    def shown(self) -> dict[Claim, tuple[str, ...]]:
        """The metrics that a table shows, by claim."""
        return fronts.shown(self.entrants)

    def side(self, metric: str, role: str) -> Reading | None:
        """The ceiling or the floor of a metric: the same for all, for all meet the same real rows."""
        found = (entrant.evidence(metric) for entrant in self.entrants)
        return next((beside for each in found if each and (beside := getattr(each, role))), None)

    def __getitem__(self, label: str) -> Entrant:
        """The entrant of that label; KeyError where there is none."""
        found = {entrant.label: entrant for entrant in self.entrants}
        return found[label]

    def to_json(self) -> dict[str, Any]:
        """What `mintmark compare --json` answers."""
        advice = self.advice
        body = {
            "name": self.name,
            "seeds": self.seeds,
            "rows": {"learnt": self.learnt_rows, "judged_by": self.judged_rows, "made": self.made_rows},
            "gate": list(self.gate),
            "axes": [{"name": axis.name, "metric": axis.metric} for axis in self.axes],
            "front": list(self.front),
            "advice": {
                "headline": advice.headline,
                "reasons": list(advice.reasons),
                "advised": list(advice.advised),
                "chosen": advice.chosen,
                "standings": advice.standings,
            },
            "entrants": [entrant.to_json() for entrant in self.entrants],
            "holdout": self.proof.to_json() if self.proof else None,
            "met": self.met,
            "notes": list(self.notes),
        }
        return _finite(body)

    @property
    def met(self) -> bool:
        """Was anybody compared and, where there are rules, is somebody advised who meets them on the holdout too?"""
        if not self.gate:
            return any(not entrant.failure for entrant in self.entrants)
        if self.advice.chosen is None:
            return False
        return self.proof is None or bool(self.proof.entrant.decision and self.proof.entrant.decision.released)

    def write(self, path: Path | str) -> None:
        """Writes the comparison as one HTML file that needs no network."""
        file = Path(path)
        disk.write(file, page.render(self).encode(), drafts=file.parent)

    def __str__(self) -> str:
        words = list(self._rows())
        wide = [max(len(row[place]) for row in words) for place in range(len(words[0]))]
        lines = ["  ".join(word.ljust(width) for word, width in zip(row, wide, strict=True)).rstrip() for row in words]
        told = [f"{label}: {words}" for label, words in self.advice.standings.items()]
        return "\n".join([*lines, "", self.advice.headline, *self.advice.reasons, *told, *telling.proof(self)])

    def _repr_html_(self) -> str:
        head, *others = ([escape(word) for word in row] for row in self._rows())
        body = "".join("<tr>" + "".join(f"<td>{word}</td>" for word in row) + "</tr>" for row in others)
        top = "".join(f"<th>{word}</th>" for word in head)
        said = " ".join((self.advice.headline, *self.advice.reasons, *telling.proof(self)))
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table><p>{escape(said)}</p>"

    def _rows(self) -> Iterator[list[str]]:
        """The table in words, its head first."""
        yield ["method", *(f"{metric} {arrow}" for metric, arrow in rows.heads(self)), *rows.COSTS, "front"]
        for line in rows.lines(self):
            scores = [f"{cell.value} ({cell.interval})" if cell else "–" for cell in line.cells]
            spent = [cell.value if cell else "–" for cell in line.costs]
            mark = "failed" if line.role == "failed" else "yes" if line.front else ""
            yield [line.label, *scores, *spent, mark]


def _finite(value: Any) -> Any:
    """JSON knows no infinity: an end that is not finite is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(inner) for inner in value]
    return value
