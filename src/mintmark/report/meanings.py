"""What scores of coverage, fairness and shortcuts mean for a person, in a sentence each."""

from collections.abc import Callable, Mapping
from typing import Any

from mintmark.metrics.evidence import Evidence
from mintmark.report.numerals import numeral, percent


def beside(evidence: Evidence) -> str:
    """What unseen real data and shuffled columns score under the same question, in brackets."""
    parts = []
    if evidence.ceiling:
        parts.append(f"unseen real data scores {numeral(evidence.ceiling.value, 2)}")
    if evidence.floor:
        parts.append(f"columns shuffled independently {numeral(evidence.floor.value, 2)}")
    return f" ({', '.join(parts)})" if parts else ""


def _triples(evidence: Evidence) -> str:
    return (
        f"Of the combinations of three traits that real people share, {_share(evidence)} are there{beside(evidence)}."
    )


def _tails(evidence: Evidence) -> str:
    return (
        f"The lowest and highest hundredth and thousandth of numbers begin {numeral(evidence.value, 2)} interquartile "
        f"ranges from where they really do{beside(evidence)}."
    )


def _extremes(evidence: Evidence) -> str:
    times = numeral(evidence.reading.details.get("once_in", 10_000))
    return f"What is exceeded once in {times} rows lies {_share(evidence)} off on average{beside(evidence)}."


def _modes(evidence: Evidence) -> str:
    return (
        f"A kind of row that reality has is there to {_share(evidence)} of its proportion on average{beside(evidence)}."
    )


def _missing_mass(evidence: Evidence) -> str:
    often = percent(evidence.value, 2)
    return (
        f"In {often} of cases a real person has a combination of traits that these rows never show{beside(evidence)}."
    )


def _diversity(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"There are {percent(ratio, 0)} as many different rows as in real data{_ceiling(evidence)}."


def _novelty(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"Combinations that were not learnt turn up {percent(ratio, 0)} as often as in fresh real rows."


def _parity(evidence: Evidence) -> str:
    return f"{_between(evidence.reading.details, 'decides')}{beside(evidence)}."


def _odds(evidence: Evidence) -> str:
    return f"{_between(evidence.reading.details, 'errs')}{beside(evidence)}."


def _between(details: Mapping[str, Any], does: str) -> str:
    widest = details.get("widest")
    if not widest:
        return f"A model that learnt from these rows {does} differently about groups of people"
    (most, top), (least, bottom) = ((widest[end]["group"], widest[end]["value"]) for end in ("highest", "lowest"))
    return (
        f"A model that learnt from these rows {does} most differently about “{most}” ({numeral(top, 2)}) "
        f"and “{least}” ({numeral(bottom, 2)}), by its {_rate(widest['outcome'])}"
    )


def _rate(outcome: str) -> str:
    return f"{outcome}" if " " in outcome else f"rate of {outcome}"


def _worst_group(evidence: Evidence) -> str:
    groups = evidence.reading.details.get("groups")
    who = f"“{groups[0]['group']}”" if groups else "a group"
    score = evidence.reading.details.get("score", "score")
    return f"Worst served is {who}, with a {score} of {numeral(evidence.value, 2)}{beside(evidence)}."


def _amplification(evidence: Evidence) -> str:
    way = "wider" if evidence.value >= 0 else "narrower"
    gap = percent(abs(evidence.value))
    return f"The gap between groups is {gap} {way} than that of a model that learnt from real rows{_ceiling(evidence)}."


def _within_class(evidence: Evidence) -> str:
    if evidence.interval[0] <= 0:
        return "Synthetic rows of all classes are told from real ones alike, as far as these rows can say."
    return (
        f"Synthetic rows of one class are told from real ones more surely than those of another: by {_points(evidence)}"
        f"{_ceiling(evidence)}."
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
    return f"{where} {what} in {percent(evidence.value)} of rows{_ceiling(evidence)}{found}"


def _share(evidence: Evidence) -> str:
    return percent(evidence.value)


def _ceiling(evidence: Evidence) -> str:
    return f" (unseen real data: {numeral(evidence.ceiling.value, 2)})" if evidence.ceiling else ""


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "coverage.triples": _triples,
    "coverage.tails": _tails,
    "coverage.extremes": _extremes,
    "coverage.modes": _modes,
    "coverage.missing_mass": _missing_mass,
    "coverage.diversity": _diversity,
    "coverage.novelty": _novelty,
    "fairness.parity": _parity,
    "fairness.odds": _odds,
    "fairness.worst_group": _worst_group,
    "fairness.amplification": _amplification,
    "shortcuts.within_class": _within_class,
    "shortcuts.nuisance": _nuisance,
    "shortcuts.importance": _importance,
    "shortcuts.rounding": _rounding,
    "shortcuts.missingness": _missingness,
}
