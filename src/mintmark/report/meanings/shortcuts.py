"""What scores of shortcuts mean for a person, in a sentence each."""

from collections.abc import Callable

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, ceiling
from mintmark.report.numerals import numeral, percent


def _within_class(evidence: Evidence) -> str:
    if evidence.interval[0] <= 0:
        return "Synthetic rows of all classes are told from real ones alike, as far as these rows can say."
    return (
        f"Synthetic rows of one class are told from real ones more surely than those of another: by {_points(evidence)}"
        f"{ceiling(evidence)}."
    )


def _nuisance(evidence: Evidence) -> str:
    if evidence.interval[0] <= 0:
        return "Digits, lengths and gaps tell the answer no better than they do in reality."
    return f"Digits, lengths and gaps alone tell the answer better than in reality: by {_points(evidence)}."


def _points(evidence: Evidence) -> str:
    return f"{numeral(evidence.value, 2)} (at worst {numeral(evidence.worst, 2)}) on a scale from 0 to 1"


def _importance(evidence: Evidence) -> str:
    return (
        "Models that learnt from these rows and from real ones rank columns alike to "
        f"{numeral(evidence.value, 2)}, where 1 is the same order{beside(evidence)}."
    )


def _rounding(evidence: Evidence) -> str:
    return f"{_differs(evidence, 'In the column furthest off', 'numbers are written in another way')}."


def _missingness(evidence: Evidence) -> str:
    return f"{_differs(evidence, 'In the class furthest off', 'other values are missing')}."


def _differs(evidence: Evidence, where: str, what: str) -> str:
    named = evidence.reading.details.get("differ")
    found = f"; more than chance makes in {', '.join(named[:5])}" if named else "; no more than chance makes"
    return f"{where} {what} in {percent(evidence.value)} of rows{ceiling(evidence)}{found}"


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "shortcuts.within_class": _within_class,
    "shortcuts.nuisance": _nuisance,
    "shortcuts.importance": _importance,
    "shortcuts.rounding": _rounding,
    "shortcuts.missingness": _missingness,
}
