"""How far an estimate would move with other rows, from what it becomes when blocks of rows are left out."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def variance(left_out: Floats) -> float:
    """Of an estimate, from its values with one block left out, shape (blocks,) (Tukey 1958).

    Never too small on average, and too large for estimates that hardly depend on any one row (Efron & Stein 1981).
    """
    count = len(left_out)
    return float((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())


def all_but_one(blocks: int) -> Floats:
    """Weights of the blocks, shape (blocks, blocks): row i leaves out block i."""
    return 1 - np.eye(blocks)
