"""One loop for all networks: early stopping, checkpoints, divergence, and memory that does not suffice."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim import Optimizer

from mintmark.errors import GenerationError
from mintmark.generators.deep import privacy
from mintmark.generators.deep.checkpoints import Checkpoints, Tensors, pack, unpack
from mintmark.generators.workshop import Workshop

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HELD = 0.1
"""Share of the training rows that only say when to stop."""
EXPLODED = 1e3
"""A loss that is so many times the first one will not come back."""
SMALLEST = 8
"""Rows; a batch that does not fit into the memory is halved down to this."""


@dataclass(frozen=True)
class Rows:
    """Rows on a device: of a table, or windows of text."""

    classes: Tensor
    """(n, columns) int64"""
    scores: Tensor
    """(n, columns or 0) float32, what a row holds beside classes, in the form that the method learns"""
    orders: dict[int, tuple[Tensor, Tensor]] = field(default_factory=dict, compare=False)
    """Their numbers by class, for columns for which somebody asked."""

    @classmethod
    def of(cls, classes: Ints, device: torch.device, scores: Floats | None = None) -> "Rows":
        """Rows of classes and, where the method learns some, their scores."""
        held = np.zeros((len(classes), 0)) if scores is None else scores
        return cls(torch.from_numpy(classes).to(device), torch.from_numpy(held.astype(np.float32)).to(device))

    def __len__(self) -> int:
        return len(self.classes)

    def __getitem__(self, which: Tensor) -> "Rows":
        return Rows(self.classes[which.to(self.classes.device)], self.scores[which.to(self.scores.device)])


class Learner(Protocol):
    """A network in training."""

    told: str
    """What the number is that `step` returns."""

    @property
    def nets(self) -> nn.Module:
        """All weights, running averages included."""
        ...

    @property
    def optimisers(self) -> tuple[Optimizer, ...]:
        """What moves them."""
        ...

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        """Learns from the rows that `which` numbers; returns the loss."""
        ...

    def judge(self, rows: Rows, source: torch.Generator) -> float:
        """How badly the averaged weights do on rows that were not learnt from."""
        ...


@dataclass(frozen=True)
class Course:
    """How long and in which steps is learnt."""

    method: str
    epochs: int
    batch: int
    rate: float
    patience: int
    """Stops where so many judgements in a row bring nothing better."""
    fit: str
    """Names data, parameters and seed: what a checkpoint must agree with."""
    private: bool = False
    """Nothing may depend on the rows but blurred gradients: each step draws rows by chance, an epoch has a fixed number
    of steps, nothing is held out, and no batch is halved."""


@dataclass
class State:
    """Where the training stands; all of it is in a checkpoint."""

    epoch: int
    batch: int
    first: float | None = None
    best: float = math.inf
    since: int = 0
    """Judgements since the best one."""
    notes: list[str] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def train(learner: Learner, rows: Rows, course: Course, *, source: torch.Generator, workshop: Workshop) -> State:
    """Trains until the held-out rows get no better, and leaves the learner with the weights that were best.

    Raises GenerationError where the loss diverges, or where the memory does not hold even the smallest batch.
    """
    held, learnt = (rows, rows) if course.private else _split(rows, source)
    kept = Checkpoints(workshop.folder, course.fit)
    state, best = State(0, min(course.batch, len(learnt))), Tensors()
    begun = kept.read()
    if begun is not None:
        state, best = _resumed(learner, begun, source)
    written = time.monotonic()
    while state.epoch < course.epochs and state.since < course.patience:
        before = pack(learner.nets, learner.optimisers, source)
        try:
            _rates(learner, course, state.epoch)
            losses = _epoch(learner, learnt, state.batch, source, private=course.private)
            judged = None if course.private else learner.judge(held, source)
        except torch.OutOfMemoryError as error:
            unpack(before, learner.nets, learner.optimisers, source)
            _shrink(state, course, error)
            continue
        loss = sum(losses) / len(losses)
        state.first = abs(losses[0]) if state.first is None else state.first
        _check(loss, judged, state, course)
        state.epoch += 1
        state.losses.append(loss)
        if judged is not None:
            best = _compare(learner, judged, state, best)
        workshop.say(f"{learner.told} {loss:.3f}", state.epoch, course.epochs)
        if time.monotonic() - written >= workshop.every_s:
            _keep(kept, learner, state, best, source)
            written = time.monotonic()
    if best:
        learner.nets.load_state_dict(best)
    _keep(kept, learner, state, best, source)
    return state


def descend(net: nn.Module, optimiser: Optimizer, loss: Tensor, longest: float) -> float:
    """One step against the gradient, which is no longer than `longest`; returns the loss."""
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(net.parameters(), longest)
    optimiser.step()
    return float(loss.detach())


def batches(count: int, size: int, source: torch.Generator) -> Iterator[Tensor]:
    """All rows once, in random order, in batches of equal size; the few left over wait for the next epoch."""
    order = torch.randperm(count, generator=source)
    for start in range(0, max(count - size + 1, 1), size):
        yield order[start : start + size]


def _split(rows: Rows, source: torch.Generator) -> tuple[Rows, Rows]:
    """Rows to judge by and rows to learn from; of very few rows, all serve as both."""
    many = int(HELD * len(rows))
    if many < 2:
        return rows, rows
    order = torch.randperm(len(rows), generator=source)
    return rows[order[:many]], rows[order[many:]]


def _epoch(learner: Learner, rows: Rows, batch: int, source: torch.Generator, *, private: bool) -> list[float]:
    if private:
        return [learner.step(rows, privacy.drawn(len(rows), source), source) for _ in range(privacy.ROUNDS)]
    return [learner.step(rows, which, source) for which in batches(len(rows), batch, source)]


def _rates(learner: Learner, course: Course, epoch: int) -> None:
    """Full speed for the first half, then down to a tenth along a cosine."""
    late = max(0.0, 2 * epoch / course.epochs - 1)
    rate = course.rate * (0.1 + 0.9 * (1 + math.cos(math.pi * late)) / 2)
    for optimiser in learner.optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("pace", 1.0)


def _compare(learner: Learner, judged: float, state: State, best: Tensors) -> Tensors:
    if judged >= state.best:
        state.since += 1
        return best
    state.best, state.since = judged, 0
    return {name: value.detach().clone() for name, value in learner.nets.state_dict().items()}


def _check(loss: float, judged: float | None, state: State, course: Course) -> None:
    """GenerationError where the loss is no number, or beyond all measure."""
    assert state.first is not None
    sound = math.isfinite(loss) and abs(loss) <= EXPLODED * (1 + state.first)
    if not sound or (judged is not None and not math.isfinite(judged)):
        raise GenerationError(
            f"the training of {course.method} diverged and was stopped; nothing of it is kept",
            found=f"a loss of {loss:.4g} in epoch {state.epoch + 1}",
            fix=f"choose a lower `rate` than {course.rate:g}",
        )


def _shrink(state: State, course: Course, error: Exception) -> None:
    """Half the batch, from where the epoch began; GenerationError where it cannot get smaller."""
    smaller = state.batch // 2
    if smaller < SMALLEST or course.private:
        raise GenerationError(f"the memory does not hold even small batches of {course.method}",
                              found=str(error).partition("\n")[0], fix="choose a smaller `width`, or `device: cpu`",
                              ) from error  # fmt: skip
    state.notes.append(f"{course.method}: the memory did not hold batches of {state.batch} rows; "
                       f"from epoch {state.epoch + 1} on they have {smaller}.")  # fmt: skip
    state.batch = smaller


def _keep(kept: Checkpoints, learner: Learner, state: State, best: Tensors, source: torch.Generator) -> None:
    tensors = pack(learner.nets, learner.optimisers, source)
    tensors |= {f"best.{name}": value.cpu().contiguous() for name, value in best.items()}
    kept.write(tensors, {"state": json.dumps(vars(state))})


def _resumed(learner: Learner, begun: tuple[Tensors, dict[str, Any]], source: torch.Generator) -> tuple[State, Tensors]:
    tensors, body = begun
    unpack(tensors, learner.nets, learner.optimisers, source)
    best = {name[5:]: value for name, value in tensors.items() if name.startswith("best.")}
    return State(**json.loads(body["state"])), best
