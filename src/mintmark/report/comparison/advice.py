"""What follows from a comparison, in words: whom to take and why, or why nobody can be advised."""

from collections.abc import Sequence
from dataclasses import dataclass

from mintmark.metrics.evidence import Claim, Evidence
from mintmark.metrics.position import Position
from mintmark.report.comparison import front as fronts
from mintmark.report.comparison.entrant import Entrant
from mintmark.report.comparison.front import Axis
from mintmark.report.numerals import numeral

LEARNT = (Claim.FIDELITY, Claim.UTILITY)
"""Claims under which a method must beat shuffled columns, or it has learnt nothing that they do not know."""

HINT = " Where a little may be given away, say how much in a rule, such as privacy.membership <= 0.03."
"""Without a gate, all is too much that unseen real rows do not give away as well."""


@dataclass(frozen=True)
class Advice:
    """Whom to take, in words; everything in it follows from the table."""

    headline: str
    reasons: tuple[str, ...]
    """What sets those that are advised apart from each other, axis by axis."""
    advised: tuple[str, ...]
    chosen: str | None
    """The one that was put before the holdout."""
    standings: dict[str, str]
    """What is said of each entrant, by its label."""


def advise(entrants: Sequence[Entrant], by: Sequence[Axis]) -> Advice:
    """Advises the front of those against whom nothing speaks.

    They beat shuffled columns and pass the gate; without a gate, they are not shown to give away more than unseen real
    rows do.
    """
    best = fronts.front(entrants, by)
    ran = [entrant for entrant in entrants if not entrant.failure]
    kept = fronts.front([entrant for entrant in ran if not objection(entrant)], by)
    standings = {entrant.label: _standing(entrant, ran, best, kept, by) for entrant in entrants}
    chosen = _chosen(kept, by)
    reasons = tuple(_reason(axis, kept) for axis in by) if len(kept) > 1 else ()
    return Advice(_headline(kept, best, ran), reasons, tuple(each.label for each in kept), chosen, standings)


def objection(entrant: Entrant) -> str:
    """What speaks against an entrant, wherever it stands; empty where nothing does."""
    found = next(filter(None, (_no_better_than_shuffled(entrant, claim) for claim in LEARNT)), "")
    if found:
        return found
    if entrant.decision is not None:
        failed = [verdict for verdict in entrant.decision.verdicts if not verdict.passed]
        told = "; ".join(f"{verdict.rule} ({' '.join(verdict.why.split())})" for verdict in failed)
        return f"the gate would refuse it: {told}" if failed else ""
    leak = next((found for found in _privacy(entrant) if _worse_than_real(found)), None)
    if leak is None:
        return ""
    assert leak.ceiling is not None
    beside = numeral(leak.ceiling.value)
    return f"it gives away more than unseen real rows do: {leak.metric} {numeral(leak.value)} against {beside}"


def _no_better_than_shuffled(entrant: Entrant, claim: Claim) -> str:
    """By the claim's first question that tells unseen real rows from shuffled columns; empty where it is better."""
    asked = [entrant.evidence(metric) for metric in fronts.HEADLINES[claim]]
    found = next((each for each in asked if each and isinstance(each.position, Position)), None)
    if found is None:
        return ""
    assert found.floor is not None
    if fronts.standing(found, Evidence(found.metric, found.claim, found.better, found.floor)) == "better":
        return ""
    beside = f"{found.metric} {numeral(found.value)} against {numeral(found.floor.value)}"
    return f"nothing shows it to be better than shuffled columns: {beside}"


def _privacy(entrant: Entrant) -> list[Evidence]:
    found = [entrant.evidence(metric) for metric in fronts.HEADLINES[Claim.PRIVACY]]
    return [evidence for evidence in found if evidence is not None]


def _worse_than_real(found: Evidence) -> bool:
    if found.ceiling is None:
        return False
    return fronts.standing(found, Evidence(found.metric, found.claim, found.better, found.ceiling)) == "worse"


def _chosen(kept: Sequence[Entrant], by: Sequence[Axis]) -> str | None:
    """Clearly behind the best on the fewest axes; of equals, who may leak least at worst; of these, the quickest.

    Where little is known, "cannot be told apart" must not make a quick leak as good as the rest.
    """
    leak = next((axis.metric for axis in by if axis.name == Claim.PRIVACY), None)

    def behind(entrant: Entrant) -> tuple[int, float, float]:
        found = entrant.evidence(leak) if leak else None
        worst = 0.0 if found is None else found.worst if found.better == "lower" else -found.worst
        return (
            sum(any(axis.compare(entrant, other) == "worse" for other in kept) for axis in by),
            worst,
            entrant.time.mean,
        )

    return min(kept, key=behind).label if kept else None


def _headline(kept: Sequence[Entrant], best: Sequence[Entrant], ran: Sequence[Entrant]) -> str:
    if not ran:
        return "Nobody can be advised: not one of them could be fitted and judged."
    if not kept:
        whom = "each of them" if len(ran) > 1 else ran[0].label
        judged = any(entrant.decision is not None for entrant in ran)
        return f"Nobody can be advised: something speaks against {whom}.{'' if judged else HINT}"
    if any(entrant not in best for entrant in kept):
        whom = _either([entrant.label for entrant in kept])
        return (
            f"Take {whom}: nothing speaks against {_them(kept)}, as something does against all who beat {_them(kept)}."
        )
    if len(kept) == 1 and len(best) > 1:
        return f"Take {kept[0].label}: the only one on the front against which nothing speaks."
    place = "it is alone on the front" if len(kept) == 1 else "on the front"
    return f"Take {_either([entrant.label for entrant in kept])}: {place}, and {_passing(kept)}."


def _passing(kept: Sequence[Entrant]) -> str:
    if any(entrant.decision is not None for entrant in kept):
        return "passes the gate" if len(kept) == 1 else "all of them pass the gate"
    whom = "it" if len(kept) == 1 else "none of them"
    shown = "is not shown" if len(kept) == 1 else "is shown"
    return f"{whom} {shown} to give away more than unseen real rows do"


def _them(entrants: Sequence[Entrant]) -> str:
    return "it" if len(entrants) == 1 else "them"


def _either(labels: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))


def _both(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _reason(axis: Axis, kept: Sequence[Entrant]) -> str:
    """What an axis says of those that are advised."""
    named = f"In {axis.name} ({axis.metric})" if axis.metric else "In time"
    behind = [one for one in kept if any(axis.compare(one, other) == "worse" for other in kept)]
    if not behind:
        return f"{named} they cannot be told apart."
    ahead = [one for one in kept if one not in behind]
    verb = "is" if len(behind) == 1 else "are"
    return (
        f"{named} {_both([_valued(one, axis) for one in behind])} {verb} clearly behind "
        f"{_both([_valued(one, axis) for one in ahead])}."
    )


def _valued(entrant: Entrant, axis: Axis) -> str:
    return f"{entrant.label} ({_value(entrant, axis)})"


def _value(entrant: Entrant, axis: Axis) -> str:
    if axis.metric is None:
        return f"{numeral(entrant.time.mean, 2)} CPU-s"
    found = entrant.evidence(axis.metric)
    return numeral(found.value) if found else "–"


def _standing(
    entrant: Entrant, ran: Sequence[Entrant], best: Sequence[Entrant], kept: Sequence[Entrant], by: Sequence[Axis]
) -> str:
    if entrant.failure:
        return f"Could not be compared: {' '.join(entrant.failure.split())}"
    if entrant in best:
        against = objection(entrant)
        return f"On the front, but {against}." if against else "On the front."
    winner = next((other for other in best if fronts.beats(other, entrant, by)), None)
    winner = winner or next(other for other in ran if fronts.beats(other, entrant, by))
    where = [axis for axis in by if axis.compare(winner, entrant) == "better"]
    told = _both([f"{axis.name} ({_value(winner, axis)} against {_value(entrant, axis)})" for axis in where])
    rest = "" if len(where) == len(by) else ", and clearly worse in nothing"
    beaten = f"Beaten by {winner.label}: clearly better in {told}{rest}."
    if entrant in kept:
        return f"{beaten} But something speaks against {winner.label}, and nothing against it."
    against = objection(entrant)
    return f"{beaten} And {against}." if against and objection(winner) else beaten
