"""What scores of fairness mean for a person, in a sentence each."""

from collections.abc import Callable, Mapping
from typing import Any

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, ceiling
from mintmark.report.numerals import numeral, percent


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
    return f"The gap between groups is {gap} {way} than that of a model that learnt from real rows{ceiling(evidence)}."


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "fairness.parity": _parity,
    "fairness.odds": _odds,
    "fairness.worst_group": _worst_group,
    "fairness.amplification": _amplification,
}
