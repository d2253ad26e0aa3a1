"""How many rows have no label, and are they different rows?"""

import numpy as np

from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.errors import CannotMeasure
from mintmark.metrics import boosting, roc
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space, dealt
from mintmark.metrics.intervals import proportion

MARKED, SLIGHT = 0.2, 0.01
APART = 0.6
"""An AUC from which on unlabelled rows are of another kind than labelled ones."""
FEWEST = 50
"""Unlabelled rows, and labelled ones, that telling them apart takes."""


class Labels:
    """The share of rows whose target is missing, and whether a model tells them from the labelled ones."""

    title = "Missing labels"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure without a target."""
        if patient.target is None:
            raise CannotMeasure("there is no target: say which column is to be predicted")
        column = patient.data.table[patient.target]
        n, gone = len(patient.data), column.null_count
        share = gone / n
        apart = self._apart(patient, rng) if min(gone, n - gone) >= FEWEST else None
        grade = Grade.MARKED if share > MARKED else Grade.SLIGHT if share > SLIGHT else Grade.ABSENT
        said = "" if apart is None else f"; a model tells them from labelled rows with an AUC of {apart:.2f}"
        return Symptom(
            grade,
            f"{gone:,} of {n:,} rows ({share:.1%}) have no {patient.target}{said}",
            _helps(grade, apart),
            Reading(share, proportion(gone, n), n, {} if apart is None else {"auc_of_unlabelled_rows": apart}),
            Bars("share of the rows", ("labelled", "not labelled"), (1 - share, share)),
        )

    def _apart(self, patient: Patient, rng: np.random.Generator) -> float:
        features = patient.data.only([name for name in patient.data.columns.names if name != patient.target])
        space = Space.of(features)
        X, gone = space.matrix(features), patient.data.table[patient.target].is_null().to_numpy()
        half = dealt(patient.data, 2, rng).astype(bool)
        model = boosting.fit(X[half], gone[half].astype(float), categorical=space.categorical, task="binary", rng=rng)
        said = boosting.scores(model, X[~half])
        return roc.auc(said[gone[~half]], said[~gone[~half]])[0]


def _helps(grade: Grade, apart: float | None) -> str:
    if grade == Grade.ABSENT:
        return "nearly every row has its label"
    if apart is not None and apart > APART:
        return (
            "the rows without labels are of another kind: labels made by what was learnt from the others would be "
            "wrong there; label some of them by hand, those that a model is least sure of first"
        )
    return (
        "simulated rows bring their labels with them; labels guessed by a model (`given`) are no new knowledge, and "
        "are to be marked as such; labelling those rows first that a model is least sure of is often cheaper"
    )
