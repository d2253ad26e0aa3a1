"""A comparison of generators: everything that readers are told of it; each form of report tells it in its own way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.report.comparison import front as fronts
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
            "notes": list(self.notes),
        }
        return _finite(body)

    def __str__(self) -> str:
        rows = [self._head(), *(self._row(entrant) for entrant in self.entrants)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        told = [f"{label}: {words}" for label, words in self.advice.standings.items()]
        return "\n".join([*lines, "", self.advice.headline, *self.advice.reasons, *told])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{_escaped(word)}</th>" for word in self._head())
        body = "".join(
            "<tr>" + "".join(f"<td>{_escaped(word)}</td>" for word in self._row(entrant)) + "</tr>"
            for entrant in self.entrants
        )
        said = " ".join((self.advice.headline, *self.advice.reasons))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{_escaped(said)}</p>"

    def _head(self) -> list[str]:
        return ["method", *self._metrics(), "fit CPU-s", "sample CPU-s", "memory MB", "front"]

    def _row(self, entrant: Entrant) -> list[str]:
        if entrant.failure:
            return [entrant.label, *("–" for _ in self._metrics()), "–", "–", "–", "failed"]
        scores = [_score(entrant.evidence(metric)) for metric in self._metrics()]
        spent = [f"{entrant.fit.mean:.2f}", f"{entrant.sampling.mean:.2f}", f"{entrant.memory.mean / 1e6:.0f}"]
        return [entrant.label, *scores, *spent, "yes" if entrant.label in self.front else ""]

    def _metrics(self) -> list[str]:
        return [metric for metrics in self.shown.values() for metric in metrics]


def _score(found: Evidence | None) -> str:
    return f"{found.value:.3f} ({found.interval[0]:.3f} to {found.interval[1]:.3f})" if found else "–"


def _escaped(word: str) -> str:
    return word.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _finite(value: Any) -> Any:
    """JSON knows no infinity: an end that is not finite is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(inner) for inner in value]
    return value
