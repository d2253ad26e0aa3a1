"""Lets every column keep its shares: networks that draw from each other's draws drift by a percent here and there.

Rows are drawn once. Before each choice, what the networks foretell on average is compared with how often the training
rows have it, and the logarithm of the ratio is added to the scores (one-dimensional iterative proportional fitting,
Deming, Stephan 1940). Fine choices are compared within each coarse one.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mintmark.generators.tabular.masked import drawing
from mintmark.generators.tabular.masked.bounds import NEVER, Bounds
from mintmark.generators.tabular.masked.slots import Encoded, Slot
from mintmark.generators.tabular.masked.walk import Nets
from mintmark.generators.tabular.tokens import Floats

FEWEST_ROWS, ROWS = 2_000, 20_000
"""So many rows are drawn: four times the training rows, within these bounds."""
ROUNDS = 4
PRIOR = 10.0
"""Rows that speak for what the networks foretell already."""
FEWEST = 50
"""A fine choice after a coarse one that fewer drawn rows show is left as it is."""


def calibrate(nets: Nets, slots: Sequence[Slot], data: Encoded, rng: np.random.Generator) -> Nets:
    """The same networks with calibrated bounds."""
    bounds = nets.bounds
    table = bounds.table.clone()
    inner = Nets(nets.shape, Bounds(table, bounds.start, bounds.follows), nets.parts)

    def before(at: int, scores: Tensor, previous: Tensor) -> None:
        start, groups = bounds.start[at], previous if bounds.follows[at] else torch.zeros_like(previous)
        stop = bounds.start[at + 1] if at + 1 < len(bounds.start) else len(table)
        part = table[start:stop, : scores.shape[2]]
        wanted = _counts(data, at, part.shape, follows=bounds.follows[at])
        for _ in range(ROUNDS):
            foretold = torch.softmax(scores + part[groups], dim=2).mean(dim=0)
            found = np.zeros(tuple(part.shape))
            np.add.at(found, groups.numpy(), foretold.double().numpy())
            part += torch.from_numpy(_shift(wanted, found, part.numpy() > NEVER / 2).astype(np.float32))

    rows = min(ROWS, max(FEWEST_ROWS, 4 * len(data.choices)))
    drawing.block(inner, slots, rows, {}, rng, before=before)
    return inner


def _counts(data: Encoded, at: int, shape: Sequence[int], *, follows: bool) -> Floats:
    rows = data.wanted[:, at]
    before = data.choices[rows, at - 1] if follows else np.zeros(int(rows.sum()), np.int64)
    out = np.zeros(tuple(shape))
    np.add.at(out, (before, data.choices[rows, at]), 1.0)
    return out


def _shift(wanted: Floats, found: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """What to add to the scores, (rows of the table, classes)."""
    many, drawn = wanted.sum(axis=1, keepdims=True), found.sum(axis=1, keepdims=True)
    share = np.maximum(found, 1e-9) / np.maximum(drawn, 1e-9)
    goal = (wanted + PRIOR * share) / (many + PRIOR)
    return np.where(allowed & (drawn >= FEWEST), np.clip(np.log(goal / share), -1, 1), 0.0)
