"""Between rows and what a network sees and says: one-hot classes side by side, and scores of places."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mintmark.generators.tabular.deep.blocks import Block

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Heads:
    """How many classes each column has: their logits stand side by side."""

    sizes: tuple[int, ...]

    @classmethod
    def of(cls, blocks: Mapping[str, Block]) -> "Heads":
        """Those of a table."""
        return cls(tuple(block.classes for block in blocks.values()))

    @property
    def width(self) -> int:
        """Classes of all columns."""
        return sum(self.sizes)

    @property
    def starts(self) -> Tensor:
        """(columns,) where each column's classes begin."""
        return torch.tensor(np.concatenate([[0], np.cumsum(self.sizes)])[:-1], dtype=torch.int64)

    def split(self, logits: Tensor) -> Sequence[Tensor]:
        """One part for each column, of (…, classes)."""
        return torch.split(logits, list(self.sizes), dim=-1)

    def onehot(self, classes: Tensor) -> Tensor:
        """(n, width) float32 of (n, columns) classes."""
        out = torch.zeros((*classes.shape[:-1], self.width), device=classes.device)
        return out.scatter(-1, classes + self.starts.to(classes.device), 1.0)

    def surprise(self, logits: Tensor, classes: Tensor) -> Tensor:
        """(n, columns) negative log-likelihood of the classes."""
        parts = zip(self.split(logits), classes.unbind(-1), strict=True)
        return torch.stack([part.logsumexp(-1) - part.gather(-1, at[..., None])[..., 0] for part, at in parts], dim=-1)

    def shares(self, logits: Tensor) -> Tensor:
        """(n, width) the probabilities of each column's classes."""
        return torch.cat([functional.softmax(part, dim=-1) for part in self.split(logits)], dim=-1)

    def draw(self, logits: Tensor, source: torch.Generator) -> Tensor:
        """(n, columns) classes by their logits."""
        return torch.stack([race(functional.softmax(part, dim=-1), source) for part in self.split(logits)], dim=-1)

    def spread(self, values: Tensor) -> Tensor:
        """(n, width) of (n, columns): each column's value beside each of its classes."""
        return values.repeat_interleave(torch.tensor(self.sizes, device=values.device), dim=-1)


def race(weights: Tensor, source: torch.Generator) -> Tensor:
    """The number of one entry along the last axis, by weight: the first of so many exponential clocks to ring."""
    clock = -torch.log(torch.rand(weights.shape, generator=source).clamp_(1e-20, 1 - 1e-7)).to(weights.device)
    return (weights / clock).argmax(dim=-1)


def chosen(log_weight: Tensor, source: torch.Generator) -> Tensor:
    """(rows,) the number of one candidate for each row among all, by weight; `log_weight` is (rows, candidates)."""
    rows, many = log_weight.shape
    return torch.arange(rows) * many + race(torch.softmax(log_weight, dim=1), source)


def calibrated(heads: Heads, logits: Tensor, wanted: Mapping[str, Block], rounds: int = 12) -> Tensor:
    """(width,) what to add to logits so that drawn classes are as frequent on average as they are in the training rows.

    Iterative proportional fitting of one bias for each class over a sample of (n, width) logits.
    """
    out = []
    for part, block in zip(heads.split(logits), wanted.values(), strict=True):
        goal, bias = torch.tensor(block.share, dtype=torch.float32), torch.zeros(block.classes)
        for _ in range(rounds):
            found = functional.softmax(part + bias, dim=-1).mean(dim=0)
            bias = bias + (goal / found.clamp_min(1e-9)).log().clamp(-1.0, 1.0)
        out.append(bias)
    return torch.cat(out)


def parts(count: int, most: int) -> Iterator[tuple[int, int]]:
    """Runs of at most `most` rows; one empty run where there are none."""
    for start in range(0, max(count, 1), most):
        yield start, min(count, start + most)
