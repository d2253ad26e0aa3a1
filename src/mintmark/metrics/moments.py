"""Means and covariances by blocks of rows, so that leaving blocks out or repeating them costs no second pass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over rows, for each of B sets of rows."""

    counts: Floats
    """Shape (B,)."""
    sums: Floats
    """Shape (B, d)."""
    products: Floats
    """Sums of outer products, shape (B, d, d)."""

    @classmethod
    def of(cls, points: Floats, block: NDArray[np.int64]) -> "Moments":
        """Of points, shape (n, d), that are dealt to blocks, shape (n,)."""
        ends = np.cumsum(np.bincount(block))[:-1]
        parts = np.split(points[np.argsort(block, kind="stable")], ends)
        return cls(
            np.array([len(part) for part in parts], dtype=np.float64),
            np.stack([part.sum(axis=0) for part in parts]),
            np.stack([part.T @ part for part in parts]),
        )

    def mixed(self, weights: Floats) -> "Moments":
        """Each row of `weights`, shape (draws, B), says how often each block stands in one new set of rows."""
        flat = weights @ self.products.reshape(len(self.counts), -1)
        return Moments(weights @ self.counts, weights @ self.sums, flat.reshape(len(weights), *self.products.shape[1:]))

    @property
    def means(self) -> Floats:
        """Shape (B, d)."""
        return self.sums / self.counts[:, None]

    @property
    def covariances(self) -> Floats:
        """Unbiased, shape (B, d, d); every set has two rows or more."""
        means = self.means
        centred = self.products - self.counts[:, None, None] * means[:, :, None] * means[:, None, :]
        return centred / (self.counts - 1)[:, None, None]
