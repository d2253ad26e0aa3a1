"""How the classes and places that a network draws become rows, which keep what is given."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators.deep import machine
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep.blocks import Block, Coded

Draw = Callable[[Coded, Tensor, torch.Generator], Coded]
"""Draws as many rows as it is shown, which hold what is given in the columns that are told, (columns,) bool."""


def sample(learnt: Learnt, blocks: Mapping[str, Block], draw: Draw, count: int, *, rng: np.random.Generator,
           given: Dataset | None) -> Dataset:  # fmt: skip
    """Draws on one core of the processor; ConditionError where what is given does not fit the columns."""
    known = learnt.given(given, count)
    source = torch.Generator().manual_seed(seeds.integer(rng))
    fixed = coding.encode(blocks, learnt.tokens(known), count, rng)
    if not blocks:
        return learnt.finish(count, {}, known, rng)
    seen = torch.tensor([name in known for name in blocks])
    with machine.one_core(), torch.no_grad():
        made = draw(fixed, seen, source)
    return learnt.finish(count, coding.decode(blocks, made), known, rng)
