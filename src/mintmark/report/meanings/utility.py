"""What scores of utility mean for a person, in a sentence each."""

from collections.abc import Callable

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, ceiling
from mintmark.report.numerals import percent


def _reverse(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    easier = "; these rows are easier than reality" if ratio > 1 and evidence.interval[1] < 1 else ""
    return (
        f"What a model has learnt from real rows holds for these to {percent(ratio, 0)} of what holds for unseen real "
        f"ones{easier}."
    )


def _minority(evidence: Evidence) -> str:
    named = evidence.reading.details.get("class")
    which = f" (“{named}”)" if named is not None else ""
    return (
        f"What a model learns from real rows about the rarest class{which}, it learns to {percent(evidence.value, 0)} "
        f"(at worst {percent(evidence.worst, 0)}) from as many of these{ceiling(evidence, percent)}."
    )


def _curve(evidence: Evidence) -> str:
    return (
        f"With a growing share of real rows replaced by these, a model keeps {percent(evidence.value, 0)} of what it "
        f"learns, on average over the shares{ceiling(evidence, percent)}.{_costs(evidence)}"
    )


def _costs(evidence: Evidence) -> str:
    details = evidence.reading.details
    if "costs_from" not in details:
        return ""
    share = details["costs_from"]
    if share is None:
        return " No share that was tried costs more than chance."
    return f" It costs something from a share of {percent(share, 0)} on."


def _families(evidence: Evidence) -> str:
    families = evidence.reading.details.get("families")
    which = f", {min(families, key=lambda each: each['ratio'])['family']}," if families else ""
    return (
        f"The kind of model that suffers most{which} learns {percent(evidence.value, 0)} "
        f"(at worst {percent(evidence.worst, 0)}) of what it learns from as many real rows{ceiling(evidence, percent)}."
    )


def _ranking(evidence: Evidence) -> str:
    chosen, best = (evidence.reading.details.get(key) for key in ("chosen", "best"))
    which = "" if chosen is None else f" ({chosen})" if chosen == best else f" ({chosen}; really best is {best})"
    return (
        f"Choosing a model by these rows alone{which} costs {percent(evidence.value)} of what the best model gains"
        f"{beside(evidence, percent)}."
    )


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "utility.reverse": _reverse,
    "utility.minority": _minority,
    "utility.curve": _curve,
    "utility.families": _families,
    "utility.ranking": _ranking,
}
