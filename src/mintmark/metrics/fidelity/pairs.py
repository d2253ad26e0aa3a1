"""How far apart are the joint distributions of every two columns?"""

from itertools import combinations
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import combos, intervals
from mintmark.metrics.cells import Cut, block_counts, evenly
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Pairs:
    """Somebody cross-tabulates every two columns in both tables: which share of the rows lies in the wrong cell?

    The value is the mean over pairs of columns of the total variation distance ½ Σ |p − q| between their joint
    distributions: numbers cut at quantiles of the real data, levels beyond the most frequent taken together, missing
    values apart. 0 is best. As with `fidelity.marginals`, chance keeps it above 0, for the ceiling too at the same n,
    and the interval is a centred bootstrap of blocks of rows. Three-way dependence is not seen.

    Details hold the distance of each pair, and Cramér's V (bias-corrected, Bergsma 2013) of each pair in both tables.
    """

    bins: int = Field(8, ge=2, le=64)
    """Cells of a number, and levels of a category that stay apart."""
    columns: int = Field(30, ge=2, le=200)
    """Most columns that are paired; of more, that many are drawn, always the same, the target among them."""
    resamples: int = Field(400, ge=100)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": {"columns": 12}, "thorough": {"columns": 60}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mean distance; details hold matrices over `columns`."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        if len(space.columns) < 2:
            raise CannotMeasure("there are no pairs: fewer than two columns can be compared")
        X, Y = space.matrix(real), space.matrix(synthetic)
        kept = combos.some(space.names, self.columns, case.target)
        cuts = [Cut.of(space.columns[j], X[:, j], at=evenly(self.bins), levels=self.bins) for j in kept]
        places = [[cut.place(Z[:, j]) for cut, j in zip(cuts, kept, strict=True)] for Z in (X, Y)]
        blocks = [intervals.blocks(len(Z), rng) for Z in (X, Y)]
        weights = [intervals.block_weights(len(Z), self.resamples, rng) for Z in (X, Y)]
        distances, *association = (np.full((len(kept), len(kept)), np.nan) for _ in range(3))
        draws = np.zeros(self.resamples)
        for a, b in combinations(range(len(kept)), 2):
            shape = cuts[a].size, cuts[b].size
            counts = [
                block_counts(side[a] * shape[1] + side[b], shape[0] * shape[1], block)
                for side, block in zip(places, blocks, strict=True)
            ]
            distances[a, b] = distances[b, a] = float(_distance(*(c.sum(axis=0) for c in counts)))
            draws += _distance(*(w @ c for w, c in zip(weights, counts, strict=True)))
            for matrix, count in zip(association, counts, strict=True):
                matrix[a, b] = matrix[b, a] = _cramer(count.sum(axis=0).reshape(shape))
        value = float(np.nanmean(distances))
        draws /= len(kept) * (len(kept) - 1) / 2
        details = {
            "columns": [space.columns[j].name for j in kept],
            "distance": _rounded(distances),
            "association": {"real": _rounded(association[0]), "synthetic": _rounded(association[1])},
            **({"capped": f"{len(kept)} of {len(space.columns)} columns"} if len(kept) < len(space.columns) else {}),
            **space.note(),
        }
        return Reading(value, intervals.centred(value, draws), min(len(X), len(Y)), details)


def _distance(p: Floats, q: Floats) -> Floats:
    gaps = p / p.sum(axis=-1, keepdims=True) - q / q.sum(axis=-1, keepdims=True)
    return np.abs(gaps).sum(axis=-1) / 2


def _cramer(counts: Floats) -> float:
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    n, (r, c) = counts.sum(), counts.shape
    if min(r, c) < 2:
        return 0.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / n
    phi = ((counts - expected) ** 2 / expected).sum() / n
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    r, c = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    return float(min(1.0, np.sqrt(phi / max(min(r, c) - 1, 1e-9))))


def _rounded(matrix: NDArray[np.float64]) -> list[list[float | None]]:
    """Rows of a matrix for JSON; the diagonal, which has no answer, is null."""
    return [[None if np.isnan(x) else round(x, 4) for x in row] for row in matrix.tolist()]
