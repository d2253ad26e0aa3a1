"""Do groups of people differ in number, in outcome, or in how well a model serves them?"""

from itertools import combinations

import numpy as np

from mintmark.advice import schooling
from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.data import arrays
from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Reading
from mintmark.metrics.intervals import difference

FEWEST = 30
"""Of a smaller group nothing is said."""
MARKED, SLIGHT = 0.1, 0.03
SHOWN = 12


class Bias:
    """The largest gap, between two groups, of how often a model errs on them; groups and their intersections by two.

    Models err on rows that they did not learn from. Details hold each group's share, its rate of the rarer outcome, and
    its rate of errors.
    """

    title = "Groups of people"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure without sensitive columns, a target with classes, or two groups of thirty."""
        if not patient.sensitive:
            raise CannotMeasure("no column was named that tells groups of people apart")
        asked, rows, known = schooling.questions(patient)
        if asked.classes is None:
            raise CannotMeasure(f"{patient.target} is a quantity: rates of errors are told for classes")
        said = schooling.probabilities(asked, schooling.answers(patient, asked, rows, known, rng))
        wrong = said.argmax(axis=1) != rows[1]
        rarer = rows[1] == np.bincount(rows[1].astype(int)).argmin()
        groups = {name: where[known] for name, where in _groups(patient).items() if where[known].sum() >= FEWEST}
        if len(groups) < 2:
            raise CannotMeasure(f"there are not two groups of {FEWEST} labelled rows and more")
        errors = {name: float(wrong[where].mean()) for name, where in groups.items()}
        worst, best = max(errors, key=lambda name: errors[name]), min(errors, key=lambda name: errors[name])
        gap = errors[worst] - errors[best]
        pairs = len(groups) * (len(groups) - 1) / 2  # the widest gap of so many: each interval is the more careful
        counts = [(int(wrong[groups[name]].sum()), int(groups[name].sum())) for name in (worst, best)]
        interval = difference(*counts[0], *counts[1], level=1 - 0.05 / pairs)
        sure = interval[0] > 0
        grade = Grade.MARKED if sure and gap > MARKED else Grade.SLIGHT if sure and gap > SLIGHT else Grade.ABSENT
        shown = sorted(errors, key=lambda name: -errors[name])[:SHOWN]
        details = {
            name: {"share": float(where.mean()), "rarer_outcome": float(rarer[where].mean()), "errors": errors[name]}
            for name, where in groups.items()
        }
        return Symptom(
            grade,
            f"a model errs on {errors[worst]:.1%} of {worst} and on {errors[best]:.1%} of {best}",
            _helps(grade, float(groups[worst].mean())),
            Reading(gap, interval, len(wrong), {"groups": details}),
            Bars("share of rows on which a model errs, by group", tuple(shown), tuple(errors[name] for name in shown)),
        )


def _groups(patient: Patient) -> dict[str, np.ndarray]:
    """Which rows belong to each group, and to each intersection of two."""
    single: list[dict[str, np.ndarray]] = []
    for name in patient.sensitive:
        column = patient.data.columns[name]
        if not column.discrete:
            raise CannotMeasure(f"{name} is a quantity, and names no groups", fix="cut it into classes first")
        codes = arrays.codes(patient.data.table[name].combine_chunks(), column)
        single.append({f"{name}={level}": codes == place for place, level in enumerate(column.levels)})
    both = [{f"{a}, {b}": one[a] & other[b] for a in one for b in other} for one, other in combinations(single, 2)]
    return {name: where for part in (*single, *both) for name, where in part.items()}


def _helps(grade: Grade, share: float) -> str:
    if grade == Grade.ABSENT:
        return "no group is surely served worse; with few rows of a group that is weak comfort"
    if share < 0.1:
        return (
            "the group is small: more of its real rows help most; rows made with `where` may help while they are "
            "few, and are to be judged on real rows of that group"
        )
    return (
        "the group is not small, so that more rows of it will change little: look at the features and at the labels "
        "themselves; a generator repeats the bias of the labels that it learnt from"
    )
