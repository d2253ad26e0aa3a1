"""What scores of coverage mean for a person, in a sentence each."""

from collections.abc import Callable

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, ceiling, of_a_hundred, share
from mintmark.report.numerals import numeral, percent


def _triples(evidence: Evidence) -> str:
    there = f"{share(evidence)} are there{beside(evidence, percent)}"
    return f"Of the combinations of three traits that real people share, {there}."


def _neighbours(evidence: Evidence) -> str:
    return (
        f"Of every 100 real rows, {of_a_hundred(evidence.value)} have a synthetic row as near as their own kind is"
        f"{beside(evidence, of_a_hundred)}."
    )


def _recall(evidence: Evidence) -> str:
    return (
        f"Of every 100 real people, {of_a_hundred(evidence.value)} lie where the generator makes rows"
        f"{beside(evidence, of_a_hundred)}; rows that are scattered far apart flatter this score."
    )


def _holes(evidence: Evidence) -> str:
    many = numeral(1000 * evidence.value, 2)
    slices = evidence.reading.details.get("slices")
    where = f" They gather where {slices[0]['slice']}." if slices else ""
    return (
        f"Of every 1,000 real people, {many} stand in a crowd of real people without any synthetic row among them"
        f"{ceiling(evidence, lambda share: numeral(1000 * share, 2))}.{where}"
    )


def _beta_recall(evidence: Evidence) -> str:
    reached = evidence.reading.details.get("reached")
    also = f" {percent(reached, 0)} of all real rows are reached." if reached is not None else ""
    return (
        f"From the most typical to the oddest, real rows are reached as they should be to {share(evidence)}"
        f"{beside(evidence, percent)}.{also}"
    )


def _boundary(evidence: Evidence) -> str:
    leaving = [each for each in evidence.reading.details.get("leaving", ()) if each["below"] + each["above"] > 0]
    most = f" Most of the others are in “{leaving[0]['column']}”." if leaving else ""
    return (
        f"{percent(evidence.value, 2)} of numbers lie between the smallest and the largest real one"
        f"{ceiling(evidence, percent)}.{most}"
    )


def _distinct(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"There are {percent(ratio, 0)} as many distinct rows as among as many real ones{ceiling(evidence)}."


def _tails(evidence: Evidence) -> str:
    return (
        f"The lowest and highest hundredth and thousandth of numbers begin {numeral(evidence.value, 2)} interquartile "
        f"ranges from where they really do{beside(evidence)}."
    )


def _extremes(evidence: Evidence) -> str:
    times = numeral(evidence.reading.details.get("once_in", 10_000))
    return f"What is exceeded once in {times} rows lies {share(evidence)} off on average{beside(evidence, percent)}."


def _modes(evidence: Evidence) -> str:
    kept = f"{share(evidence)} of its proportion on average"
    return f"A kind of row that reality has is there to {kept}{beside(evidence, percent)}."


def _missing_mass(evidence: Evidence) -> str:
    often = percent(evidence.value, 2)
    return (
        f"In {often} of cases a real person has a combination of traits that these rows never show"
        f"{beside(evidence, percent)}."
    )


def _diversity(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"There are {percent(ratio, 0)} as many different rows as in real data{ceiling(evidence)}."


def _novelty(evidence: Evidence) -> str:
    ratio = evidence.reading.details.get("ratio", evidence.value)
    return f"Combinations that were not learnt turn up {percent(ratio, 0)} as often as in fresh real rows."


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "coverage.triples": _triples,
    "coverage.neighbours": _neighbours,
    "coverage.recall": _recall,
    "coverage.holes": _holes,
    "coverage.beta_recall": _beta_recall,
    "coverage.boundary": _boundary,
    "coverage.distinct": _distinct,
    "coverage.tails": _tails,
    "coverage.extremes": _extremes,
    "coverage.modes": _modes,
    "coverage.missing_mass": _missing_mass,
    "coverage.diversity": _diversity,
    "coverage.novelty": _novelty,
}
