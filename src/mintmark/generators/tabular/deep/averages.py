"""Running averages of weights, which make better rows than the last weights do (Polyak, Juditsky 1992)."""

import torch
from torch import nn
from torch.optim import Optimizer

PACE, TENTH = 1e-3, 10
"""How far the average moves at each step, at least; before that it spans the last tenth of all steps."""


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, optimiser: Optimizer) -> None:
    """Moves the average; how many steps were made is read from the optimiser, so that a resumed training knows too."""
    step = float(next(iter(optimiser.state.values()))["step"])
    for slow, fast in zip(average.parameters(), net.parameters(), strict=True):
        slow.lerp_(fast, max(TENTH / (step + TENTH), PACE))
