"""Many questions at once: p-values adjusted so that chance findings stay at their stated rate."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Floats) -> Floats:
    """Adjusted so that any false finding at all has at most the nominal rate, however the tests depend (Holm 1979).

    Shape (tests,) in and out, in the order given.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    return _back(np.maximum.accumulate(p_values[order] * factors), order)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjusted so that the expected share of false ones among the findings keeps to the nominal rate.

    Benjamini & Hochberg 1995; holds for tests that are independent or positively dependent. Shape (tests,).
    """
    order = np.argsort(p_values, kind="stable")
    factors = len(p_values) / np.arange(1, len(p_values) + 1)
    smallest_from_here = np.minimum.accumulate((p_values[order] * factors)[::-1])[::-1]
    return _back(smallest_from_here, order)


def _back(ordered: Floats, order: NDArray[np.int64]) -> Floats:
    out = np.empty(len(ordered))
    out[order] = np.minimum(ordered, 1.0)
    return out
