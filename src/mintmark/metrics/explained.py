"""How much of a quantity's variance answers explain, with its uncertainty."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def r2(answers: Floats, y: Floats) -> tuple[float, float]:
    """R² and the variance of this estimate, from the influence of each row (delta method); `y` is not constant."""
    error, spread = (y - answers) ** 2, (y - y.mean()) ** 2
    lost = float(error.mean() / spread.mean())
    return 1 - lost, float(((error - lost * spread) / spread.mean()).var(ddof=1)) / len(y)
