"""Are numbers written as real ones are: the same last digits, decimals and round values?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, multiplicity
from mintmark.metrics.contingency import Distance, distance
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.textures import COLUMNS, SIZE, texture, word

SHOWN = 30


@dataclass(frozen=True)
class Rounding:
    """People say "about fifty" and machines say 49.73: do the digits of a number show who made it?

    Each number is sorted by how it is written: how many decimals it has and the last of them, or the last digit of a
    whole number and whether it ends in 0, 00 or 000; times by the coarsest span that they are whole in, dates by the
    weekday. The value is the total variation between the synthetic and the real shares of these cells, in the column
    where it is greatest; 0 is best. A model may learn such traces in place of what the values mean. Chance alone makes
    some: see the ceiling. It sees each column alone; whether the trace tells the answer, `shortcuts.nuisance` asks.

    Interval: bootstrap variance, at a level raised for all columns (Bonferroni). Details name the columns where χ²
    finds a difference after Holm's correction: fresh real rows have one in at most 5 % of assays.
    """

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The greatest distance; details hold the columns, and the way of writing that differs most in each."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        numeric = [j for j, column in enumerate(space.columns) if column.numeric]
        found: list[tuple[str, Distance]] = []
        for j in numeric[:COLUMNS]:
            codes = [texture(rows[:, j], space.columns[j]) for rows in (Y, X)]
            ours, theirs = (np.bincount(each[each >= 0], minlength=SIZE) for each in codes)
            if min(ours.sum(), theirs.sum()) > 0:
                found.append((space.columns[j].name, distance(ours, theirs, rng)))
        if not found:
            raise CannotMeasure("no column of numbers has values on both sides", found=f"{len(numeric)} columns")
        level = 1 - (1 - intervals.LEVEL) / len(found)
        ends = [each.interval(level) for _, each in found]
        adjusted = multiplicity.holm(np.array([each.p for _, each in found]))
        columns = [_told(name, each, float(p)) for (name, each), p in zip(found, adjusted, strict=True)]
        columns.sort(key=lambda each: (-each["distance"], each["column"]))
        details = {
            "columns": columns[:SHOWN],
            "differ": [each["column"] for each in columns if each["p_holm"] < 1 - intervals.LEVEL][:SHOWN],
            "asked": len(found),
            "numbers": len(numeric),
            **space.note(),
        }
        interval = max(low for low, _ in ends), max(high for _, high in ends)
        return Reading(columns[0]["distance"], interval, min(len(X), len(Y)), details)


def _told(name: str, found: Distance, p: float) -> dict[str, Any]:
    return {
        "column": name,
        "distance": found.value,
        "by_chance": found.chance,
        "p_holm": p,
        "most": {"written": word(found.cell), "synthetic_share": found.share, "real_share": found.other_share},
    }
