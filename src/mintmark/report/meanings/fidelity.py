"""What scores of fidelity mean for a person, in a sentence each."""

from collections.abc import Callable, Sequence

from mintmark.metrics.evidence import Evidence
from mintmark.report.meanings.beside import beside, share
from mintmark.report.numerals import numeral, percent

SURE = 0.05
"""The p-value below which a difference is said to be more than chance."""


def _associations(evidence: Evidence) -> str:
    furthest = evidence.reading.details.get("furthest")
    off = ""
    if furthest:
        first = furthest[0]
        here, really = numeral(first["synthetic"], 2), numeral(first["real"], 2)
        off = f" Furthest off are {_listed(first['columns'])}: {here} here, {really} in reality."
    return (
        f"How strongly two columns hang together is off by {numeral(evidence.value, 2)} on average, "
        f"where 1 is a perfect tie{beside(evidence)}.{off}"
    )


def _triples(evidence: Evidence) -> str:
    furthest = evidence.reading.details.get("furthest")
    off = f" Furthest off are {_listed(furthest[0]['columns'])}." if furthest else ""
    return (
        f"Cross-tabulated by three columns, {share(evidence)} of rows are in a cell where they should not be"
        f"{beside(evidence, percent)}.{off}"
    )


def _shift(evidence: Evidence) -> str:
    columns = evidence.reading.details.get("columns", ())
    named = f"“{columns[0]['column']}”" if columns else "one column"
    sure = [each["column"] for each in columns if each["p_holm"] < SURE]
    chance = f"More than chance makes: {', '.join(sure[:5])}." if sure else "Chance may explain this in every column."
    return (
        f"Furthest from reality lies {named}: {share(evidence)} of its values would have to move at least"
        f"{beside(evidence, percent)}.{f' {chance}' if columns else ''}"
    )


def _mmd(evidence: Evidence) -> str:
    p_value = evidence.reading.details.get("p_value")
    dealt = (
        f"; real rows dealt into two tables at random lie as far apart in {percent(p_value)} of cases"
        if p_value is not None
        else ""
    )
    return (
        f"As clouds, synthetic and real rows lie {numeral(evidence.value, 2)} apart, where 0 is alike{dealt}"
        f"{beside(evidence)}."
    )


def _kernel(evidence: Evidence) -> str:
    return (
        f"Means, spreads, correlations and skewness of all columns together are {numeral(evidence.value, 2)} off, "
        f"where 0 is alike and chance lies about 0{beside(evidence)}."
    )


def _frechet(evidence: Evidence) -> str:
    return (
        f"Moving the synthetic cloud of rows onto the real one costs {numeral(max(0.0, evidence.value), 2)}, "
        f"where 1 is a step of one standard deviation for every row{beside(evidence)}."
    )


def _coral(evidence: Evidence) -> str:
    return f"Spreads and correlations are {numeral(evidence.value, 2)} off, where 0 is alike{beside(evidence)}."


def _linear(evidence: Evidence) -> str:
    return (
        "Shown one real and one synthetic row, a weighted sum of columns tells which is which "
        f"{percent(evidence.value, 0)} of the time{beside(evidence, percent)}; that it cannot certifies nothing."
    )


def _gap(evidence: Evidence) -> str:
    error = evidence.reading.details.get("error", (1 - evidence.value / 2) / 2)
    return (
        f"Asked from which world a row comes, a learner errs in {percent(error)} of cases, where guessing errs in "
        f"half of them: the less it errs, the worse lessons may travel from one to the other{_unseen(evidence)}."
    )


def _unseen(evidence: Evidence) -> str:
    """The error on unseen real rows, from the distance 2 (1 − 2 error)."""
    ceiling = evidence.ceiling
    return f" (with unseen real data: {percent((1 - ceiling.value / 2) / 2)})" if ceiling else ""


def _precision(evidence: Evidence) -> str:
    return f"{share(evidence)} of synthetic rows lie where real rows are{beside(evidence, percent)}."


def _density(evidence: Evidence) -> str:
    return (
        f"A synthetic row lies among {percent(evidence.value, 0)} as many real ones as a fresh real row would"
        f"{beside(evidence, percent)}; far above 100\u00a0% they crowd."
    )


def _alpha_precision(evidence: Evidence) -> str:
    oddity = evidence.reading.details.get("mean_oddity")
    also = f" Their mean rank of oddity is {numeral(oddity, 2)}, that of real rows 0.5." if oddity is not None else ""
    return f"Rows are as typical, and as odd, as real ones to {share(evidence)}{beside(evidence, percent)}.{also}"


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


MEANINGS: dict[str, Callable[[Evidence], str]] = {
    "fidelity.associations": _associations,
    "fidelity.triples": _triples,
    "fidelity.shift": _shift,
    "fidelity.mmd": _mmd,
    "fidelity.kernel": _kernel,
    "fidelity.frechet": _frechet,
    "fidelity.coral": _coral,
    "fidelity.linear": _linear,
    "fidelity.gap": _gap,
    "fidelity.precision": _precision,
    "fidelity.density": _density,
    "fidelity.alpha_precision": _alpha_precision,
}
