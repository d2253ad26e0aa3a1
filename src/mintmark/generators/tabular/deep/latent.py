"""The distribution of hidden numbers: a mixture of normal distributions, fitted once the autoencoder stands."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from mintmark.generators.storage import need

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """Normal distributions with full covariance, and how often each is drawn from."""

    shares: Floats
    means: Floats
    """(components, width)"""
    roots: Floats
    """(components, width, width) Cholesky factors of the covariances"""

    @property
    def width(self) -> int:
        """How many hidden numbers there are."""
        return self.means.shape[1]

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """(count, width)"""
        which = rng.choice(len(self.shares), size=count, p=self.shares)
        noise = rng.standard_normal((count, self.width))
        out = np.empty((count, self.width), np.float32)
        for component in np.unique(which).tolist():
            rows = which == component
            out[rows] = self.means[component] + noise[rows] @ self.roots[component].T
        return out

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        return {"latent.shares": self.shares, "latent.means": self.means, "latent.roots": self.roots}

    @classmethod
    def from_arrays(cls, stored: Mapping[str, NDArray[Any]], width: int) -> "Mixture":
        """The inverse of `to_arrays`; LedgerError where the arrays are no mixture of that width."""
        shares, means, roots = (stored[f"latent.{part}"].astype(np.float64) for part in ("shares", "means", "roots"))
        many = len(shares)
        need(means.shape == (many, width) and roots.shape == (many, width, width), "shape of the mixture")
        need(bool(np.isfinite(means).all() and np.isfinite(roots).all()), "numbers of the mixture")
        need(bool(np.all(shares >= 0)) and bool(np.isclose(shares.sum(), 1)), "shares of the mixture")
        return cls(shares / shares.sum(), means, roots)


def standard(width: int) -> Mixture:
    """The prior of the paper: independent standard normal numbers."""
    return Mixture(np.ones(1), np.zeros((1, width)), np.eye(width)[None])


def learn(points: Floats, components: int, seed: int) -> Mixture:
    """Expectation-maximisation from means that k-means++ picks; `points` is (n, width)."""
    model = GaussianMixture(components, reg_covar=1e-3, max_iter=60, init_params="k-means++", random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # after 60 rounds it is near enough
        model.fit(points)
    return Mixture(model.weights_ / model.weights_.sum(), model.means_, np.linalg.cholesky(model.covariances_))
