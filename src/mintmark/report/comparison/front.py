"""Who is beaten by whom: axes of comparison, what can be told apart on them, and the Pareto front."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mintmark.metrics.draws import of_mean
from mintmark.metrics.evidence import Claim, Evidence
from mintmark.report.comparison.entrant import Entrant

HEADLINES: Mapping[Claim, tuple[str, ...]] = {
    Claim.FIDELITY: ("fidelity.detection", "fidelity.pairs", "fidelity.marginals"),
    Claim.UTILITY: ("utility.transfer", "utility.minority", "utility.inference"),
    Claim.PRIVACY: ("privacy.membership", "privacy.near_copies", "privacy.copies"),
    Claim.FAIRNESS: ("fairness.representation", "fairness.odds", "fairness.worst_group"),
}
"""The scores that speak for each claim, the first that was measured first."""
SHOWN = 2
"""Scores of each claim that a table shows."""
PROVED = "privacy.guarantee"
"""The ε that an entrant proves stands beside them wherever somebody proves one; nobody is ahead by it, for it is asked
for and not found out."""
FACTOR = 2.0
"""Times that differ by less than this are not told apart: the machine's own moods are as large."""
MOMENT_S = 1.0
"""Nor are those that differ by less than this: nobody chooses a method for a second."""

Standing = Literal["better", "worse", "alike"]


@dataclass(frozen=True)
class Axis:
    """One thing that entrants are compared by: a metric, or processor time."""

    name: str
    metric: str | None

    def compare(self, one: Entrant, other: Entrant) -> Standing:
        """Is the one clearly better or worse than the other, or do their intervals not tell them apart?"""
        if self.metric is None:
            return _times(one, other)
        first, second = one.evidence(self.metric), other.evidence(self.metric)
        assert first is not None
        assert second is not None
        return standing(first, second)


TIME = Axis("time", None)


def standing(one: Evidence, other: Evidence) -> Standing:
    """Two scores are told apart where they differ by more than the arms of their intervals that face each other.

    The intervals are those of the means over all seeds, for methods are compared and not single fits. The arms are
    joined as those of independent estimates (Newcombe 1998; Donner & Zou 2012). Both scores meet the same real rows, so
    that the true error of their difference is smaller: this errs towards "cannot be told apart".
    """
    low, high = sorted((one, other), key=lambda evidence: evidence.value)
    arms = math.hypot(of_mean(low.reading)[1] - low.value, high.value - of_mean(high.reading)[0])
    if not high.value - low.value > arms:
        return "alike"
    return "better" if (one is low) == (one.better == "lower") else "worse"


def shown(entrants: Sequence[Entrant]) -> dict[Claim, tuple[str, ...]]:
    """The metrics of each claim that a table shows: those of the headlines that anybody has evidence for."""
    out = {}
    for claim, metrics in HEADLINES.items():
        asked = [finding.metric for entrant in entrants for finding in entrant.findings or ()]
        others = sorted({metric for metric in asked if metric.startswith(f"{claim}.") and metric not in metrics})
        found = [metric for metric in (*metrics, *others) if any(entrant.evidence(metric) for entrant in entrants)]
        scores, proofs = [each for each in found if each != PROVED], [each for each in found if each == PROVED]
        if found:
            out[claim] = (*scores[:SHOWN], *proofs)
    return out


def axes(entrants: Sequence[Entrant]) -> tuple[Axis, ...]:
    """Of each claim the first score that all have evidence for; and processor time."""
    ran = [entrant for entrant in entrants if not entrant.failure]
    out = []
    for claim, metrics in shown(ran).items():
        every = [metric for metric in metrics if metric != PROVED and all(each.evidence(metric) for each in ran)]
        out += [Axis(str(claim), metric) for metric in every[:1]]
    return (*out, TIME) if ran else ()


def leaders(entrants: Sequence[Entrant], axis: Axis) -> set[str]:
    """Labels of those than whom nobody is clearly better on that axis."""
    ran = [each for each in entrants if axis.metric is None or each.evidence(axis.metric)]
    return {one.label for one in ran if not any(axis.compare(one, other) == "worse" for other in ran)}


def beats(one: Entrant, other: Entrant, by: Sequence[Axis]) -> bool:
    """Clearly better on some axis, and clearly worse on none."""
    found = {axis.compare(one, other) for axis in by}
    return "better" in found and "worse" not in found


def front(entrants: Sequence[Entrant], by: Sequence[Axis]) -> tuple[Entrant, ...]:
    """Those whom nobody beats.

    "Cannot be told apart" is not transitive, so that three may beat each other in a ring: whoever beats back, if by way
    of others, counts as not beaten. So the front is never empty.
    """
    ran = [entrant for entrant in entrants if not entrant.failure]
    above = {one.label: {other.label for other in ran if beats(other, one, by)} for one in ran}
    for through in above:  # Warshall 1962: who beats whom, also by way of others
        for one in above:
            if through in above[one]:
                above[one] |= above[through]
    return tuple(one for one in ran if all(one.label in above[other] for other in above[one.label]))


def _times(one: Entrant, other: Entrant) -> Standing:
    mine, theirs = one.time.mean, other.time.mean
    if max(mine, theirs) < FACTOR * min(mine, theirs) or abs(mine - theirs) < MOMENT_S:
        return "alike"
    return "better" if mine < theirs else "worse"
