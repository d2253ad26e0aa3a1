"""What a statistician computes from a table: means and regression coefficients, each with its 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from mintmark.metrics.exam import Exam
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.intervals import LEVEL

COLUMNS = 200
"""Most means, and most regressors."""
LEVELS = 10
"""Most levels of a column whose shares are estimated."""
ROWS = 50
"""Fewest real rows that hold a level whose share is estimated: below, the usual interval is wrong for real rows too."""

Z = float(stats.norm.ppf((1 + LEVEL) / 2))


@dataclass(frozen=True)
class Estimates:
    """Point estimates with their standard errors, shape (p,), and each row's pull (influence) on them, shape (n, p)."""

    value: Floats
    error: Floats
    pull: Floats

    @property
    def half(self) -> Floats:
        """Half the width of the 95 % intervals."""
        return Z * self.error


@dataclass(frozen=True)
class Indicators:
    """Numbers as they are and frequent levels as 0 and 1, chosen and scaled by real rows; missing is NaN."""

    names: tuple[str, ...]
    kinds: tuple[tuple[int, float | None], ...]
    """For each the column's position, and the code of a level."""
    centre: Floats
    scale: Floats
    beyond: int
    """How many more there are than are estimated."""

    @classmethod
    def of(cls, space: Space, real: Floats, *, skip: int | None = None) -> "Indicators":
        """What the real rows, shape (n, d), hold often enough; without the column at `skip`."""
        names: list[str] = []
        kinds: list[tuple[int, float | None]] = []
        for place, column in enumerate(space.columns):
            if place == skip:
                continue
            values = real[:, place]
            if not column.discrete:
                names.append(column.name)
                kinds.append((place, None))
                continue
            codes, counts = np.unique(values[~np.isnan(values)], return_counts=True)
            for index in np.argsort(-counts, kind="stable")[:LEVELS]:
                if counts[index] >= ROWS:
                    names.append(f"{column.name}: {column.levels[int(codes[index])]}")
                    kinds.append((place, float(codes[index])))
        raw = _raw(real, kinds)
        every = [j for j in range(len(kinds)) if len(np.unique(raw[np.isfinite(raw[:, j]), j])) > 1]
        moved = every[:COLUMNS]
        known = np.where(np.isfinite(raw), raw, np.nan)[:, moved]
        return cls(
            tuple(names[j] for j in moved),
            tuple(kinds[j] for j in moved),
            np.nanmean(known, axis=0) if moved else np.zeros(0),
            np.nanstd(known, axis=0) if moved else np.ones(0),
            len(every) - len(moved),
        )

    def matrix(self, rows: Floats) -> Floats:
        """In standard deviations of the real rows, shape (n, p)."""
        raw = _raw(rows, self.kinds)
        return (np.where(np.isfinite(raw), raw, np.nan) - self.centre) / self.scale

    def some(self, picked: NDArray[np.int64]) -> "Indicators":
        """Only those at some positions."""
        return Indicators(
            tuple(self.names[j] for j in picked),
            tuple(self.kinds[j] for j in picked),
            self.centre[picked],
            self.scale[picked],
            self.beyond,
        )


def _raw(rows: Floats, kinds: Sequence[tuple[int, float | None]]) -> Floats:
    out = np.empty((len(rows), len(kinds)))
    for j, (place, code) in enumerate(kinds):
        values = rows[:, place]
        out[:, j] = values if code is None else np.where(np.isnan(values), np.nan, values == code)
    return out


def means(rows: Floats) -> Estimates:
    """The mean of the known values of each column; without two of them the error is 0, and so is what they cover."""
    known = ~np.isnan(rows)
    count = known.sum(axis=0)
    value = np.where(known, rows, 0).sum(axis=0) / np.maximum(count, 1)
    pull = np.where(known, rows - value, 0) / np.maximum(count, 1)
    error = np.sqrt((pull**2).sum(axis=0) * count / np.maximum(count - 1, 1))
    return Estimates(value, error, pull)


def coefficients(rows: Floats, y: Floats) -> Estimates:
    """Least squares of y, shape (n,), on columns whose missing values stand at the real mean, with an intercept.

    Standard errors hold whatever the variance of the residuals (White 1980, HC1). The intercept is left out.
    """
    X = np.column_stack([np.nan_to_num(rows, nan=0.0), np.ones(len(y))])
    bread = np.linalg.pinv(X.T @ X, hermitian=True)
    value = bread @ (X.T @ y)
    pull = (X * (y - X @ value)[:, None]) @ bread
    error = np.sqrt((pull**2).sum(axis=0) * len(y) / max(1, len(y) - X.shape[1]))
    return Estimates(value[:-1], error[:-1], pull[:, :-1])


def regressors(asked: Exam, real: Floats) -> Indicators:
    """Indicators to regress a target on: none follows from the others in the real rows."""
    found = Indicators.of(asked.space, real, skip=asked.place)
    X = np.nan_to_num(found.matrix(real), nan=0.0)
    if not X.shape[1]:
        return found
    X = X - X.mean(axis=0)
    triangle, order = linalg.qr(X, mode="r", pivoting=True)[:2]
    size = np.abs(np.diag(triangle))
    return found.some(np.sort(order[: len(size)][size > 1e-6 * size[0]]))
