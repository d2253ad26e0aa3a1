"""Is one class of the target much rarer than the others?"""

import numpy as np
import pyarrow.compute as pc

from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.data import arrays
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.intervals import proportion

RARE, SCARCE = 0.05, 0.2
"""Below these shares the rarest class is rare, or scarce."""
FEWEST = 30
"""From fewer examples a generator learns those, and not their kind."""
SHOWN = 12


class Imbalance:
    """The share of the rarest class: a model that never names it is right nearly always."""

    title = "Imbalance"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:  # noqa: ARG002
        """CannotMeasure without a target that has classes."""
        if patient.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        if not patient.data.columns[patient.target].discrete:
            raise CannotMeasure(f"{patient.target} is a quantity and has no classes")
        counted = pc.value_counts(arrays.text(patient.data.table[patient.target]).drop_null())
        counts = dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))
        if len(counts) < 2:
            raise CannotMeasure(f"{patient.target} has one class only")
        rarest = min(counts, key=lambda level: counts[level])
        total, share = sum(counts.values()), counts[rarest] / sum(counts.values())
        even = 1 / len(counts)
        grade = Grade.MARKED if share < RARE * 2 * even else Grade.SLIGHT if share < SCARCE * 2 * even else Grade.ABSENT
        order = sorted(counts, key=lambda level: counts[level])[:SHOWN]
        return Symptom(
            grade,
            f"the rarest class of {patient.target}, {rarest}, is {share:.1%} of {total:,} rows",
            _helps(grade, counts[rarest]),
            Reading(share, proportion(counts[rarest], total), total, {"classes": len(counts), "rows": counts[rarest]}),
            Bars("share of the rows in each class, the rarest first", tuple(order),
                 tuple(counts[level] / total for level in order)),
        )  # fmt: skip


def _helps(grade: Grade, rows: int) -> str:
    if grade == Grade.ABSENT:
        return "nothing needs to be balanced"
    if rows < FEWEST:
        return f"no generator learns a class from {rows} examples: collect or simulate more; re-weight until then"
    return (
        "rows of the rare class, made with `where`, may help models that cannot weigh rows; first try class weights "
        "and another threshold, which cost nothing, and recalibrate what was trained on balanced rows"
    )
