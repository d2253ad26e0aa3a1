"""A space in which moments of mixed rows make sense: standardised principal components of ranks and levels."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.errors import CannotMeasure
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.neighbours import Map

DIMENSIONS = 20
ROWS_PER_DIMENSION = 10
"""So few rows for each dimension at least, for with fewer a covariance is mostly noise."""
NEGLIGIBLE = 1e-3
"""Variances below this share of the largest are noise, which standardising would blow up."""


@dataclass(frozen=True)
class Embedding:
    """The leading principal components of both tables together, each in units of its spread among the real rows.

    Numbers enter as ranks among both and levels as axes of their own (see `neighbours.Map`). Were the directions and
    the most frequent levels those of the real rows alone, these would stand out from any fresh rows, by selection.
    """

    map: Map
    centre: Floats
    """Shape (width,)."""
    axes: Floats
    """Shape (width, d)."""
    explained: float
    """Share of the variance that the components hold."""

    @classmethod
    def of(cls, space: Space, real: Floats, made: Floats, dimensions: int = DIMENSIONS) -> "Embedding":
        """From the rows of both tables, shape (n, columns) each; CannotMeasure where all of them are alike."""
        rows = np.concatenate([real, made])
        map_ = Map.of(space, rows)
        points = map_.points(rows).astype(np.float64)
        centre = points.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov(points.T).reshape(points.shape[1], -1))
        variances, directions = variances[::-1], directions[:, ::-1]
        if variances[0] < np.finfo(np.float32).eps:
            raise CannotMeasure("all rows are alike: they span no space")
        strong = int((variances > NEGLIGIBLE * variances[0]).sum())
        kept = min(strong, dimensions, max(1, len(real) // ROWS_PER_DIMENSION))
        spread = ((points[: len(real)] - centre) @ directions[:, :kept]).var(axis=0, ddof=1)
        axes = directions[:, :kept] / np.sqrt(np.maximum(spread, NEGLIGIBLE * variances[0]))
        return cls(map_, centre, axes, float(variances[:kept].sum() / variances.sum()))

    def points(self, rows: Floats) -> Floats:
        """Rows, shape (n, columns), as points, shape (n, d)."""
        return (self.map.points(rows) - self.centre) @ self.axes

    def note(self) -> dict[str, Any]:
        """The space in words, for the details of a reading."""
        share = f"{self.explained:.0%} of the variance"
        return {"space": f"{self.axes.shape[1]} standardised principal components of ranks and levels ({share})"}
