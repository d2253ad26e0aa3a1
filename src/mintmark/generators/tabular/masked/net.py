"""A masked autoregressive network (MADE) over the choices that tell a row: all conditionals in a single pass.

Germain, Gregor, Murray, Larochelle 2015 (arXiv:1502.03509), with one block of hidden units for each choice and a
residual layer (Durkan, Nash 2019): a block sees the inputs before its choice, and blocks up to its own. So choice j
never depends on choices ≥ j, which the tests check exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mintmark.generators.storage import need
from mintmark.generators.tabular.masked.scale import FEATURES


@dataclass(frozen=True)
class Shape:
    """What a network is made for: its choices, and how wide it is."""

    sizes: tuple[int, ...]
    """Classes of each choice."""
    column: tuple[int, ...]
    """The column that each choice tells."""
    hidden: int
    embedding: int

    @property
    def width(self) -> int:
        """Inputs of one choice: its embedding, and the features of its column where it is the column's last."""
        return self.embedding + FEATURES

    @property
    def parts(self) -> dict[str, tuple[int, ...]]:
        """The size of each of a network's weights, by name."""
        many, hidden, widest = len(self.sizes), self.hidden, max(self.sizes)
        return {
            "embed": (sum(self.sizes), self.embedding),
            "enter": (many * hidden, many * self.width),
            "enter_bias": (many * hidden,),
            "middle": (many * hidden, many * hidden),
            "middle_bias": (many * hidden,),
            "leave": (many, hidden, widest),
            "leave_bias": (many, widest),
        }

    @property
    def offsets(self) -> list[int]:
        """Where each choice's classes start among all."""
        return [0, *np.cumsum(self.sizes)[:-1].tolist()]

    @property
    def last(self) -> list[bool]:
        """Is it the last choice of its column?"""
        return [here != after for here, after in zip(self.column, (*self.column[1:], -1), strict=True)]


class Masked:
    """Scores of every choice's classes from a whole row at once."""

    def __init__(self, shape: Shape, generator: torch.Generator) -> None:
        self.shape = shape
        block = torch.arange(len(shape.sizes))
        self.before = _mask(block, shape.hidden, shape.width, itself=False)
        self.upto = _mask(block, shape.hidden, shape.hidden, itself=True)
        self.offsets, self.column = torch.tensor(shape.offsets), torch.tensor(shape.column)
        self.shows = torch.tensor(shape.last, dtype=torch.float32)[:, None]
        self.parts = {name: _start(name, size, shape, generator).requires_grad_() for name, size in shape.parts.items()}

    def scores(self, choices: Tensor, features: Tensor, dropout: float, generator: torch.Generator | None) -> Tensor:
        """(choices, rows, classes) from choices (rows, choices) and features (rows, columns, FEATURES)."""
        parts, (rows, many) = self.parts, choices.shape
        x = torch.cat([parts["embed"][choices + self.offsets], features[:, self.column] * self.shows], dim=2)
        x = torch.addmm(parts["enter_bias"], x.reshape(rows, -1), (parts["enter"] * self.before).T)
        first = _dropped(torch.relu(x), dropout, generator)
        second = torch.addmm(parts["middle_bias"], first, (parts["middle"] * self.upto).T)
        out = _dropped(first + torch.relu(second), dropout, generator)
        blocks = out.view(rows, many, self.shape.hidden).transpose(0, 1)
        return torch.baddbmm(parts["leave_bias"][:, None], blocks, parts["leave"])


def _start(name: str, size: tuple[int, ...], shape: Shape, generator: torch.Generator) -> Tensor:
    """Random weights of a spread that keeps scores near nought, and no biases."""
    if name.endswith("bias"):
        return torch.zeros(size)
    seen = {"enter": len(shape.sizes) * shape.width / 2, "middle": len(shape.sizes) * shape.hidden / 2}
    gain = {"embed": 0.09, "enter": 1.5, "middle": 0.5, "leave": 0.3 / shape.hidden}[name]
    return torch.randn(size, generator=generator) * (gain / max(1.0, seen.get(name, 1.0))) ** 0.5


def _mask(block: Tensor, out_width: int, in_width: int, *, itself: bool) -> Tensor:
    """(blocks × out_width, blocks × in_width) which block sees which: those before it, and perhaps itself."""
    seen = block[:, None] >= block[None, :] if itself else block[:, None] > block[None, :]
    return seen.repeat_interleave(out_width, 0).repeat_interleave(in_width, 1).float()


def _dropped(x: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    if not share:
        return x
    kept = torch.empty_like(x).bernoulli_(1 - share, generator=generator)
    return x * kept / (1 - share)


def checked(stored: Mapping[str, NDArray[Any]], shape: Shape) -> dict[str, NDArray[np.float32]]:
    """Weights from a file; LedgerError where they are none of a network of this shape."""
    need(set(stored) == set(shape.parts), "weights of the network")
    for name, size in shape.parts.items():
        part = stored[name]
        need(part.shape == size and part.dtype == np.float32 and bool(np.isfinite(part).all()), f"weights {name}")
    return dict(stored)
