"""How far apart are the distributions of each column taken alone?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.columns import distances
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Marginals:
    """Somebody draws the histogram of every column twice, once from each table: how much of it does not agree?

    The value is the mean over columns of a distance between 0 (the same) and 1 (nothing in common): for numbers the
    Kolmogorov–Smirnov distance, the largest gap of the two distribution functions, with missing values as the lowest;
    for levels the total variation distance, ½ Σ |p − q|, with missing as a level. Of a text its length is compared.
    Columns drawn independently are perfect here, so a good score certifies nothing: see `fidelity.detection`.

    Chance alone keeps the value above 0 and does so for the ceiling too, at the same n. The interval says where the
    value would lie for fresh rows of both tables (a bootstrap of blocks of rows, centred: see `intervals.centred`).
    """

    bins: int = Field(256, ge=2, le=10_000)
    """Quantiles of a number between which its interval sees no gap; the value itself is exact."""
    resamples: int = Field(400, ge=100)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean distance; details hold each column's distance and kind."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        blocks = intervals.blocks(len(X), rng), intervals.blocks(len(Y), rng)
        weights = [intervals.block_weights(len(Z), self.resamples, rng) for Z in (X, Y)]
        columns: list[dict[str, Any]] = []
        draws = np.zeros(self.resamples)
        for j, column in enumerate(space.columns):
            cut = Cut.of(column, X[:, j], at=evenly(self.bins), levels=10_000)
            value, drawn = distances(cut, (X[:, j], Y[:, j]), blocks, weights)
            draws += drawn
            columns.append({"column": column.name, "kind": str(column.kind), "distance": value})
        value = float(np.mean([each["distance"] for each in columns]))
        columns.sort(key=lambda each: -each["distance"])
        details = {"columns": columns[:500], **space.note()}
        return Reading(value, intervals.centred(value, draws / len(columns)), min(len(X), len(Y)), details)
