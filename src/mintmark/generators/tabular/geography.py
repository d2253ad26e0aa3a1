"""Where pairs of latitude and longitude lie: nobody lives in the river, however likely both coordinates are.

Each coordinate is drawn within a bin of its own, which together leaves streets and shores. Training rows are parted
at the wider side again and again (Bentley 1975), and the boxes around what is left are remembered. A pair that was
drawn far from all boxes is moved into the nearest one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mintmark.data import arrays
from mintmark.data.schema import Kind, TableSchema
from mintmark.generators.storage import need

Floats = NDArray[np.float64]

FEWEST, MOST = 10, 4096
"""Rows in a box at least, and boxes at most."""
FEW = 8
"""Up to so many boxes' rows are parted at the widest gap, which is a river or a park, and not into halves."""
MARGIN = 0.5
"""A pair within this part of a box's width and height beside it is left where it is."""
NEAR = 8
"""Boxes that are compared, those with the nearest middles."""


@dataclass(frozen=True)
class Places:
    """Boxes around the places of one pair of columns."""

    names: tuple[str, str]
    boxes: Floats
    """(boxes, 2, 2) the lower and upper ends of both columns."""

    def settle(self, points: Floats, rng: np.random.Generator) -> Floats:
        """Pairs, shape (n, 2), of which those far from all boxes are moved into the nearest; NaN stays."""
        out, there = points.copy(), np.flatnonzero(np.isfinite(points).all(axis=1))
        if not len(there):
            return out
        low, high = self.boxes[:, 0], self.boxes[:, 1]
        middles = cKDTree((low + high) / 2)
        near = middles.query(points[there], k=min(NEAR, len(low)))[1].reshape(len(there), -1)
        beyond = np.maximum(low[near] - points[there][:, None], points[there][:, None] - high[near]).clip(0)
        best = np.hypot(beyond[..., 0], beyond[..., 1]).argmin(axis=1)
        home = near[np.arange(len(there)), best]
        far = (beyond[np.arange(len(there)), best] > MARGIN * (high - low)[home]).any(axis=1)
        moved, home = there[far], home[far]
        out[moved] = low[home] + rng.random((len(moved), 2)) * (high - low)[home]
        return out

    @classmethod
    def rebuild(cls, names: Any, boxes: NDArray[Any], schema: TableSchema) -> "Places":
        """From a file; LedgerError where a pair could not be settled."""
        pair, ends = (str(names[0]), str(names[1])), boxes.astype(np.float64)
        need(len(names) == 2 and all(schema[name].kind == Kind.GEO for name in pair), "places of columns")
        need(ends.ndim == 3 and ends.shape[1:] == (2, 2) and len(ends) > 0, "boxes of places")
        need(bool(np.isfinite(ends).all() and np.all(ends[:, 0] <= ends[:, 1])), "boxes of places")
        return cls(pair, ends)


def learn(table: pa.Table, schema: TableSchema) -> tuple[Places, ...]:
    """The places of each pair of neighbouring columns of coordinates, in their order."""
    geo = [column for column in schema.columns if column.kind == Kind.GEO]
    found = []
    for one, other in zip(geo[::2], geo[1::2], strict=False):
        points = np.column_stack([arrays.numbers(table[column.name], column) for column in (one, other)])
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) >= 2 * FEWEST:
            found.append(Places((one.name, other.name), np.stack(_boxes(points, max(FEWEST, len(points) // MOST)))))
    return tuple(found)


def settled(places: tuple[Places, ...], made: Mapping[str, Floats], rng: np.random.Generator) -> dict[str, Floats]:
    """Coordinates that were made, moved where they lie nowhere; a pair of which one was given is left alone."""
    out: dict[str, Floats] = {}
    for each in places:
        if all(name in made for name in each.names):
            points = each.settle(np.column_stack([made[name] for name in each.names]), rng)
            out |= {name: points[:, side] for side, name in enumerate(each.names)}
    return out


def _boxes(points: Floats, fewest: int) -> list[Floats]:
    """Boxes of at least so many rows; their ends lie between the two outermost rows, for no end is a row's own."""
    if len(points) < 2 * fewest or not np.ptp(points, axis=0).any():
        ranked = np.sort(points, axis=0)
        return [np.stack([ranked[:2].mean(axis=0), ranked[-2:].mean(axis=0)])]
    side, half = _cut(points, fewest)
    order = np.argsort(points[:, side], kind="stable")
    return [*_boxes(points[order[:half]], fewest), *_boxes(points[order[half:]], fewest)]


def _cut(points: Floats, fewest: int) -> tuple[int, int]:
    """By which column rows are parted, and how many come first: half of many, and of few those before a wide gap."""
    ranked, spread = np.sort(points, axis=0), np.ptp(points, axis=0)
    if len(points) >= FEW * fewest:
        return int(np.argmax(spread)), len(points) // 2
    gaps = np.diff(ranked, axis=0)[fewest - 1 : len(points) - fewest] / np.maximum(spread, 1e-300)
    place, side = np.unravel_index(int(gaps.argmax()), gaps.shape)
    return int(side), fewest + int(place)
