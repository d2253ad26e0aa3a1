"""How many people a share stands for, in words for somebody who answers for them."""

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.metrics.cells import COUNTED
from mintmark.metrics.evidence import Interval
from mintmark.metrics.privacy.stage import owners


def about(share: float, of: int) -> str:
    """A share of people as a number with two digits: "about 370", or "fewer than 10"."""
    count = max(0.0, share) * of
    if count < COUNTED:
        return f"fewer than {COUNTED}"
    size = 10 ** max(0, int(np.floor(np.log10(count))) - 1)
    return f"about {round(count / size) * size:,}"


def beyond_chance(excess: float, interval: Interval, of: int) -> str:
    """How many people an excess over chance stands for, and how many at worst; nobody where chance may explain it."""
    shown = about(excess, of) if interval[0] > 0 else "no more than chance explains"
    return f"{shown} (at worst {about(interval[1], of)})"


def unless_chance(interval: Interval, chance: float) -> str:
    """The end of a sentence about a share that guessing has by chance."""
    return "; chance may explain this" if interval[0] <= chance else "; more than chance explains"


def counted(train: Dataset) -> int:
    """How many people the training rows are about: as many as there are rows where nobody says whose they are."""
    return len(np.unique(owners(train)[0])) if train.columns.group else len(train)
