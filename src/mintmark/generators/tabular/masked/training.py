"""Training one network: AdamW, a one-cycle rate, an average over the last steps, and an early end on rows set aside.

A killed training goes on from its last checkpoint and learns what it would have learnt.

Loshchilov, Hutter 2019 (AdamW); Smith, Topin 2018 (one cycle); Polyak, Juditsky 1992 (averaged weights).
"""

import json
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mintmark.errors import GenerationError
from mintmark.generators.deep.checkpoints import Checkpoints, Tensors, pack, unpack
from mintmark.generators.tabular.masked.bounds import Bounds
from mintmark.generators.tabular.masked.net import Masked, Shape
from mintmark.generators.tabular.masked.slots import Encoded
from mintmark.generators.workshop import ALONE, Workshop

CLIP = 2.0
"""The longest gradient."""
DECAY = 1e-3
WARM = 0.2
"""Share of the steps in which the rate rises."""
ASIDE = 0.1
"""Share of the training rows that say when to stop."""
WATCHED = 20_000
"""Most rows set aside."""


@dataclass(frozen=True)
class Diet:
    """How a network is trained."""

    epochs: int = 16
    patience: int = 4
    """Epochs without progress after which training ends."""
    batch: int = 512
    rate: float = 1e-2
    dropout: float = 0.1
    average: float = 0.995
    """How much of the averaged weights each step keeps."""


@dataclass(frozen=True)
class Trained:
    """The averaged weights of one network, and how well they do."""

    weights: dict[str, NDArray[np.float32]]
    loss: float
    """Nats per row on the rows set aside."""
    epochs: int


def train(data: Encoded, shape: Shape, bounds: Bounds, diet: Diet, *, seed: int, fit: str = "",
          workshop: Workshop = ALONE) -> Trained:  # fmt: skip
    """One network; its rows set aside, start, batches and dropout all follow from the seed.

    `fit` names data, parameters and seed: what a checkpoint must agree with. Raises GenerationError where the loss
    becomes no number.
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(data.choices), generator=generator)
    aside, own = order.tensor_split([min(WATCHED, max(1, round(ASIDE * len(order))))])
    rows = _Rows(torch.from_numpy(data.choices), torch.from_numpy(data.features), torch.from_numpy(data.wanted).float())
    batches = math.ceil(len(own) / diet.batch)
    student = _Student(Masked(shape, generator), bounds, diet, steps=diet.epochs * batches)
    kept = Checkpoints(workshop.folder, fit)
    student.go_on(kept.read(), generator, workshop)
    written = time.monotonic()
    while student.epoch < diet.epochs and student.waited <= diet.patience:
        for batch in own[torch.randperm(len(own), generator=generator)].tensor_split(batches):
            student.step(rows.of(batch), generator)
        found = student.judged(rows.of(aside))
        student.compare(found)
        workshop.say(f"loss {found:.3f}", student.epoch, diet.epochs)
        if time.monotonic() - written >= workshop.every_s:
            kept.write(*student.stand(generator))
            written = time.monotonic()
    kept.write(*student.stand(generator))
    best = zip(student.net.parts, student.kept, strict=True)
    return Trained({name: part.numpy() for name, part in best}, student.best, student.epoch)


@dataclass(frozen=True)
class _Rows:
    choices: Tensor
    features: Tensor
    wanted: Tensor

    def of(self, places: Tensor) -> "_Rows":
        return _Rows(self.choices[places], self.features[places], self.wanted[places])


class _Student:
    """A network, its optimiser, the running average of its weights, and the best that this average was."""

    def __init__(self, net: Masked, bounds: Bounds, diet: Diet, *, steps: int) -> None:
        self.net, self.bounds, self.diet = net, bounds, diet
        self.learnt = list(net.parts.values())
        self.optimiser = torch.optim.AdamW(self.learnt, lr=diet.rate, weight_decay=DECAY, betas=(0.9, 0.98))
        self.averaged = [part.detach().clone() for part in self.learnt]
        self.kept = [part.detach().clone() for part in self.learnt]
        self.steps, self.taken = steps, 0
        self.best, self.waited, self.epoch = math.inf, 0, 0

    def step(self, rows: _Rows, generator: torch.Generator) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.diet.rate * _cycle(self.taken / self.steps)
        self.optimiser.zero_grad()
        _loss(self.net, rows, self.bounds, self.diet.dropout, generator).backward()
        torch.nn.utils.clip_grad_norm_(self.learnt, CLIP)
        self.optimiser.step()
        self.taken += 1
        # An average over few steps would still hold the random start.
        kept = min(self.diet.average, self.taken / (9 + self.taken))
        with torch.no_grad():
            torch._foreach_lerp_(self.averaged, self.learnt, 1 - kept)

    def compare(self, found: float) -> None:
        """Keeps the average where it did better than ever; GenerationError where it can say nothing."""
        self.epoch += 1
        if not math.isfinite(found):
            raise GenerationError("the training of tabular.network diverged and was stopped; nothing of it is kept",
                                  found=f"a loss of {found:.4g} in epoch {self.epoch}",
                                  fix="look for absurd values in the table, or choose tabular.trees")  # fmt: skip
        self.waited += 1
        if found < self.best:
            self.best, self.waited = found, 0
            _put(self.kept, self.averaged)

    def stand(self, generator: torch.Generator) -> tuple[Tensors, dict[str, Any]]:
        """All that decides how the training goes on."""
        told = {"taken": self.taken, "best": self.best, "waited": self.waited, "epoch": self.epoch}
        return pack(self._weights(), [self.optimiser], generator), {"state": json.dumps(told)}

    def go_on(self, begun: tuple[Tensors, dict[str, Any]] | None, generator: torch.Generator, workshop: Workshop,
              ) -> None:  # fmt: skip
        """From where a killed training stood, where there is a checkpoint."""
        if begun is not None:
            unpack(begun[0], self._weights(), [self.optimiser], generator)
            for name, value in json.loads(begun[1]["state"]).items():
                setattr(self, name, value)
            workshop.say(f"going on, loss {self.best:.3f}", self.epoch, self.diet.epochs)

    def _weights(self) -> nn.Module:
        """Of the network, of its average and of the best average: the tensors themselves, under a name each."""
        named = {"learnt": self.learnt, "averaged": self.averaged, "kept": self.kept}
        return nn.ModuleDict({name: nn.ParameterList(nn.Parameter(part.detach(), requires_grad=False) for part in parts)
                              for name, parts in named.items()})  # fmt: skip

    def judged(self, rows: _Rows) -> float:
        """Nats per row by the averaged weights."""
        own = [part.detach().clone() for part in self.learnt]
        _put(self.learnt, self.averaged)
        many = len(rows.choices)
        with torch.no_grad():
            parts = torch.arange(many).tensor_split(math.ceil(many / 4096))
            found = sum(float(_loss(self.net, rows.of(part), self.bounds, 0.0, None)) * len(part) for part in parts)
        _put(self.learnt, own)
        return found / many


def _cycle(done: float) -> float:
    """The rate as a share of its peak: a cosine up, and a longer one down to nothing."""
    if done < WARM:
        return 0.04 + 0.96 * (1 - math.cos(math.pi * done / WARM)) / 2
    return (1 + math.cos(math.pi * (done - WARM) / (1 - WARM))) / 2


def _loss(net: Masked, rows: _Rows, bounds: Bounds, dropout: float, generator: torch.Generator | None) -> Tensor:
    """Nats per row: the negative log-likelihoods of all choices, those that may not be made aside."""
    scores = net.scores(rows.choices, rows.features, dropout, generator) + bounds.of(rows.choices)
    each = torch.nn.functional.cross_entropy(scores.flatten(0, 1), rows.choices.T.flatten(), reduction="none")
    return (each.view(scores.shape[:2]) * rows.wanted.T).sum() / len(rows.choices)


def _put(into: list[Tensor], values: list[Tensor]) -> None:
    with torch.no_grad():
        for part, value in zip(into, values, strict=True):
            part.copy_(value)
