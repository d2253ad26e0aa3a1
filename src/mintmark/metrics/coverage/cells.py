"""Does the synthetic data reach the rare categories and the rare combinations of the real data?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, combos, intervals, jackknife
from mintmark.metrics.cells import Cut
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role

Places = NDArray[np.int64]
TOP = 20


@dataclass(frozen=True)
class Cells:
    """Somebody looks in the synthetic data for the unusual people of the real one: is anybody there?

    A rare cell is a level, a range of a number, or a combination of up to `ways` of them in different columns, that
    holds at least `support` unseen real rows and at most a share `rare` of them (or 2 · `support`, if that is more).
    The value is the share of rare cells in which at least one synthetic row lies; 1 is best. Even fresh real rows miss
    some at equal n: see the ceiling. Generators that narrow reality (mode collapse) lose these cells first. Details
    give no number of real rows below ten.

    Interval: the jackknife over blocks of synthetic rows, as for counts of species (Heltshe & Forrester 1983), never
    narrower than the exact binomial one over cells.
    """

    ways: int = Field(2, ge=1, le=3)
    support: int = Field(5, ge=cells.NAMED)
    rare: float = Field(0.02, gt=0, le=1)
    bins: int = Field(8, ge=2, le=64)
    combinations: int = Field(500, ge=1)
    """Most combinations of columns of each width; of more, that many are drawn, always the same."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": {"ways": 1}, "thorough": {"ways": 3}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of rare cells reached; details name the most frequent ones that were missed, and the share by k."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        cuts = [Cut.of(c, X[:, j], at=cells.with_tails(self.bins), levels=1000) for j, c in enumerate(space.columns)]
        sides = [[cut.place(Z[:, j]) for j, cut in enumerate(cuts)] for Z in (X, Y)]
        block = intervals.blocks(len(Y), rng)
        by_ways: dict[int, list[int]] = {}
        only = np.zeros(int(block.max()) + 1)
        missing: list[tuple[int | str, str]] = []
        for columns in self._chosen(len(cuts)):
            ours, theirs = (_joint(side, columns, cuts) for side in sides)
            cell, count = np.unique(ours, return_counts=True)
            wanted = (count >= self.support) & (count <= max(self.rare * len(X), 2 * self.support))
            hit = np.isin(cell[wanted], theirs)
            tally = by_ways.setdefault(len(columns), [0, 0])
            tally[0] += int(hit.sum())
            tally[1] += len(hit)
            only += _only_in_block(theirs, cell[wanted], block)
            missing += [(cells.told(int(n)), _label(int(c), columns, cuts, space)) for c, n in
                        zip(cell[wanted][~hit], count[wanted][~hit], strict=True)]  # fmt: skip
        hits, total = (sum(tally[i] for tally in by_ways.values()) for i in (0, 1))
        if not total:
            raise CannotMeasure("the real data has no rare cells", found=f"none with {self.support} rows or more")
        missing.sort(key=lambda each: (0 if isinstance(each[0], str) else -each[0], each[1]))
        details = {
            "cells": total,
            "by_ways": {str(k): {"hit": hit, "cells": all_} for k, (hit, all_) in by_ways.items()},
            "missing": [{"cell": label, "real_rows": count} for count, label in missing[:TOP]],
            **space.note(),
        }
        return Reading(hits / total, _interval(hits, total, only), min(len(X), len(Y)), details)

    def _chosen(self, columns: int) -> list[tuple[int, ...]]:
        ways = range(1, min(self.ways, columns) + 1)
        return [chosen for k in ways for chosen in combos.chosen(columns, k, self.combinations)]


def _joint(places: list[Places], columns: tuple[int, ...], cuts: list[Cut]) -> Places:
    out = np.zeros_like(places[0])
    for j in columns:
        out = out * cuts[j].size + places[j]
    return out


def _label(cell: int, columns: tuple[int, ...], cuts: list[Cut], space: Space) -> str:
    words = []
    for j in reversed(columns):
        cell, place = divmod(cell, cuts[j].size)
        words.append(f"{space.columns[j].name}: {cuts[j].label(place)}")
    return " and ".join(reversed(words))


def _only_in_block(rows: Places, wanted: Places, block: Places) -> NDArray[np.float64]:
    """For each block of rows, how many wanted cells are reached by that block alone; shape (blocks,)."""
    inside = np.isin(rows, wanted)
    count = int(block.max()) + 1
    reached = np.unique(np.searchsorted(wanted, rows[inside]) * count + block[inside])
    _, first, times = np.unique(reached // count, return_index=True, return_counts=True)
    return np.bincount(reached[first[times == 1]] % count, minlength=count).astype(np.float64)


def _interval(hits: int, total: int, only: NDArray[np.float64]) -> tuple[float, float]:
    wide = intervals.normal(hits / total, jackknife.variance(only / total), (0.0, 1.0))
    exact = intervals.proportion(hits, total)
    return min(wide[0], exact[0]), max(wide[1], exact[1])
