"""Where should there be rows, if traits came together freely, and are none?"""

from itertools import combinations

import numpy as np

from mintmark.advice.symptom import Bars, Grade, Patient, Symptom, first
from mintmark.errors import CannotMeasure
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.intervals import proportion

EXPECTED = 10
"""So many rows would be expected: by chance alone a cell is then empty once in 22,000 times (e to the tenth)."""
CELLS, LEVELS, PAIRS, LISTED = 4, 20, 400, 20
FOLLOWS = 0.95
"""Where the commonest value beside each value makes up this share of the rows, a column follows from the other."""
MARKED = 5
"""So many empty intersections, or more."""
SHOWN = 10


class Holes:
    """Intersections of two traits that are each common, of which no row shows both.

    Expected are the rows that independent columns would put there; a hole is a cell with `EXPECTED` of them and none in
    the data. Pairs of which one follows from the other are passed over. Some holes are laws of the world (no pensioner
    of twelve); only a person can tell those from gaps.
    """

    title = "Holes in the coverage"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:
        """CannotMeasure with fewer than two columns, or too few rows for any cell to be expected."""
        space = Space.of(patient.data)
        if len(space.columns) < 2:
            raise CannotMeasure("this needs two columns that can be compared")
        matrix, n = space.matrix(patient.data), len(patient.data)
        cuts = [Cut.of(column, matrix[:, j], at=evenly(CELLS), levels=LEVELS) for j, column in enumerate(space.columns)]
        places = [cut.place(matrix[:, j]) for j, cut in enumerate(cuts)]
        pairs = list(combinations(range(len(cuts)), 2))
        asked = [pairs[k] for k in np.sort(rng.permutation(len(pairs))[:PAIRS])]
        holes, cells = [], 0
        bound = 0
        for i, j in asked:
            counts = np.bincount(places[i] * cuts[j].size + places[j], minlength=cuts[i].size * cuts[j].size)
            counts = counts.reshape(cuts[i].size, cuts[j].size)
            if _follows(counts) or _follows(counts.T):
                bound += 1
                continue
            expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
            cells += int((expected >= EXPECTED).sum())
            for a, b in np.argwhere((expected >= EXPECTED) & (counts == 0)).tolist():
                told = f"{space.names[i]}: {cuts[i].label(a)} and {space.names[j]}: {cuts[j].label(b)}"
                holes.append((float(expected[a, b]), told))
        if not cells:
            raise CannotMeasure(f"no intersection of two traits is expected to have {EXPECTED} rows", found=f"{n} rows")
        holes.sort(reverse=True)
        names = [told for _, told in holes]
        grade = Grade.MARKED if len(holes) >= MARKED else Grade.SLIGHT if holes else Grade.ABSENT
        said = f"; the largest: {first(names, 2)}" if holes else ""
        return Symptom(
            grade,
            f"{len(holes):,} of {cells:,} intersections where {EXPECTED} rows and more would be expected are "
            f"empty{said}",
            _helps(bool(holes)),
            Reading(len(holes) / cells, proportion(len(holes), cells), cells,
                    {"holes": [{"where": told, "expected": rows} for rows, told in holes[:LISTED]],
                     "pairs_passed_over": bound}),
            Bars("rows that would be expected in empty intersections", tuple(names[:SHOWN]),
                 tuple(rows for rows, _ in holes[:SHOWN])) if holes else None,
        )  # fmt: skip


def _follows(counts: np.ndarray) -> bool:
    """Does the second column follow from the first? Then empty cells are what it means, and no gaps."""
    return bool(
        counts.max(axis=1).sum() >= FOLLOWS * counts.sum()
        and (counts.sum(axis=0) > 0).sum() > 1
        and counts.sum(axis=0).max() < FOLLOWS * counts.sum()
    )


def _helps(found: bool) -> str:
    if not found:
        return "no common traits avoid each other altogether"
    return (
        "ask somebody who knows the field which of these can occur: a generator that learns from this data will not "
        "fill them; simulation, rules or collecting will"
    )
