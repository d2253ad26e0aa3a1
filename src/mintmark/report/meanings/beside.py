"""What other data scores under the same question, and shares of rows, as parts of a sentence."""

from collections.abc import Callable

from mintmark.metrics.evidence import Evidence
from mintmark.report.numerals import numeral, percent


def beside(evidence: Evidence, told: Callable[[float], str] = numeral) -> str:
    """What unseen real data and shuffled columns score under the same question, in brackets, as `told` writes it."""
    parts = []
    if evidence.ceiling:
        parts.append(f"unseen real data scores {told(evidence.ceiling.value)}")
    if evidence.floor:
        parts.append(f"columns shuffled independently {told(evidence.floor.value)}")
    return f" ({', '.join(parts)})" if parts else ""


def ceiling(evidence: Evidence, told: Callable[[float], str] = numeral) -> str:
    """What unseen real data scores, in brackets."""
    return f" (unseen real data: {told(evidence.ceiling.value)})" if evidence.ceiling else ""


def share(evidence: Evidence) -> str:
    """The score as per cent."""
    return percent(evidence.value)


def of_a_hundred(value: float) -> str:
    """A share as a number out of every hundred."""
    return numeral(100 * value, 2)
