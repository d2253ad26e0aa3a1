"""Which single column has moved furthest from the real one, and is it more than chance?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import stats

from mintmark.data.schema import Column
from mintmark.metrics import intervals
from mintmark.metrics.cells import Cut, evenly
from mintmark.metrics.columns import counted, distances, total_variation
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.multiplicity import benjamini_hochberg, holm
from mintmark.metrics.sides import sides

LISTED = 200
"""Columns that the details name, those that moved furthest first."""
TAIL = 10
"""Permutations beyond the value below which the tail of the null is read off a fitted curve."""


@dataclass(frozen=True)
class Shift:
    """Somebody watches every column for drift from the real data, and asks for the worst one.

    The value is the largest over columns of the distance that `fidelity.marginals` takes the mean of: the
    Kolmogorov–Smirnov distance of numbers, with missing values as the lowest, and the total variation distance of
    levels. 0 is best. Chance keeps the value above 0, for the ceiling too at the same n.

    Details hold for each column both of them (the total variation of a number between its cells), the Wasserstein
    distance of a number in units of the real column's interquartile range, the population stability index (PSI)
    Σ (p − q) ln(p/q) with its mean by chance (B − 1)(1/N + 1/M) for B cells, and p-values. These come from dealing the
    rows anew to the two tables, given the cells, rather than from the folk bounds 0.1 and 0.25; beyond the reach of the
    permutations from a gamma distribution with their mean and variance. As there are many columns they are also
    adjusted: after Holm (1979), where one false alarm among all columns is one too many, and after Benjamini & Hochberg
    (1995), where a share of them is borne.

    Interval: a centred bootstrap of blocks of rows. Dependence between columns is not seen.
    """

    rows: int = Field(20_000, ge=30)
    """Most rows of each side."""
    bins: int = Field(256, ge=2, le=10_000)
    """Quantiles of a number between which its interval sees no gap; the distance itself is exact."""
    cells: int = Field(10, ge=2, le=100)
    """Cells of a number for its PSI, and levels of a category that stay apart there."""
    permutations: int = Field(999, ge=999)
    resamples: int = Field(200, ge=100)

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": {"rows": 5000}, "thorough": {"rows": 50_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The largest distance; details as the class says."""
        both = sides(case, self.rows, rng)
        blocks = [intervals.blocks(both.n, rng) for _ in range(2)]
        weights = [intervals.block_weights(both.n, self.resamples, rng) for _ in blocks]
        found, draws = [], []
        for j, column in enumerate(both.space.columns):
            X, Y = both.real[:, j], both.made[:, j]
            cut = Cut.of(column, X, at=evenly(self.bins), levels=10_000)
            distance, drawn = distances(cut, (X, Y), blocks, weights)
            draws.append(drawn)
            found.append({"column": column.name, "distance": distance, **self._drift(column, X, Y, rng)})
        value = max(each["distance"] for each in found)
        details = {"columns": _adjusted(found)[:LISTED], "permutations": self.permutations, **both.note()}
        return Reading(value, intervals.centred(value, np.max(draws, axis=0)), both.n, details)

    def _drift(self, column: Column, X: Floats, Y: Floats, rng: np.random.Generator) -> dict[str, Any]:
        """PSI with its null and p-value, total variation, and the Wasserstein distance of a number."""
        cut = Cut.of(column, X, at=evenly(self.cells), levels=self.cells)
        apart = np.isin(X[~np.isnan(X)], cut.points).all()  # few values: one between them is another value
        places, size = counted(cut, (X, Y)) if apart else ((cut.place(X), cut.place(Y)), cut.size)
        ours, theirs = (np.bincount(place, minlength=size) for place in places)
        used = ours + theirs > 0
        ours, theirs = ours[used], theirs[used]
        index = float(psi(ours, theirs))
        return {
            "kind": str(column.kind),
            "total_variation": float(total_variation(_shares(ours), _shares(theirs))),
            "psi": index,
            "psi_by_chance": (len(ours) - 1) * (1 / len(X) + 1 / len(Y)),
            "p_value": _p_value(index, ours, theirs, self.permutations, rng),
            **({} if column.discrete else _moved(X, Y)),
        }


def psi(ours: NDArray[Any], theirs: NDArray[Any]) -> Floats:
    """The population stability index of counts, shape (…, cells); half a row is added to each cell so that it ends."""
    p, q = _shares(ours + 0.5), _shares(theirs + 0.5)
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def _p_value(index: float, ours: Any, theirs: Any, permutations: int, rng: np.random.Generator) -> float:
    if len(ours) < 2:
        return 1.0
    pooled = ours + theirs
    dealt = rng.multivariate_hypergeometric(pooled, int(ours.sum()), size=permutations, method="marginals")
    null = psi(dealt, pooled - dealt)
    beyond = int((null >= index * (1 - 1e-9)).sum())
    if beyond >= TAIL or null.var() <= 0:
        return (1 + beyond) / (1 + permutations)
    mean, variance = float(null.mean()), float(null.var())
    return float(stats.gamma.sf(index, mean**2 / variance, scale=variance / mean))


def _moved(X: Floats, Y: Floats) -> dict[str, Any]:
    """The Wasserstein distance of the finite values, in the real column's own unit of spread."""
    X, Y = X[np.isfinite(X)], Y[np.isfinite(Y)]
    if not len(X) or not len(Y):
        return {}
    low, high = np.quantile(X, [0.25, 0.75])
    spread, unit = (high - low, "interquartile range") if high > low else (X.std(), "standard deviation")
    if not spread > 0:
        return {}
    return {"wasserstein": float(stats.wasserstein_distance(X / spread, Y / spread)), "unit": unit}


def _adjusted(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    p_values = np.array([each["p_value"] for each in found])
    together = zip(found, holm(p_values).tolist(), benjamini_hochberg(p_values).tolist(), strict=True)
    out = [{**each, "p_holm": strict, "p_benjamini_hochberg": mild} for each, strict, mild in together]
    return sorted(out, key=lambda each: -each["distance"])


def _shares(counts: Any) -> Floats:
    return counts / counts.sum(axis=-1, keepdims=True)
