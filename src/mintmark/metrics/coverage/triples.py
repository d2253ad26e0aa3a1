"""Are the combinations of three traits that real people have still there?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, combos, intervals, jackknife
from mintmark.metrics.cells import Cut
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role

TOP = 20


@dataclass(frozen=True)
class Triples:
    """Somebody describes a person by three traits at once: does the synthetic data know anybody like that?

    A cell is a combination of three columns' levels or ranges (numbers are cut into `bins`, with the lowest and the
    highest hundredth apart) that holds at least `support` unseen real rows, be it rare or not: `coverage.cells` asks of
    rare ones alone. The value is the share of cells in which at least one synthetic row lies; 1 is best. Fresh real
    rows miss some too at equal n: see the ceiling. Columns drawn independently keep every level and lose here. It does
    not see whether a cell that is there has its real share.

    Interval: the jackknife over blocks of synthetic rows, as for counts of species (Heltshe & Forrester 1983), never
    narrower than the exact binomial one over cells. It holds for the combinations of columns that were drawn.
    """

    support: int = Field(5, ge=1)
    bins: int = Field(5, ge=2, le=64)
    combinations: int = Field(100, ge=1)
    """Most combinations of columns; of more, that many are drawn at random."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"combinations": 2000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of cells reached; details name the most frequent that were missed, of ten real rows or more."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        cuts = [Cut.of(c, X[:, j], at=cells.with_tails(self.bins), levels=100) for j, c in enumerate(space.columns)]
        block = intervals.blocks(len(Y), rng)
        hits, total, asked, only = 0, 0, 0, np.zeros(int(block.max()) + 1)
        missing: list[tuple[int, str]] = []
        for combo in combos.combos(cuts, (X, Y), 3, self.combinations):
            count, reached = combo.counts(0), combo.counts(1) > 0
            wanted = count >= self.support
            asked, total, hits = asked + 1, total + int(wanted.sum()), hits + int((wanted & reached).sum())
            alone = combos.sole(combo.tables[1], block, combo.size)[wanted]
            only += np.bincount(alone[alone >= 0], minlength=len(only))
            missed = np.flatnonzero((count >= max(cells.COUNTED, self.support)) & ~reached)
            for cell in missed[np.argsort(-count[missed], kind="stable")[:TOP]]:
                row = X[combo.example(0, cell)]
                missing.append((int(count[cell]), combos.label(space, cuts, combo.columns, row)))
        if not total:
            raise CannotMeasure(
                f"no combination of columns holds {self.support} real rows", found=f"{len(X)} real rows"
            )
        missing.sort(key=lambda each: (-each[0], each[1]))
        details = {
            "cells": total,
            "missed": total - hits,
            "combinations": asked,
            "missing": [{"cell": name, "real_rows": rows} for rows, name in missing[:TOP]],
            **space.note(),
        }
        return Reading(hits / total, _interval(hits, total, only), min(len(X), len(Y)), details)


def _interval(hits: int, total: int, only: Any) -> tuple[float, float]:
    wide = intervals.normal(hits / total, jackknife.variance(only / total), (0.0, 1.0))
    exact = intervals.proportion(hits, total)
    return min(wide[0], exact[0]), max(wide[1], exact[1])
