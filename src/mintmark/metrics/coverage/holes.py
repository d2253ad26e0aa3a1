"""Which real rows have no synthetic row anywhere near, and what do they have in common?"""

from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.metrics import balls
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.multiplicity import holm
from mintmark.metrics.sides import Sides

SLICES = 5
"""Descriptions of holes, the most telling first; each is of rows that those before it leave unexplained."""
FEWEST = 10
"""Real rows in a slice that is named, and of them in a hole: fewer would point at persons."""
COLUMNS = 30
"""Columns that slices are sought in, alone and in pairs."""
LEVEL = 0.01
"""How surely holes must gather in a slice, after Holm over all slices looked at."""

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Holes:
    """Somebody whom the model will meet stands in a crowd of real people: is nobody like them in the synthetic data?

    A hole is a place that holds an unseen real row and its `neighbours` nearest other ones, and no synthetic row at
    all. The value is the share of unseen real rows in a hole, among ranks of numbers and levels. 0 is best: against
    fresh real rows it is ∏ (N − i)/(M + N − i), i = 1 … k, on average, which is 0.001 for k = 10 and N = M (Naeem et
    al. 2020, whose coverage with k = 5 is `coverage.neighbours`). Real outliers, who are far from everybody, are in no
    hole for that alone.

    Details say where the holes are: the values of one or two columns in which they gather beyond chance (binomial
    tests, Holm over all slices looked at), greedily, with no slice of fewer than 10 real rows in a hole. Interval:
    exact binomial, widened for rows that share a place (see `balls.share`).
    """

    rows: int = Field(2500, ge=50)
    """Most rows of each side: all pairs of them are looked at."""
    neighbours: int = Field(10, ge=1, le=50)
    bins: int = Field(4, ge=2, le=16)
    """Cells of a number in a slice."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"rows": 10_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of real rows in a hole; details name the slices where they gather."""
        case.need(Role.HOLDOUT)
        clouds = balls.Clouds.of(case, self.rows, rng, minimum=max(50, 2 * self.neighbours))
        _, squares = balls.nearest(clouds.real, clouds.made)
        hole = squares > balls.radii(clouds.real, self.neighbours)
        value, interval = balls.share(hole)
        chance = 1 - balls.by_chance(clouds.n, clouds.n, self.neighbours)
        wide = len(clouds.both.space.columns)
        capped = {"slices_sought_in": f"{COLUMNS} of {wide} columns"} if wide > COLUMNS else {}
        details = {
            "by_chance": chance,
            "slices": _slices(clouds.both, hole, self.bins),
            "k": self.neighbours,
            **capped,
            **clouds.note(),
        }
        return Reading(value, interval, clouds.n, details)


def _slices(both: Sides, hole: NDArray[np.bool_], bins: int) -> list[dict[str, Any]]:
    """Slices of the real rows with their share of rows in a hole."""
    columns = range(min(COLUMNS, both.real.shape[1]))
    cuts = [Cut.of(both.space.columns[j], both.real[:, j], at=evenly(bins), levels=20) for j in columns]
    places = [cut.place(both.real[:, j]) for j, cut in zip(columns, cuts, strict=True)]
    groups = [(j,) for j in columns] + list(combinations(columns, 2))
    joint = [_joint(places, cuts, group) for group in groups]
    left = np.ones(len(hole), dtype=bool)
    out: list[dict[str, Any]] = []
    while len(out) < SLICES and (found := _best(joint, hole, left)):
        group, cell = found
        inside = (joint[group] == cell) & left
        words = _words(cell, groups[group], cuts)
        out.append({"slice": words, "real_rows": int(inside.sum()), "in_holes": round(float(hole[inside].mean()), 2)})
        left &= ~inside
    return out


def _joint(places: list[Places], cuts: list[Cut], group: tuple[int, ...]) -> Places:
    if len(group) == 1:
        return places[group[0]]
    a, b = group
    return places[a] * cuts[b].size + places[b]


def _best(joint: list[Places], hole: NDArray[np.bool_], left: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The group of columns and its cell in which holes gather most, or None where chance could have done it."""
    base = float(hole[left].mean()) if left.any() else 1.0
    if not 0 < base < 1:
        return None
    counts = [np.bincount(cells[left]) for cells in joint]
    hits = [np.bincount(cells[left & hole], minlength=len(count)) for cells, count in zip(joint, counts, strict=True)]
    count, hit = np.concatenate(counts), np.concatenate(hits)
    group = np.repeat(np.arange(len(counts)), [len(each) for each in counts])
    cell = np.concatenate([np.arange(len(each)) for each in counts])
    p_values = np.where(hit >= FEWEST, stats.binom.sf(hit - 1, count, base), 1.0)
    tried = count > 0
    score = np.where(hit >= FEWEST, stats.binom.logsf(hit - 1, count, base), 0.0)
    best = int(score.argmin())
    if not holm(p_values[tried])[int(tried[:best].sum())] < LEVEL:
        return None
    return int(group[best]), int(cell[best])


def _words(cell: int, group: tuple[int, ...], cuts: list[Cut]) -> str:
    cells = [cell] if len(group) == 1 else list(divmod(cell, cuts[group[1]].size))
    named = zip(group, cells, strict=True)
    return " and ".join(f"{cuts[j].column.name}: {cuts[j].label(place)}" for j, place in named)
