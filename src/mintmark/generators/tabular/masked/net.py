"""A masked autoregressive network (MADE) over the choices that tell a row: all conditionals in a single pass.

Germain, Gregor, Murray, Larochelle 2015 (arXiv:1502.03509), with one block of hidden units for each choice and a
residual layer (Durkan, Nash 2019): a block sees the inputs before its choice, and blocks up to its own. So choice j
never depends on choices ≥ j, which the tests check exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mintmark.generators.tabular.masked.scale import FEATURES
from mintmark.generators.tabular.storage import need


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
    def offsets(self) -> list[int]:
        """Where each choice's classes start among all."""
        return [0, *np.cumsum(self.sizes)[:-1].tolist()]

    @property
    def last(self) -> list[bool]:
        """Is it the last choice of its column?"""
        return [here != after for here, after in zip(self.column, (*self.column[1:], -1), strict=True)]


class Masked(nn.Module):
    """Scores of every choice's classes from a whole row at once."""

    def __init__(self, shape: Shape, generator: torch.Generator) -> None:
        super().__init__()
        self.shape = shape
        many, hidden, widest = len(shape.sizes), shape.hidden, max(shape.sizes)

        def random(*size: int, spread: float) -> nn.Parameter:
            return nn.Parameter(torch.randn(*size, generator=generator) * spread)

        self.embed = random(sum(shape.sizes), shape.embedding, spread=0.3)
        fan = max(1.0, many * shape.width / 2)
        self.enter = random(many * hidden, many * shape.width, spread=(1.5 / fan) ** 0.5)
        self.enter_bias = nn.Parameter(torch.zeros(many * hidden))
        self.middle = random(many * hidden, many * hidden, spread=(0.5 / max(1.0, many * hidden / 2)) ** 0.5)
        self.middle_bias = nn.Parameter(torch.zeros(many * hidden))
        self.leave = random(many, hidden, widest, spread=(0.3 / hidden) ** 0.5)
        self.leave_bias = nn.Parameter(torch.zeros(many, widest))
        block = torch.arange(many)
        self.register_buffer("before", _mask(block, block, hidden, shape.width, strict=True), persistent=False)
        self.register_buffer("upto", _mask(block, block, hidden, hidden, strict=False), persistent=False)
        self.register_buffer("offsets", torch.tensor(shape.offsets), persistent=False)
        self.register_buffer("column", torch.tensor(shape.column), persistent=False)
        self.register_buffer("shows", torch.tensor(shape.last, dtype=torch.float32)[:, None], persistent=False)

    def forward(self, choices: Tensor, features: Tensor, dropout: float, generator: torch.Generator | None) -> Tensor:
        """(choices, rows, classes) scores from choices (rows, choices) and features (rows, columns, FEATURES)."""
        rows, many = choices.shape
        x = torch.cat([self.embed[choices + self.offsets], features[:, self.column] * self.shows], dim=2)
        x = torch.addmm(self.enter_bias, x.reshape(rows, -1), (self.enter * self.before).T)
        first = _dropped(torch.relu(x), dropout, generator)
        second = torch.addmm(self.middle_bias, first, (self.middle * self.upto).T)
        out = _dropped(first + torch.relu(second), dropout, generator)
        blocks = out.view(rows, many, self.shape.hidden).transpose(0, 1)
        return torch.baddbmm(self.leave_bias[:, None], blocks, self.leave)


def _mask(outs: Tensor, ins: Tensor, out_width: int, in_width: int, *, strict: bool) -> Tensor:
    """(outs × out_width, ins × in_width) which output block sees which input block."""
    seen = outs[:, None] > ins[None, :] if strict else outs[:, None] >= ins[None, :]
    return seen.repeat_interleave(out_width, 0).repeat_interleave(in_width, 1).float()


def _dropped(x: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    if not share:
        return x
    kept = torch.empty_like(x).bernoulli_(1 - share, generator=generator)
    return x * kept / (1 - share)


def weights(net: Masked) -> dict[str, NDArray[np.float32]]:
    """The parameters by name."""
    return {name: value.detach().cpu().numpy() for name, value in net.named_parameters()}


def checked(stored: Mapping[str, NDArray[Any]], shape: Shape) -> dict[str, NDArray[np.float32]]:
    """Parameters from a file; LedgerError where they are none of a network of this shape."""
    many, hidden, widest = len(shape.sizes), shape.hidden, max(shape.sizes)
    wanted: dict[str, Sequence[int]] = {
        "embed": (sum(shape.sizes), shape.embedding), "enter": (many * hidden, many * shape.width),
        "enter_bias": (many * hidden,), "middle": (many * hidden,) * 2, "middle_bias": (many * hidden,),
        "leave": (many, hidden, widest), "leave_bias": (many, widest),
    }  # fmt: skip
    need(set(stored) == set(wanted), "weights of the network")
    for name, size in wanted.items():
        part = stored[name]
        need(part.shape == tuple(size) and part.dtype == np.float32, f"weights {name}")
        need(bool(np.isfinite(part).all()), f"weights {name}")
    return dict(stored)
