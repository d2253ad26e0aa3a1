"""Has the world moved since the data was collected?"""

import numpy as np

from mintmark import catalog
from mintmark.advice.symptom import Bars, Grade, Patient, Symptom, first
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.metric import Case, Metric

SURE = 0.01
"""Adjusted p-values below this: one false alarm among all columns in a hundred looks."""
MARKED = 0.1
SHOWN = 10


class Drift:
    """The column that differs most between the data and the second sample, tested by dealing the rows anew (Holm)."""

    title = "Drift"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure without a second sample."""
        if patient.other is None:
            raise CannotMeasure("there is no second sample to compare with: give one with --other")
        shift: Metric = catalog.build("metrics", "fidelity.shift", {})
        found = shift.measure(Case(patient.other, holdout=patient.data), rng=rng)
        columns = found.details["columns"]
        moved = [each for each in columns if each["p_holm"] < SURE]
        names = [each["column"] for each in moved]
        grade = Grade.ABSENT if not moved else Grade.MARKED if moved[0]["distance"] > MARKED else Grade.SLIGHT
        said = f"{first(names)} differ{'s' * (len(names) == 1)}" if moved else "no column surely differs"
        return Symptom(
            grade,
            f"between {len(patient.data):,} and {len(patient.other):,} rows {said}"
            + (f", at most by {moved[0]['distance']:.2f}" if moved else ""),
            _helps(grade),
            Reading(found.value, found.interval, found.n, {"columns": columns[:50]}),
            Bars("distance between both samples, by column", tuple(each["column"] for each in columns[:SHOWN]),
                 tuple(each["distance"] for each in columns[:SHOWN])),
        )  # fmt: skip


def _helps(grade: Grade) -> str:
    if grade == Grade.ABSENT:
        return "what is generated from this data is not stale as far as single columns tell"
    return (
        "what is learnt from the older rows is stale where they differ, and so is what is generated from them: "
        "learn from the newer rows, or weigh the older ones; no generator knows what has changed"
    )
