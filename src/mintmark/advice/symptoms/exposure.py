"""How many people stand out by a few facts that others may know of them?"""

import numpy as np

from mintmark.advice.symptom import Bars, Grade, Patient, Symptom
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Reading
from mintmark.metrics.features import Space
from mintmark.metrics.intervals import proportion

FACTS, BINS, SMALL = 5, 20, 5
MARKED, SLIGHT = 0.05, 0.01
TOLD = 10
"""Smaller numbers of people are not told."""


class Exposure:
    """The share of rows that are alone with their combination of five facts: sensitive columns, then the most telling.

    Numbers are known to about a twentieth. Who is alone in the sample may have doubles outside (Skinner & Elliot 2002),
    so that this overstates; and it grows with the number of facts, which an attacker chooses.
    """

    title = "Exposure of people"

    def look(self, patient: Patient, *, rng: np.random.Generator) -> Symptom:  # noqa: ARG002
        """As the class says."""
        space = Space.of(patient.data)
        matrix, n = space.matrix(patient.data), len(patient.data)
        cells = {
            column.name: Cut.of(column, matrix[:, j], at=evenly(BINS), levels=len(column.levels)).place(matrix[:, j])
            for j, column in enumerate(space.columns)
        }
        facts = self._facts(cells, patient.sensitive)
        group = np.zeros(n, dtype=np.int64)
        for name in facts:
            group = np.unique(group * (int(cells[name].max()) + 1) + cells[name], return_inverse=True)[1].astype(
                np.int64
            )
        size = np.bincount(group)[group]
        alone, small = int((size == 1).sum()), int((size < SMALL).sum())
        share = alone / n
        grade = Grade.MARKED if share > MARKED else Grade.SLIGHT if share > SLIGHT else Grade.ABSENT
        told = f"{alone:,}" if alone == 0 or alone >= TOLD else f"fewer than {TOLD}"
        return Symptom(
            grade,
            f"{told} of {n:,} rows ({share:.1%}) are alone with their {', '.join(facts)}; {small / n:.1%} share "
            f"them with fewer than {SMALL - 1} others",
            _helps(grade),
            Reading(share, proportion(alone, n), n, {"facts": facts, "in_small_cells": small / n}),
            Bars("share of the rows by how many share their facts", ("alone", f"2 to {SMALL - 1}", f"{SMALL} and more"),
                 (share, (small - alone) / n, 1 - small / n)),
        )  # fmt: skip

    def _facts(self, cells: dict[str, np.ndarray], sensitive: tuple[str, ...]) -> list[str]:
        named = [name for name in sensitive if name in cells]
        telling = sorted(cells, key=lambda name: -_entropy(cells[name]))
        return list(dict.fromkeys([*named, *telling]))[: max(FACTS, len(named))]


def _entropy(cell: np.ndarray) -> float:
    shares = np.bincount(cell) / len(cell)
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _helps(grade: Grade) -> str:
    if grade == Grade.ABSENT:
        return "few stand out by these facts; others may know other facts"
    return (
        "handing the rows on gives people away, names removed or not; synthetic rows help where attacks on them "
        "fail or they are made under differential privacy (`tabular.private`)"
    )
