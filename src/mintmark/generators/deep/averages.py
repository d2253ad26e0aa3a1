"""Running averages of weights, which make better rows than the last weights do (Polyak, Juditsky 1992)."""

import torch
from torch import nn
from torch.optim import Optimizer

PACE = 1e-3
"""How far the average moves towards the weights at each step, at least: the first thousand steps count alike."""


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, optimiser: Optimizer) -> None:
    """Moves the average; how many steps were made is read from the optimiser, so that a resumed training knows too."""
    step = float(next(iter(optimiser.state.values()))["step"])
    for slow, fast in zip(average.parameters(), net.parameters(), strict=True):
        slow.lerp_(fast, max(1 / (step + 1), PACE))
