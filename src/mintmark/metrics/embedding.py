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
"""Directions with less than this share of the largest variance are noise, which standardising would blow up."""


@dataclass(frozen=True)
class Embedding:
    """Learnt from real rows alone: a direction in which no real row varies is not seen.

    Numbers enter as ranks among the real ones and levels as axes of their own (see `neighbours.Map`). The leading
    principal components are kept, each divided by its standard deviation among the real rows.
    """

    map: Map
    centre: Floats
    """Shape (width,)."""
    axes: Floats
    """Shape (width, d)."""
    explained: float
    """Share of the variance of the real rows that the components hold."""

    @classmethod
    def of(cls, space: Space, real: Floats, dimensions: int = DIMENSIONS) -> "Embedding":
        """From real rows, shape (n, columns); CannotMeasure where all of them are alike."""
        map_ = Map.of(space, real)
        points = map_.points(real).astype(np.float64)
        centre = points.mean(axis=0)
        variances, directions = np.linalg.eigh(np.cov(points.T).reshape(points.shape[1], -1))
        variances, directions = variances[::-1], directions[:, ::-1]
        strong = int((variances > NEGLIGIBLE * variances[0]).sum()) if variances[0] > 0 else 0
        kept = min(strong, dimensions, max(1, len(real) // ROWS_PER_DIMENSION))
        if not kept or variances[0] < np.finfo(np.float32).eps:
            raise CannotMeasure("all real rows are alike: they span no space")
        axes = directions[:, :kept] / np.sqrt(variances[:kept])
        return cls(map_, centre, axes, float(variances[:kept].sum() / variances.sum()))

    def points(self, rows: Floats) -> Floats:
        """Rows, shape (n, columns), as points, shape (n, d)."""
        return (self.map.points(rows) - self.centre) @ self.axes

    def note(self) -> dict[str, Any]:
        """The space in words, for the details of a reading."""
        share = f"{self.explained:.0%} of the variance"
        return {"space": f"{self.axes.shape[1]} standardised principal components of ranks and levels ({share})"}
