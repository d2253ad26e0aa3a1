"""How many really different things there are among many (Friedman & Dieng 2023).

The Vendi score is exp(−Σ λ ln λ) over the eigenvalues λ of K / n, where K holds the products of n rows of length 1, all
with all: n where all are at right angles to each other, and 1 where they are the same. FᵀF / n has the same eigenvalues
(the dual form), where F has a row for each of the n, and `d` columns.
"""

from typing import Any

import numpy as np
from scipy import sparse

from mintmark.metrics import jackknife
from mintmark.metrics.features import Floats

BLOCKS = 20


def entropy(F: Floats) -> tuple[float, float]:
    """ln of the score of rows, shape (n, d), and the variance of a row's influence on it, −xᵀ ln(FᵀF / n) x.

    For d far below n, where the score is far below n too.
    """
    values, vectors = np.linalg.eigh(F.T @ F / len(F))
    logs = np.log(np.maximum(values, 1e-12))
    influence = -((F @ vectors) ** 2) @ logs
    return _entropy(values), float(influence.var(ddof=1))


def jackknifed(F: Any) -> tuple[float, float]:
    """ln of the score of rows in random order, shape (n, d), dense or sparse, and its variance, by a jackknife.

    For scores that come near n: what lowers them then is pairs of rows that are alike, and of what a pair does the
    influence of each of its rows shows half.
    """
    block = np.arange(F.shape[0]) % min(BLOCKS, F.shape[0])
    left_out = np.array([_log(F[block != each]) for each in range(block.max() + 1)])
    return _log(F), jackknife.variance(left_out)


def _log(F: Any) -> float:
    n, d = F.shape
    products = (F.T @ F if d < n else F @ F.T) / n
    return _entropy(np.linalg.eigvalsh(products.toarray() if sparse.issparse(products) else products))


def _entropy(values: Floats) -> float:
    there = values[values > 1e-12]
    return float(-(there * np.log(there)).sum())
