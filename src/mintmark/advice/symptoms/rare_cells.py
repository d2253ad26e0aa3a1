"""Which combinations of two traits are there, but too rarely to learn or to judge anything?"""

from itertools import combinations

import numpy as np

from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.errors import CannotMeasure
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.intervals import proportion

FEW = 30
"""A cell of fewer rows says little: no share in it is known to better than about 18 points."""
CELLS, LEVELS, PAIRS = 4, 20, 400
MARKED, SLIGHT = 0.1, 0.02
SHOWN = 10


class RareCells:
    """The share of rows that stand in a thin cell of some pair of columns, on average over pairs."""

    title = "Rare combinations"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure with fewer than two columns that can be cut into cells."""
        space = Space.of(patient.data)
        if len(space.columns) < 2:
            raise CannotMeasure("this needs two columns that can be compared")
        matrix = space.matrix(patient.data)
        cuts = [Cut.of(column, matrix[:, j], at=evenly(CELLS), levels=LEVELS) for j, column in enumerate(space.columns)]
        places = [cut.place(matrix[:, j]) for j, cut in enumerate(cuts)]
        pairs = list(combinations(range(len(cuts)), 2))
        asked = [pairs[k] for k in np.sort(rng.permutation(len(pairs))[:PAIRS])]
        shares = {pair: _thin(places, cuts, pair) for pair in asked}
        worst = sorted(shares, key=lambda pair: -shares[pair])[:SHOWN]
        share, n = float(np.mean(list(shares.values()))), len(patient.data)
        grade = Grade.MARKED if share > MARKED else Grade.SLIGHT if share > SLIGHT else Grade.ABSENT
        names = [f"{space.names[i]} × {space.names[j]}" for i, j in worst]
        return Symptom(
            grade,
            f"{share:.1%} of the rows stand, on average over {len(asked):,} pairs of columns, in a combination that "
            f"fewer than {FEW} rows show; most in {names[0]} ({shares[worst[0]]:.1%})",
            _helps(grade),
            Reading(share, proportion(share * n, n), n, {"pairs": len(asked), "of": len(pairs), "few": FEW}),
            Bars("share of the rows in thin cells, by pair of columns", tuple(names), tuple(shares[p] for p in worst)),
        )  # fmt: skip


def _thin(places: list[np.ndarray], cuts: list[Cut], pair: tuple[int, int]) -> float:
    cell = places[pair[0]] * cuts[pair[1]].size + places[pair[1]]
    counts = np.bincount(cell)
    return float(counts[counts < FEW].sum() / len(cell))


def _helps(grade: Grade) -> str:
    if grade == Grade.ABSENT:
        return "combinations of two traits are well covered"
    return (
        "a generator repeats what it saw of these and knows no more: collect rows there, or make them from rules by "
        "somebody who knows the field; synthetic rows help to test software with them"
    )
