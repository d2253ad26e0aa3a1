"""Pairs of columns as a square of shaded cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from mintmark.data import arrays
from mintmark.data.arrays import Floats
from mintmark.report.pictures.pairing import Pair

MOST = 12
"""Columns of a square that is still read at a glance."""
ROWS = 10_000
SHADED = 0.25
"""A distance that is shaded in full, or the largest where one is larger."""


@dataclass(frozen=True)
class Cell:
    """One pair: what is written, how strongly it is shaded (0 to 1), and whether it is below zero."""

    text: str
    weight: float
    below: bool = False


@dataclass(frozen=True)
class Grid:
    """A square with the same names along both sides; None is left empty."""

    title: str
    names: tuple[str, ...]
    cells: tuple[tuple[Cell | None, ...], ...]
    notes: tuple[str, ...] = ()


def correlations(pairs: Sequence[Pair]) -> Grid | None:
    """Spearman correlations of numbers: real below the diagonal, synthetic above it; None below two such columns."""
    numeric = _of_one_table([pair for pair in pairs if pair.column.numeric and pair.real is not None])[:MOST]
    if len(numeric) < 2:
        return None
    real, made = (_spearman([_numbers(pair, part) for pair in numeric]) for part in ("real", "synthetic"))
    cells = tuple(
        tuple(
            None if row == col else _cell(float((real if row > col else made)[row, col])) for col in range(len(numeric))
        )
        for row in range(len(numeric))
    )
    return Grid("Correlations", tuple(pair.title for pair in numeric), cells)


def _of_one_table(pairs: list[Pair]) -> list[Pair]:
    """Those of the table that has most of them: rows of different tables have nothing to correlate."""
    tables = [pair.table for pair in pairs]
    return [pair for pair in pairs if pair.table == max(tables, key=tables.count)]


def differences(details: Mapping[str, Any]) -> Grid | None:
    """Distances of pairs of columns as `fidelity.pairs` tells them, the columns that differ most; None without them."""
    found = _matrix(details.get("distance"), details.get("columns"))
    if found is None:
        return None
    mean = np.nanmean(found, axis=1)
    kept = np.sort(np.argsort(-mean, kind="stable")[:MOST])
    names = tuple(str(details["columns"][place]) for place in kept)
    top = max(SHADED, float(np.nanmax(found)))
    cells = tuple(
        tuple(None if np.isnan(found[row, col]) else _shaded(float(found[row, col]), top) for col in kept)
        for row in kept
    )
    left = len(found) - len(kept)
    notes = (f"{left} further columns, whose pairs differ less, are not shown.",) if left else ()
    return Grid("Pairs of columns", names, cells, notes)


def _matrix(rows: Any, names: Any) -> Floats | None:
    """A square of numbers, with NaN where there is none; None where it is no such square."""
    if not isinstance(rows, Sequence) or not isinstance(names, Sequence) or len(names) < 2:
        return None
    if len(rows) != len(names) or any(not isinstance(row, Sequence) or len(row) != len(names) for row in rows):
        return None
    out = np.array([[np.nan if cell is None else float(cell) for cell in row] for row in rows])
    np.fill_diagonal(out, np.nan)
    return None if np.isnan(out).all(axis=1).any() else out


def _shaded(value: float, top: float) -> Cell:
    return Cell(f"{value:.2f}", round(value / top, 2))


def _numbers(pair: Pair, part: str) -> Floats:
    values = arrays.numbers(getattr(pair, part), pair.column)
    return values[:: max(1, len(values) // ROWS)]


def _spearman(columns: list[Floats]) -> Floats:
    """Correlations of ranks; where one value is missing it stands in the middle."""
    ranks = np.array([_ranks(values) for values in columns])
    norms = np.sqrt((ranks**2).sum(axis=1))
    norms[norms == 0] = 1.0
    return np.asarray(ranks @ ranks.T / np.outer(norms, norms), dtype=np.float64)


def _ranks(values: Floats) -> Floats:
    out = np.zeros(len(values))
    present = np.isfinite(values)
    if present.any():
        ranks = rankdata(values[present])
        out[present] = ranks - ranks.mean()
    return out


def _cell(value: float) -> Cell:
    return Cell(f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00"), round(min(1.0, abs(value)), 2), value < 0)
