"""Diffusion: rows of pure noise, cleared step by step in all columns at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from scipy.special import ndtr
from torch import Tensor, nn

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.errors import UnknownName
from mintmark.generators import storage
from mintmark.generators.deep import checkpoints, machine, training
from mintmark.generators.deep.averages import follow
from mintmark.generators.deep.training import Course, Rows
from mintmark.generators.storage import need
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import collapse, decay, lesson, sampling
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads, parts, race
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.diffusion"

REVEALED = 0.5
"""Share of the training rows of which some columns are shown as they are, so that given columns are nothing new."""
WAVES = 16
"""Sines, and cosines, by which the network is told the time."""
AT_ONCE, LOOKED_AT = 4096, 1024
"""Rows made at once; rows made after the training to see what it lost."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Diffusion:
    """Diffusion: rows of pure noise, cleared step by step in all columns at once.

    TabDDPM (Kotelnikov et al. 2023): Gaussian diffusion of normal scores (Ho et al. 2020) beside multinomial diffusion
    of classes (Hoogeboom et al. 2021), one network for both. Unlike there, classes decay to their own shares and not to
    equal ones (Vignac et al. 2023), the network predicts velocities (Salimans, Ho 2022), and it also learns from rows
    of which some columns are shown: so any columns can be given, and a target's class is simply one that always is.
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    target: str | None = None
    """A column of classes that is drawn first, by its shares; the others are made to fit its class."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 40
    """Times that all rows are learnt from, at most: training stops where held-out rows get no better."""
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    rate: Annotated[float, Field(gt=0, le=100)] = 2e-3
    """Size of the optimiser's steps (AdamW)."""
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    """Units in each layer."""
    strides: Annotated[int, Field(ge=2, le=1000)] = 50
    """Steps from noise to rows: more are finer and slower."""
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "Within one stride the columns of a row are cleared on their own.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Given columns are shown to the network, which has learnt to complete rows: as good as it learnt, not exact.",
        "The same rows for the same seed are promised on a processor; accelerators add numbers in changing order.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Clearing":
        """Trains the network that clears noise.

        Raises DataError where the rows do not serve, GenerationError where the training diverges.
        """
        learning = lesson.prepare(real, rare=self.rare, runs=1, rng=rng)
        assert real is not None
        if self.target is not None and self.target not in real.columns:
            raise UnknownName("column", self.target, real.columns.names, where="target")
        seed = seeds.integer(rng)
        source = torch.Generator().manual_seed(seed)
        leads = leading(learning.blocks, self.target)
        with machine.one_core():
            net = untaught(learning.blocks, self.width, source)
            average = laid_out(learning.blocks, self.width).to_empty(device="cpu")
            average.load_state_dict(net.state_dict())
            notes: tuple[str, ...] = ()
            if learning.blocks:
                fit = checkpoints.identity(METHOD, self, real, seed)
                course = Course(METHOD, self.epochs, lesson.batch(self.batch, len(real)), self.rate, 15, fit)
                on = machine.chosen(self.device)
                rows = Rows.of(learning.rows.classes, on, decay.scores(learning.rows.places))
                learner = _Learner(net.to(on), average.to(on), learning.blocks, self.rate, leads)
                notes = tuple(training.train(learner, rows, course, source=source, workshop=workshop).notes)
            made = Clearing(learning.learnt, learning.blocks, average.to("cpu"), leads, self.strides, notes)
            return replace(made, notes=(*notes, *made.lost(learning.rows, source))) if learning.blocks else made

    def load(self, folder: Path) -> "Clearing":
        """Reads what `Clearing.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            blocks = coding.learn(learnt.alphabets, runs=1)
            net = laid_out(blocks, int(body["width"]))
            checkpoints.from_arrays(net, stored, "net")
            leads, strides = body["leads"], int(body["strides"])
            need(leads is None or 0 <= leads < len(blocks), "the leading column")
            need(2 <= strides <= 1000, "strides")
            return Clearing(learnt, blocks, net, leads, strides, tuple(body["notes"]))


class Net(nn.Module):
    """From a noisy row and the time to the classes and scores without noise."""

    def __init__(self, blocks: Mapping[str, Block], width: int) -> None:
        super().__init__()
        self.heads, self.width = Heads.of(blocks), width
        self.embedding = nn.Embedding(self.heads.width, width)
        self.numbers = nn.Linear(2 * len(blocks), width)
        self.time = nn.Sequential(nn.Linear(2 * WAVES, width), nn.SiLU(), nn.Linear(width, width))
        self.layers = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
            for _ in range(2)
        )
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, self.heads.width)
        self.velocity = nn.Linear(width, len(blocks))

    def forward(self, classes: Tensor, scores: Tensor, known: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the classes, (n, width of the heads), and the velocities of the scores, (n, columns).

        `known` (n, columns) says which columns hold no noise; `time` (n,) runs from 1, all noise, to 0, none.
        """
        hidden = self.embedding(classes + self.heads.starts.to(classes.device)).sum(dim=-2)
        hidden = hidden + self.numbers(torch.cat([scores, known.float()], dim=-1))
        angle = time[:, None] * torch.exp(torch.linspace(0, math.log(1000), WAVES, device=time.device))
        hidden = hidden + self.time(torch.cat([angle.sin(), angle.cos()], dim=-1))
        for layer in self.layers:
            hidden = hidden + layer(hidden)
        hidden = self.norm(hidden)
        return self.logits(hidden), self.velocity(hidden)


def laid_out(blocks: Mapping[str, Block], width: int) -> Net:
    """The net without weights."""
    return machine.laid_out(lambda: Net(blocks, width))


def untaught(blocks: Mapping[str, Block], width: int, source: torch.Generator) -> Net:
    """The net before it has learnt: it already knows how frequent each class is."""
    net = machine.started(laid_out(blocks, width), source)
    if blocks:
        with torch.no_grad():
            net.logits.bias.copy_(torch.cat([torch.tensor(block.share) for block in blocks.values()]).log())
            net.logits.weight.mul_(0.1)
    return net


def leading(blocks: Mapping[str, Block], target: str | None) -> int | None:
    """The number of the target's column; None where it has no classes."""
    if target is None or target not in blocks or not blocks[target].alphabet.column.discrete:
        return None
    return list(blocks).index(target)


class _Learner:
    """AdamW on both losses; what is kept is a running average of the weights."""

    told = "loss"

    def __init__(self, net: Net, average: Net, blocks: Mapping[str, Block], rate: float, leads: int | None) -> None:
        self.net, self.average, self.leads = net, average, leads
        self.nets = nn.ModuleDict({"net": net, "average": average})
        self.optimisers = (torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4),)
        self.noise = decay.Noise(blocks, net.velocity.weight.device)

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        loss = self._loss(self.net, rows[which], source)
        told = training.descend(self.net, self.optimisers[0], loss, longest=1.0)
        follow(self.average, self.net, self.optimisers[0])
        return told

    @torch.no_grad()
    def judge(self, rows: Rows, source: torch.Generator) -> float:
        del source
        fixed = torch.Generator().manual_seed(0)  # the same noise each time, so that only the weights differ
        return sum(float(self._loss(self.average, rows, fixed)) for _ in range(3)) / 3

    def _loss(self, net: Net, rows: Rows, source: torch.Generator) -> Tensor:
        """Surprise at the classes and squared error of the velocities, of columns that are not shown."""
        count, many = rows.classes.shape
        on = rows.classes.device
        time = ((torch.arange(count) + torch.rand((), generator=source)) / count).to(on)
        left = decay.signal(time)[:, None]
        known = self._shown(count, many, source).to(on)
        keep = known | (machine.uniform((count, many), source, on) < left)
        classes = torch.where(keep, rows.classes, self.noise.classes(count, source))
        drawn = self.noise.scores(count, source)
        clean = rows.scores * self.noise.scored
        logits, velocity = net(classes, torch.where(known, clean, left.sqrt() * clean + (1 - left).sqrt() * drawn),
                               known, time)  # fmt: skip
        surprise = net.heads.surprise(logits, rows.classes)
        wide = self.noise.wide[rows.classes + net.heads.starts.to(on)]
        error = (velocity - left.sqrt() * drawn + (1 - left).sqrt() * clean) ** 2 * wide
        return ((surprise + error) * ~known).sum(-1).mean()

    def _shown(self, count: int, many: int, source: torch.Generator) -> Tensor:
        """(n, columns) of some rows a random share of the columns, and of all others the one that leads."""
        some = torch.rand((count, 1), generator=source) < REVEALED
        known = (torch.rand((count, many), generator=source) < torch.rand((count, 1), generator=source)) & some
        if self.leads is not None:
            known[:, self.leads] |= ~some[:, 0]
        return known


@plain(frozen=True)
class Clearing:
    """The network, and how to walk from noise to rows."""

    learnt: Learnt
    blocks: Mapping[str, Block]
    net: Net
    leads: int | None
    """The column that is drawn first."""
    strides: int
    notes: tuple[str, ...]
    """What the training has to say."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Clears noise; what is given is shown to the network from the start."""
        return sampling.sample(self.learnt, self.blocks, self._drawn, count, rng=rng, given=given)

    @torch.no_grad()
    def lost(self, real: Coded, source: torch.Generator) -> tuple[str, ...]:
        """What its rows lack that the training rows hold, in plain words."""
        shape = (LOOKED_AT, len(self.blocks))
        nothing = Coded(np.zeros(shape, dtype=np.int64), np.full(shape, 0.5))
        made = self._drawn(nothing, torch.zeros(len(self.blocks), dtype=torch.bool), source)
        return collapse.notes_of_rows(METHOD, self.blocks, made, real)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        sizes = {"width": self.net.width, "leads": self.leads, "strides": self.strides}
        body: dict[str, Any] = {**self.learnt.to_json(), **sizes, "notes": self.notes}
        storage.write(folder, METHOD, body, self.learnt.to_arrays() | checkpoints.to_arrays(self.net, "net"))

    def _drawn(self, fixed: Coded, seen: Tensor, source: torch.Generator) -> Coded:
        rows = Rows.of(fixed.classes, torch.device("cpu"), decay.scores(fixed.places))
        made = [self._walk(rows[torch.arange(a, b)], seen, source) for a, b in parts(len(fixed), AT_ONCE)]
        places = ndtr(torch.cat([part.scores for part in made]).numpy().astype(np.float64))
        return Coded(torch.cat([part.classes for part in made]).numpy(), places)

    def _walk(self, fixed: Rows, seen: Tensor, source: torch.Generator) -> Rows:
        """From noise to rows; columns that are `seen` stay as `fixed` has them."""
        noise, count = decay.Noise(self.blocks, torch.device("cpu")), len(fixed)
        now = Rows(torch.where(seen, fixed.classes, noise.classes(count, source)),
                   torch.where(seen, fixed.scores * noise.scored, noise.scores(count, source)))  # fmt: skip
        if self.leads is not None and not seen.any():  # its first draw is by its shares already, and stays
            seen = seen | (torch.arange(len(self.blocks)) == self.leads)
        times = torch.linspace(1, 0, self.strides + 1) ** 1.5  # finer where little noise is left
        for early, late in pairwise(times):
            logits, velocity = self.net(now.classes, now.scores, seen.expand(count, -1), early.expand(count))
            before, after = decay.signal(early), decay.signal(late) if late > 0 else torch.ones(())
            weights = decay.clearer(self.net.heads, noise.flat, logits, now.classes, before, after)
            classes = torch.stack([race(part, source) for part in self.net.heads.split(weights)], dim=-1)
            scores = decay.moved(now.scores, velocity, before, after, noise.scores(count, source)) * noise.scored
            now = Rows(torch.where(seen, now.classes, classes), torch.where(seen, now.scores, scores))
        return now
