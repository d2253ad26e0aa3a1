"""Rows that decay to noise, and how they are cleared of it: the two processes of diffusion, in closed form.

A class decays to the shares of its column, a score to normal noise. All times run from 1, all noise, to 0, none.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor

from mintmark.generators.deep import machine
from mintmark.generators.tabular.deep.blocks import Block, Floats
from mintmark.generators.tabular.deep.heads import Heads, race

FARTHEST = 4.5
"""Normal scores beyond this do not occur."""


def scores(places: Floats) -> Floats:
    """Normal scores of places between 0 and 1."""
    return np.clip(ndtri(np.clip(places, 1e-6, 1 - 1e-6)), -FARTHEST, FARTHEST)


def signal(time: Tensor) -> Tensor:
    """ᾱ, the share of the signal that is left at a time, (n,): the cosine schedule (Nichol, Dhariwal 2021)."""
    return torch.cos(time * math.pi / 2).clamp_min(1e-3) ** 2


class Noise:
    """How columns decay: classes to their shares among the training rows, scores to normal noise."""

    def __init__(self, blocks: Mapping[str, Block], device: torch.device) -> None:
        self.shares = [torch.tensor(block.share, dtype=torch.float32) for block in blocks.values()]
        self.flat = torch.cat(self.shares).to(device)
        """(width,)"""
        self.wide = torch.cat([torch.tensor(block.wide) for block in blocks.values()]).to(device)
        """(width,) does the place within the class mean something?"""
        self.scored = torch.tensor([bool(block.wide.any()) for block in blocks.values()]).to(device)
        """(columns,)"""
        self.device = device

    def classes(self, count: int, source: torch.Generator) -> Tensor:
        """(count, columns) classes of pure noise."""
        drawn = [race(share.expand(count, -1), source) for share in self.shares]
        return torch.stack(drawn, dim=-1).to(self.device)

    def scores(self, count: int, source: torch.Generator) -> Tensor:
        """(count, columns) scores of pure noise; 0 where no class of a column has places."""
        return machine.normal((count, len(self.shares)), source, self.device) * self.scored


def moved(scores: Tensor, velocity: Tensor, before: Tensor, after: Tensor, noise: Tensor) -> Tensor:
    """Scores at the later time, drawn from the Gaussian posterior (Ho et al. 2020, equation 7)."""
    clean = (before.sqrt() * scores - (1 - before).sqrt() * velocity).clamp(-FARTHEST, FARTHEST)
    step = before / after
    mean = (after.sqrt() * (1 - step) * clean + step.sqrt() * (1 - after) * scores) / (1 - before)
    return mean + ((1 - step) * (1 - after) / (1 - before)).sqrt() * noise


def clearer(heads: Heads, shares: Tensor, logits: Tensor, classes: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """(n, width) weights of each class at the later time, given that of the earlier one.

    Sum over the clean class c of p(c) · q(later | earlier, c) (Austin et al. 2021, equation 4); with
    q(earlier | c) = ᾱ [earlier = c] + (1 − ᾱ) share[earlier].
    """
    here = heads.onehot(classes)
    common = heads.spread(shares[classes + heads.starts])
    clean = heads.shares(logits) / (before * here + (1 - before) * common)
    total = heads.spread(torch.stack([part.sum(-1) for part in heads.split(clean)], dim=-1))
    step = before / after
    return (step * here + (1 - step) * common) * (after * clean + (1 - after) * shares * total)
