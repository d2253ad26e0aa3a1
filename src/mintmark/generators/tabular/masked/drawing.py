"""Drawing rows column by column, with what is given kept.

Where a given column comes after others that are not, each row carries several candidates: at every given column they
are weighed by how well they foretell it, and drawn again by that weight (sequential importance resampling; Gordon,
Salmond, Smith 1993). This is exact where the given columns lead the order, and else in the limit of many candidates.
No row is rejected.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from mintmark.data import arrays
from mintmark.generators.tabular.masked.slots import Slot
from mintmark.generators.tabular.masked.walk import Before, Nets, Walk
from mintmark.generators.tabular.tokens import Floats, Tokens

BLOCK = 4_096
"""Candidates that are on their way at once."""
UNLIKELY = 1e-12
"""Where no candidate foretells what is given, one of them is still taken: a given row is always completed."""


def draw(nets: Nets, slots: Sequence[Slot], count: int, given: Mapping[str, pa.Array], rng: np.random.Generator,
         *, candidates: int) -> dict[str, pa.Array]:  # fmt: skip
    """Columns of `count` rows, those that are given included."""
    leads = {slot.name for slot in slots[: len(given)]} == set(given)
    many = 1 if leads else candidates
    rows = max(1, BLOCK // many)
    parts = []
    for start in range(0, max(count, 1), rows):
        some = min(rows, count - start)
        fixed = {name: values.slice(start, some) for name, values in given.items()}
        parts.append(block(nets, slots, some, fixed, rng, many=many))
    return {slot.name: pa.concat_arrays([_plain(part[slot.name]) for part in parts]) for slot in slots}


def block(nets: Nets, slots: Sequence[Slot], count: int, given: Mapping[str, pa.Array], rng: np.random.Generator,
          *, many: int = 1, before: Before | None = None) -> dict[str, pa.Array]:  # fmt: skip
    """The same for rows that are all held at once, with `many` candidates each."""
    with torch.inference_mode():
        rows = _Rows(Walk(nets, count * many), many, small=any(slot.spread for slot in slots))
        for slot in slots:
            if slot.name in given:
                log_weight = rows.take(slot, given[slot.name])
                if many > 1:
                    rows.keep(_resampled(log_weight.reshape(count, many), rng))
            else:
                rows.make(slot, rng, before)
        if many > 1:
            rows.keep(np.arange(count) * many + rng.integers(many, size=count))
        return rows.made


class _Rows:
    """A block of candidates: where they are in the networks, what formulas see of them, and their columns."""

    def __init__(self, walk: Walk, many: int, *, small: bool) -> None:
        self.walk, self.many, self.small = walk, many, small
        self.before = np.zeros((len(walk.previous), 0))
        self.made: dict[str, pa.Array] = {}

    def make(self, slot: Slot, rng: np.random.Generator, before: Before | None) -> None:
        """Draws a column."""
        drawn = []
        for _ in slot.grid.sizes:
            scores = self.walk.scores()
            if before:
                before(self.walk.at, scores, self.walk.previous)
            choice = _picked(self.walk.probabilities(scores), rng)
            self.walk.settle(choice)
            drawn.append(choice.numpy())
        tokens = slot.grid.join(drawn)
        if slot.scale is None:
            self.made[slot.name] = slot.values.decode(tokens, rng)
            self._show(slot, np.zeros(len(tokens)), tokens)
        else:
            numbers, self.made[slot.name] = slot.numbers(tokens, self.before, rng)
            self._show(slot, numbers, tokens)

    def take(self, slot: Slot, given: pa.Array) -> Floats:
        """Takes a column as it is given; returns how likely the networks held it, as logarithms."""
        fixed = given.take(pa.array(np.repeat(np.arange(len(given)), self.many))) if self.many > 1 else given
        numbers = arrays.numbers(fixed, slot.values.column) if slot.scale else np.zeros(len(fixed))
        tokens = slot.tokens(numbers, self.before) if slot.scale else slot.values.encode(fixed)
        log_weight = np.zeros(len(fixed))
        for part in slot.grid.split(tokens):
            choice = torch.from_numpy(part)
            held = self.walk.probabilities(self.walk.scores()).gather(1, choice[:, None])[:, 0]
            log_weight += np.log(held.numpy() + UNLIKELY)
            self.walk.settle(choice)
        self.made[slot.name] = fixed
        self._show(slot, numbers, tokens)
        return log_weight

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Goes on with these candidates alone."""
        self.walk.keep(torch.from_numpy(rows))
        self.before = self.before[rows]
        self.made = {name: values.take(pa.array(rows)) for name, values in self.made.items()}

    def _show(self, slot: Slot, numbers: Floats, tokens: Tokens) -> None:
        self.walk.show(slot.features(numbers))
        self.before = np.hstack([self.before, slot.predictors(numbers, tokens, small=self.small)])


def _picked(probabilities: Tensor, rng: np.random.Generator) -> Tensor:
    """One class a row, shape (rows,)."""
    total = torch.cumsum(probabilities.double(), dim=1)
    where = torch.from_numpy(rng.random(len(total)))[:, None] * total[:, -1:]
    return torch.clamp((total <= where).sum(dim=1), max=total.shape[1] - 1)


def _resampled(log_weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """(rows × candidates,) which of each row's candidates go on: by weight, at evenly spaced places."""
    rows, many = log_weight.shape
    total = np.cumsum(np.exp(log_weight - log_weight.max(axis=1, keepdims=True)), axis=1)
    places = (np.arange(many) + rng.random((rows, 1))) / many * total[:, -1:]
    found = (places[:, :, None] >= total[:, None, :]).sum(axis=2)
    return (np.arange(rows)[:, None] * many + np.minimum(found, many - 1)).ravel()


def _plain(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
