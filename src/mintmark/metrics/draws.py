"""Several synthetic datasets from one sampler: how much of a score is the luck of the draw?"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from mintmark.metrics.evidence import Interval, Reading
from mintmark.metrics.intervals import LEVEL


def joined(readings: Sequence[Reading]) -> Reading:
    """The mean score of two or more draws, with an interval for the true score of a further one.

    The variance is W + (1 + 1/m) B (Rubin 1987): W that of a reading, whose error all draws share, for they meet the
    same real rows, and B that between the m draws. Each part has its own quantile, normal for W and Student's for B,
    since Rubin's joint degrees of freedom cover too rarely at two or three draws; each arm has a W of its own. Where
    draws also differ by the luck of their own few rows, B holds that too, and the interval errs to the wide side.
    Details are those of the first draw, with all values.
    """
    values = np.array([reading.value for reading in readings])
    m, value = len(values), float(values.mean())
    between = float(values.var(ddof=1))
    spread = _spread(m, between)
    below, above = (
        float(np.hypot(np.sqrt(np.mean([(each.interval[side] - each.value) ** 2 for each in readings])), spread))
        for side in (0, 1)
    )
    details = {
        **readings[0].details,
        "draws": values.tolist(),
        "standard_deviation_between_draws": float(np.sqrt(between)),
    }
    return Reading(value, (value - below, value + above), readings[0].n, details)


def of_mean(reading: Reading) -> Interval:
    """The interval for the mean score of all draws, and not for the score of a further one; of a single draw, its own.

    The variance is W + B/m: of what `joined` added for the draws, the share 1 / (m + 1) stays.
    """
    m = len(reading.details.get("draws", ()))
    if m < 2:
        return reading.interval
    spread = _spread(m, reading.details["standard_deviation_between_draws"] ** 2)
    below, above = (
        float(np.sqrt(max(0.0, (end - reading.value) ** 2 - spread**2 * m / (m + 1)))) for end in reading.interval
    )
    return reading.value - below, reading.value + above


def _spread(draws: int, between: float) -> float:
    """Half the width of the interval for a further draw, if nothing but the draws differed."""
    return float(stats.t.ppf((1 + LEVEL) / 2, draws - 1) * np.sqrt((1 + 1 / draws) * between))
