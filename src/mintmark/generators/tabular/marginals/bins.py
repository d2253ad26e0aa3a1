"""Neighbouring cells of numbers: single values, and bins that are cut where many rows lie and joined where few do."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mintmark.data.schema import Column
from mintmark.generators.tabular.tokens import PARTS

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

PIECES, CUTS = 16, 4
"""Equal parts of the domain, and of a part in which many rows lie."""
DEPTH = 2
"""How often a part is cut again."""
CROWDED = 1 / 16
"""Of all rows: a part that holds more is cut."""
FULL = 1 / 256
"""Of all rows: neighbours are joined until they hold as much, or four times the noise."""


@dataclass(frozen=True)
class Cells:
    """Between two edges lies a cell, which may be a single value; their noisy counts are there once they were asked."""

    edges: Floats
    points: Floats
    """(cells,) the single value, or NaN."""
    void: Mask
    """(cells,) does it lie outside the domain, beside a special code?"""
    mass: Floats
    variance: Floats
    inner: tuple[Floats, ...] = ()
    """For each cell the quantiles of what was joined in it, at PARTS + 1 equal steps."""

    @property
    def borders(self) -> Floats:
        """(cells − 1,) a value at or above borders[i] lies in a cell above i."""
        return self.edges[1:-1]

    @property
    def knots(self) -> Floats:
        """(cells, PARTS + 1) what values of a cell lie between, at equal steps of their distribution."""
        steps = np.linspace(0, 1, PARTS + 1)
        plain = self.edges[:-1, None] + np.diff(self.edges)[:, None] * steps
        plain = np.stack(self.inner) if self.inner else plain
        return np.where(np.isnan(self.points)[:, None], plain, self.points[:, None])

    def tally(self, values: Floats) -> NDArray[np.int64]:
        """True counts of values, for a mechanism to blur."""
        return np.bincount(np.searchsorted(self.borders, values, side="right"), minlength=len(self.points))

    def filled(self, mass: Floats, variance: float) -> "Cells":
        """The same cells with noisy counts."""
        masses, variances = mass.copy(), np.full(len(mass), variance)
        masses[self.void], variances[self.void] = 0.0, 0.0
        return replace(self, mass=masses, variance=variances)

    def refined(self, whole: "Cells", noisy: Floats, variance: float, fresh: Mask) -> "Cells":
        """Finer cells with noisy counts, moved evenly towards what is known of the `whole` cells that they part."""
        mass, variances = self.mass.copy(), self.variance.copy()
        mass[fresh], variances[fresh] = noisy, variance
        home = np.searchsorted(whole.edges[1:-1], self.edges[:-1], side="right")
        for parent in np.unique(home[fresh]).tolist():
            parts = np.flatnonzero(home == parent)
            known, noise = whole.variance[parent], variance * len(parts)
            mass[parts] += (whole.mass[parent] - mass[parts].sum()) * variance / (noise + known)
            variances[parts] = variance * known / (noise + known)
        return replace(self, mass=mass, variance=variances)

    def cut(self, spacing: float) -> tuple["Cells", Mask]:
        """Finer cells where many rows lie, and which ones are new; those have no counts yet."""
        width = np.diff(self.edges)
        loose = max(float(self.mass[np.isnan(self.points)].sum()), 1.0)
        crowded = np.isnan(self.points) & ~self.void & (self.mass > CROWDED * loose)
        crowded &= (self.mass > 5 * np.sqrt(self.variance)) & (width > 1.5 * spacing)
        starts = [_parts(a, b, CUTS, spacing)[:-1] if cut else np.array([a])
                  for a, b, cut in zip(self.edges[:-1], self.edges[1:], crowded, strict=True)]  # fmt: skip
        many = np.array([len(each) for each in starts])
        point = np.repeat(self.points, many)
        finer = Cells(np.append(np.concatenate(starts), self.edges[-1]), point, np.repeat(self.void, many),
                      np.repeat(self.mass, many), np.repeat(self.variance, many))  # fmt: skip
        return finer, np.repeat(many > 1, many)

    def joined(self) -> "Cells":
        """Neighbouring bins as one until they hold enough; single values stand alone."""
        total = max(float(self.mass.sum()), 1.0)
        heads, mass, variance = [0], 0.0, 0.0
        alone = ~np.isnan(self.points) | self.void
        for place in range(len(self.points)):
            full = mass > max(FULL * total, 4 * variance**0.5)
            if place and (alone[place] or alone[place - 1] or full):
                heads.append(place)
                mass, variance = 0.0, 0.0
            mass, variance = mass + self.mass[place], variance + self.variance[place]
        ends = [*heads[1:], len(self.points)]
        inner = tuple(self._quantiles(a, b) for a, b in zip(heads, ends, strict=True))
        return Cells(self.edges[[*heads, len(self.points)]], self.points[heads], self.void[heads],
                     np.add.reduceat(self.mass, heads), np.add.reduceat(self.variance, heads), inner)  # fmt: skip

    def _quantiles(self, start: int, end: int) -> Floats:
        """Where equal shares of what neighbouring cells hold end; evenly within each cell."""
        mass = np.maximum(self.mass[start:end], 0) + 1e-9
        share = np.append(0.0, np.cumsum(mass) / mass.sum())
        return np.interp(np.linspace(0, 1, PARTS + 1), share, self.edges[start : end + 1])


def of_points(points: Floats, half: float) -> Cells:
    """Single values only; what lies between them belongs to the nearest."""
    edges = np.concatenate([[points[0] - half], (points[:-1] + points[1:]) / 2, [points[-1] + half]])
    return _empty(edges, points, np.zeros(len(points), dtype=bool))


def of_parts(column: Column, points: Floats, half: float) -> Cells:
    """Equal parts of the domain, with single values cut out of them."""
    assert column.low is not None
    assert column.high is not None
    low, high = column.low - half, column.high + half
    left, right = (points - half, points + half) if half else (points, np.nextafter(points, np.inf))
    parts = _parts(low, max(high, float(np.nextafter(low, np.inf))), PIECES, 2 * half)
    inside = ((parts[:, None] > left) & (parts[:, None] < right)).any(axis=1)
    edges = np.unique(np.concatenate([parts[~inside], left, right]))
    if half:  # edges that rounding alone keeps apart are one
        edges = edges[np.append(True, np.diff(edges) > half)]
    middle = edges[:-1] / 2 + edges[1:] / 2
    single = np.full(len(middle), np.nan)
    for value, start, end in zip(points, left, right, strict=True):
        single[(middle >= start) & (middle <= end)] = value
    return _empty(edges, single, np.isnan(single) & ((middle < low) | (middle > high)))


def _empty(edges: Floats, points: Floats, void: Mask) -> Cells:
    return Cells(edges, points, void, np.zeros(len(points)), np.zeros(len(points)))


def _parts(low: float, high: float, many: int, spacing: float) -> Floats:
    """Edges of equal parts; between two values of the grid where there is one."""
    edges = low + (high - low) * np.linspace(0, 1, many + 1)
    if spacing:
        edges = low + np.floor((edges - low) / spacing + 1e-9) * spacing
    edges = np.unique(np.append(edges[:-1], high))
    return edges[np.append(True, np.diff(edges) > spacing / 2)] if spacing else edges
