"""How many of a side's phrases are different ones, beside as many phrases of the other side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics import intervals, jackknife
from mintmark.metrics.evidence import Interval
from mintmark.words.coded import Coded, Codes, Places

Floats = NDArray[np.float64]

BLOCKS = 25


@dataclass(frozen=True)
class Variety:
    """The share of different phrases among all, and what becomes of its logarithm when blocks of texts are left out."""

    share: float
    left_out: Floats

    @classmethod
    def of(cls, phrases: Coded, count: int) -> "Variety":
        """Of the first `count` phrases. Texts stand in random order, and are blocks as they come."""
        codes, owners = phrases.codes[:count], phrases.owners[:count]
        return cls(len(np.unique(codes)) / count, np.log(_left_out(codes, owners * BLOCKS // (owners[-1] + 1))))


def _left_out(codes: Codes, block: Places) -> Floats:
    """The share of different phrases without each block: what stands in no other block is lost with it."""
    numbers = np.unique(codes, return_inverse=True)[1]
    pairs = np.unique(numbers * BLOCKS + block)
    alone = np.bincount(pairs // BLOCKS) == 1
    lost = np.bincount((pairs % BLOCKS)[alone[pairs // BLOCKS]], minlength=BLOCKS)
    return (len(alone) - lost + 0.5) / (len(codes) - np.bincount(block, minlength=BLOCKS) + 0.5)


def ratio(real: list[Variety], made: list[Variety]) -> tuple[float, Interval]:
    """The synthetic share over the real one, the geometric mean over kinds of phrases, with a jackknife's interval."""
    logs = [float(np.mean([np.log(each.share) for each in side])) for side in (made, real)]
    spread = sum(jackknife.variance(np.mean([each.left_out for each in side], axis=0)) for side in (made, real))
    low, high = intervals.normal(logs[0] - logs[1], spread, (-50.0, 50.0))
    return float(np.exp(logs[0] - logs[1])), (float(np.exp(low)), float(np.exp(high)))
