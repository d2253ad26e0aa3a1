"""The one table of a comparison, line by line, as the terminal, the page and plain text all show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mintmark.metrics.evidence import Evidence, Reading
from mintmark.report.comparison import front as fronts
from mintmark.report.comparison.entrant import Entrant
from mintmark.report.comparison.front import Axis
from mintmark.report.numerals import fixed, numeral

if TYPE_CHECKING:
    from mintmark.report.comparison.table import Comparison

DECIMALS = 3
COSTS = ("fit CPU-s", "sample CPU-s", "memory MB")
CEILING, FLOOR, PROOF = "unseen real rows", "shuffled columns", "the chosen, on the holdout"
Role = Literal["ceiling", "entrant", "failed", "floor", "proof"]


@dataclass(frozen=True)
class Cell:
    """A score as it is shown."""

    value: str
    interval: str
    leading: bool = False
    """Is nobody clearly better?"""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    label: str
    role: Role
    cells: tuple[Cell | None, ...]
    """One for each metric that is shown; None where there is no evidence."""
    costs: tuple[Cell | None, ...]
    """One for each of COSTS."""
    front: bool = False

    @property
    def columns(self) -> tuple[Cell | None, ...]:
        """Scores, then costs."""
        return (*self.cells, *self.costs)


def heads(told: "Comparison") -> list[tuple[str, str]]:
    """The metrics that are shown, each with an arrow that points to where it is better."""
    return [(metric, _arrow(told.entrants, metric)) for metrics in told.shown.values() for metric in metrics]


def lines(told: "Comparison") -> Iterator[Line]:
    """The ceiling, the entrants in their order, the floor, and the proof on the holdout where there is one."""
    metrics = [metric for metric, _ in heads(told)]
    nothing = (None,) * len(COSTS)
    yield Line(CEILING, "ceiling", tuple(_beside(told.side(metric, "ceiling")) for metric in metrics), nothing)
    leading = {metric: fronts.leaders(told.entrants, Axis(metric, metric)) if metric != fronts.PROVED else set()
               for metric in metrics}  # fmt: skip
    for each in told.entrants:
        if each.failure:
            yield Line(each.label, "failed", (None,) * len(metrics), nothing)
            continue
        cells = tuple(_cell(each.evidence(metric), each.label in leading[metric]) for metric in metrics)
        yield Line(each.label, "entrant", cells, _costs(each), each.label in told.front)
    yield Line(FLOOR, "floor", tuple(_beside(told.side(metric, "floor")) for metric in metrics), nothing)
    if told.proof is not None and not told.proof.entrant.failure:
        proved = told.proof.entrant
        cells = tuple(_cell(proved.evidence(metric), leading=False) for metric in metrics)
        yield Line(PROOF, "proof", cells, _costs(proved))


def _arrow(entrants: Sequence[Entrant], metric: str) -> str:
    found = next(evidence for each in entrants if (evidence := each.evidence(metric)))
    return "↓" if found.better == "lower" else "↑"


def _cell(found: Evidence | None, leading: bool) -> Cell | None:
    if found is not None and found.basis == "proved":
        return Cell(numeral(found.value), "proved")
    return Cell(fixed(found.value, DECIMALS), _interval(found.interval), leading) if found else None


def _beside(found: Reading | None) -> Cell | None:
    return Cell(fixed(found.value, DECIMALS), _interval(found.interval)) if found else None


def _interval(ends: tuple[float, float]) -> str:
    return f"{fixed(ends[0], DECIMALS)} to {fixed(ends[1], DECIMALS)}"


def _costs(each: Entrant) -> tuple[Cell, ...]:
    """The mean over the seeds, and the least and the most."""
    megabytes = 1e-6
    spent = ((each.fit, 1.0), (each.sampling, 1.0), (each.memory, megabytes))
    return tuple(
        Cell(numeral(cost.mean * unit, 2), f"{numeral(cost.least * unit, 2)} to {numeral(cost.most * unit, 2)}")
        for cost, unit in spent
    )
