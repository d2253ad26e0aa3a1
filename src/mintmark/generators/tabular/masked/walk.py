"""A block of rows on its way through the choices of several networks at once.

Each network's hidden units are worked out block by block as choices settle, so that a whole row costs no more than one
pass. The probability of a choice is the mean of the networks' probabilities.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mintmark.generators.tabular.masked.bounds import Bounds
from mintmark.generators.tabular.masked.net import Shape
from mintmark.generators.tabular.masked.scale import FEATURES
from mintmark.generators.tabular.tokens import Floats

Weights = Mapping[str, NDArray[np.float32]]
Before = Callable[[int, Tensor, Tensor], None]
"""Told of each choice before it is made: its place, the networks' scores, and the choice before it."""


@dataclass(frozen=True)
class Nets:
    """Networks of one shape, their weights side by side: each tensor's first axis is the network."""

    shape: Shape
    bounds: Bounds
    parts: Mapping[str, Tensor]

    @classmethod
    def of(cls, shape: Shape, bounds: Bounds, each: Sequence[Weights]) -> "Nets":
        """From the weights of each."""
        return cls(shape, bounds, {name: torch.from_numpy(np.stack([one[name] for one in each])) for name in each[0]})

    @property
    def many(self) -> int:
        """How many networks there are."""
        return len(self.parts["embed"])


class Walk:
    """Rows with the choices that are settled so far."""

    def __init__(self, nets: Nets, rows: int) -> None:
        self.nets, self.at = nets, 0
        choices = len(nets.shape.sizes)
        self.inputs = torch.zeros(nets.many, rows, choices * nets.shape.width)
        self.hidden = torch.zeros(nets.many, rows, choices * nets.shape.hidden)
        self.previous = torch.zeros(rows, dtype=torch.int64)

    def scores(self) -> Tensor:
        """(networks, rows, classes) of the next choice, what may not be chosen still among them."""
        parts, shape, at = self.nets.parts, self.nets.shape, self.at
        seen, own, stop = at * shape.width, slice(at * shape.hidden, (at + 1) * shape.hidden), (at + 1) * shape.hidden
        enter, middle = parts["enter"][:, own, :seen], parts["middle"][:, own, :stop]
        first = torch.relu(_affine(self.inputs[:, :, :seen], enter, parts["enter_bias"][:, own]))
        self.hidden[:, :, own] = first
        second = torch.relu(_affine(self.hidden[:, :, :stop], middle, parts["middle_bias"][:, own]))
        size = shape.sizes[at]
        leave = parts["leave"][:, at, :, :size].transpose(1, 2)
        return _affine(first + second, leave, parts["leave_bias"][:, at, :size])

    def probabilities(self, scores: Tensor) -> Tensor:
        """(rows, classes) from the scores of the next choice."""
        rows = self.nets.bounds.rows(self.at, self.previous)
        return torch.softmax(scores + self.nets.bounds.table[rows, : scores.shape[2]], dim=2).mean(dim=0)

    def settle(self, choice: Tensor) -> None:
        """Makes the next choice, shape (rows,)."""
        shape = self.nets.shape
        start = self.at * shape.width
        embedded = self.nets.parts["embed"][:, choice + shape.offsets[self.at]]
        self.inputs[:, :, start : start + shape.embedding] = embedded
        self.previous = choice
        self.at += 1

    def show(self, features: Floats) -> None:
        """Adds a column's features, (rows, FEATURES), to its last choice."""
        stop = self.at * self.nets.shape.width
        self.inputs[:, :, stop - FEATURES : stop] = torch.from_numpy(features.astype(np.float32))

    def keep(self, rows: Tensor) -> None:
        """Goes on with these rows alone, in this order."""
        self.inputs, self.hidden, self.previous = self.inputs[:, rows], self.hidden[:, rows], self.previous[rows]


def _affine(x: Tensor, weights: Tensor, bias: Tensor) -> Tensor:
    """(networks, rows, outs) from x (networks, rows, ins), weights (networks, outs, ins) and bias (networks, outs)."""
    return torch.baddbmm(bias[:, None], x, weights.transpose(1, 2))
