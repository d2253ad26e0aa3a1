"""The best fraction of scores."""

import math

import numpy as np
from numpy.typing import NDArray


def best(scores: NDArray[np.float64], share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the highest scores, so many as make up the share, best first, and of the others.

    Of equal scores the earlier comes first; a share that leaves part of a row keeps that row.
    """
    order = np.argsort(-scores, kind="stable")
    kept = math.ceil(round(share * len(scores), 9))
    return order[:kept], order[kept:]
