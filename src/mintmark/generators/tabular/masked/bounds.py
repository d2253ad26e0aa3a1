"""What may be chosen, as numbers that are added to the networks' scores."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mintmark.generators.storage import need

NEVER = -1e9
"""Added to the score of what may not be chosen."""


@dataclass(frozen=True)
class Bounds:
    """One row for each choice; for a fine choice, one for each coarse choice that it may follow."""

    table: Tensor
    """(rows, classes) NEVER, or what calibration adds."""
    start: tuple[int, ...]
    """The first row of each choice."""
    follows: tuple[bool, ...]
    """Does the row depend on the choice before?"""

    def of(self, choices: Tensor) -> Tensor:
        """(choices, rows, classes) to be added to the scores of whole rows, (rows, choices)."""
        before = torch.cat([torch.zeros_like(choices[:, :1]), choices[:, :-1]], dim=1)
        places = torch.tensor(self.start) + before * torch.tensor(self.follows)
        return self.table[places.T]

    def rows(self, at: int, previous: Tensor) -> Tensor:
        """(rows,) the row of the table that holds for the choice `at` after the choice before."""
        return self.start[at] + previous * self.follows[at]

    def calibrated(self, table: NDArray[Any]) -> "Bounds":
        """The same choices with other numbers, such as a file has them; LedgerError where they allow something else."""
        need(table.shape == tuple(self.table.shape) and table.dtype == np.float32, "calibration")
        need(bool(np.all((table == NEVER) == (self.table.numpy() == NEVER))), "calibration")
        need(bool(np.all((table == NEVER) | (np.abs(table) < 100))), "calibration")
        return Bounds(torch.from_numpy(table.copy()), self.start, self.follows)


def learn(allowed: list[NDArray[np.bool_]]) -> Bounds:
    """From what each choice may be: (1, classes), or (coarse, classes) after a coarse choice."""
    table = np.full((sum(map(len, allowed)), max(part.shape[1] for part in allowed)), NEVER, np.float32)
    starts = np.cumsum([0, *map(len, allowed)]).tolist()
    for start, part in zip(starts, allowed, strict=False):
        table[start : start + len(part), : part.shape[1]][part] = 0
    return Bounds(torch.from_numpy(table), tuple(starts[:-1]), tuple(len(part) > 1 for part in allowed))
