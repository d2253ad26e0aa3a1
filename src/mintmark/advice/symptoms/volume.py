"""Would more rows help at all? The learning curve, and whether it still rises."""

import numpy as np

from mintmark.advice import schooling
from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.metrics.evidence import Reading
from mintmark.metrics.exam import resample
from mintmark.metrics.features import dealt
from mintmark.metrics.intervals import percentile

STEPS = (0.125, 0.25, 0.5, 1.0)
MARKED, SLIGHT = 0.02, 0.005
"""Gains in score by the last doubling of the rows."""
RESAMPLES = 400


class Volume:
    """What the last doubling of the training rows added to the score on unseen rows."""

    title = "Volume"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure without a target or with too few rows."""
        asked, rows, known = schooling.questions(patient)
        tested = dealt(patient.data, 3, rng)[known] == 0
        study, test = np.flatnonzero(~tested), np.flatnonzero(tested)
        study = rng.permutation(study)
        weights = resample(len(test), RESAMPLES, rng)
        scores = []
        for step in STEPS:
            part = study[: max(20, int(step * len(study)))]
            scores.append(asked.sit((rows[0][part], rows[1][part]), (rows[0][test], rows[1][test]), weights, rng))
        gain, draws = scores[-1].value - scores[-2].value, scores[-1].draws - scores[-2].draws
        interval = percentile(gain, draws)
        grade = (
            Grade.MARKED if interval[0] > 0 and gain > MARKED
            else Grade.SLIGHT if interval[0] > 0 and gain > SLIGHT
            else Grade.ABSENT
        )  # fmt: skip
        counts = [f"{int(step * len(study)):,} rows" for step in STEPS]
        return Symptom(
            grade,
            f"the last doubling, to {len(study):,} training rows, moved {asked.score} from {scores[-2].value:.3f} "
            f"to {scores[-1].value:.3f} ({interval[0]:+.3f} to {interval[1]:+.3f})",
            _helps(grade),
            Reading(gain, interval, len(test), {"score": asked.score, "curve": [each.to_json() for each in scores]}),
            Bars(
                f"{asked.score} on unseen rows, by training rows", tuple(counts), tuple(each.value for each in scores)
            ),
        )


def _helps(grade: Grade) -> str:
    if grade == Grade.ABSENT:
        return (
            "more rows of the same kind add little or nothing, synthetic ones least of all: look at features and labels"
        )
    return (
        "more real rows still help; synthetic rows learnt from these hold no more than these, and can stand in for "
        "a model that learns less from few rows than a generator does: measure `utility.augmentation` before "
        "believing it"
    )
