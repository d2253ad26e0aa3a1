"""Diffusion: rows are cleared of noise step by step, all columns at once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass as plain
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from scipy.special import ndtr, ndtri
from torch import Tensor, nn

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns, storage
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import checkpoints, machine, training
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads, parts
from mintmark.generators.tabular.deep.training import Rows
from mintmark.generators.tabular.storage import need
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.diffusion"

BATCH = 8192
FARTHEST = 4.5


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Diffusion:
    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    target: str | None = None
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 60
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    rate: Annotated[float, Field(gt=0, le=100)] = 1e-3
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    strides: Annotated[int, Field(ge=2, le=1000)] = 50
    revealed: float = 0.25
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE):
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        blocks = coding.learn(learnt.alphabets, runs=1)
        tokens = {name: alphabet.encode(table[name]) for name, alphabet in learnt.alphabets.items()}
        rows = coding.encode(blocks, tokens, table.num_rows, rng)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        first = list(blocks).index(self.target) if self.target in blocks and learnt.schema[self.target].discrete else None
        with machine.one_core():
            net = machine.started(_laid_out(blocks, self.width), source)
            average = _laid_out(blocks, self.width).to_empty(device="cpu")
            average.load_state_dict(net.state_dict())
            on = machine.chosen(self.device)
            edge = 0.5 / max(table.num_rows, 1000)
            data = Rows(torch.from_numpy(rows.classes).to(on), torch.from_numpy(ndtri(np.clip(rows.places, edge, 1-edge)).astype(np.float32)).to(on))
            learner = _Learner(net, average, self.rate, self.revealed, first, blocks)
            size = min(self.batch, max(8, table.num_rows // 10))
            course = training.Course(METHOD, self.epochs, size, self.rate, 15, "x")
            state = training.train(learner, data, course, source=source, workshop=workshop)
        s = Denoised(learnt, blocks, learner.average, self.strides, first)
        s.state = state
        return s


class Net(nn.Module):
    def __init__(self, blocks, width):
        super().__init__()
        self.heads = Heads.of(blocks)
        many = len(blocks)
        self.embedding = nn.Embedding(self.heads.width, width)
        self.numbers = nn.Linear(2 * many, width)
        self.time = nn.Sequential(nn.Linear(32, width), nn.SiLU(), nn.Linear(width, width))
        self.layers = nn.ModuleList([nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2*width), nn.SiLU(), nn.Linear(2*width, width)) for _ in range(2)])
        self.norm = nn.LayerNorm(width)
        self.logits = nn.Linear(width, self.heads.width)
        self.velocity = nn.Linear(width, many)

    def forward(self, classes, scores, known, time):
        x = self.embedding(classes + self.heads.starts.to(classes.device)).sum(dim=-2)
        x = x + self.numbers(torch.cat([scores, known.float()], -1))
        freq = torch.exp(torch.linspace(0, math.log(1000), 16, device=time.device))
        angle = time[:, None] * freq
        x = x + self.time(torch.cat([angle.sin(), angle.cos()], -1))
        for layer in self.layers:
            x = x + layer(x)
        x = self.norm(x)
        return self.logits(x), self.velocity(x)


def _laid_out(blocks, width):
    with torch.device("meta"):
        return Net(blocks, width)


def kept(time):
    """ᾱ: how much of the signal is left."""
    return torch.cos(time.clamp(1e-4, 0.999) * math.pi / 2) ** 2


class _Learner:
    def __init__(self, net, average, rate, revealed, first, blocks):
        self.net, self.average, self.revealed, self.first = net, average, revealed, first
        self.nets = nn.ModuleDict({"net": net, "average": average})
        self.optimisers = (torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4, betas=(.9,.99)),)
        self.mass = [torch.tensor(b.share, dtype=torch.float32) for b in blocks.values()]
        self.wide = torch.cat([torch.tensor(b.wide) for b in blocks.values()])
        self.wider = torch.tensor([b.wide.any() for b in blocks.values()])
        self.steps = 0

    def _loss(self, net, rows, source):
        n, c = rows.classes.shape
        heads = net.heads
        time = ((torch.arange(n) + torch.rand((), generator=source)) / n)
        a = kept(time)[:, None]
        known = (torch.rand((n, c), generator=source) < torch.rand((n, 1), generator=source)) & (torch.rand((n, 1), generator=source) < self.revealed)
        if self.first is not None:
            known[:, self.first] = True
        random = torch.stack([torch.multinomial(m, n, replacement=True, generator=source) for m in self.mass], -1)
        keep = torch.rand((n, c), generator=source) < a
        classes = torch.where(keep | known, rows.classes, random)
        noise = torch.randn((n, c), generator=source)
        scores = torch.where(known, rows.scores, a.sqrt() * rows.scores + (1 - a).sqrt() * noise)
        scores = scores * self.wider
        logits, velocity = net(classes, scores, known, time)
        surprise = heads.surprise(logits, rows.classes) * ~known
        goal = a.sqrt() * noise - (1 - a).sqrt() * rows.scores
        wide = self.wide[rows.classes + heads.starts]
        error = (velocity - goal) ** 2 * wide * ~known
        return (surprise.sum(-1) + error.sum(-1)).mean()

    def step(self, rows, which, source):
        loss = self._loss(self.net, rows[which], source)
        self.optimisers[0].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimisers[0].step()
        self.steps += 1
        pace = max(1 / (self.steps + 1), 1e-3)
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, pace)
        return float(loss.detach())

    @torch.no_grad()
    def judge(self, rows, source):
        fixed = torch.Generator().manual_seed(1)
        return sum(float(self._loss(self.average, rows, fixed)) for _ in range(3))/3


class Denoised:
    def __init__(self, learnt, blocks, net, strides, first):
        self.learnt, self.blocks, self.net, self.strides, self.first = learnt, blocks, net, strides, first
        self.mass = [torch.tensor(b.share, dtype=torch.float32) for b in blocks.values()]
        self.wider = torch.tensor([b.wide.any() for b in blocks.values()])

    @torch.no_grad()
    def _walk(self, n, source):
        c = len(self.blocks)
        draw = lambda: torch.stack([torch.multinomial(m, n, replacement=True, generator=source) for m in self.mass], -1)
        x = draw()
        known = torch.zeros((n, c), dtype=torch.bool)
        if self.first is not None:
            known[:, self.first] = True
        z = torch.randn((n, c), generator=source) * self.wider
        times = torch.linspace(1, 0, self.strides + 1) ** 1.5
        mass = torch.cat(self.mass)
        for now, then in zip(times[:-1], times[1:]):
            at, as_ = kept(now), kept(then) if then > 0 else torch.tensor(1.0)
            logits, v = self.net(x, z, known, now.expand(n))
            x0 = (at.sqrt() * z - (1 - at).sqrt() * v).clamp(-FARTHEST, FARTHEST)
            alpha = at / as_
            mean = (as_.sqrt() * (1 - alpha) * x0 + alpha.sqrt() * (1 - as_) * z) / (1 - at)
            sd = ((1 - alpha) * (1 - as_) / (1 - at)).sqrt()
            z_new = (mean + sd * torch.randn((n, c), generator=source)) * self.wider
            p0 = self.net.heads.shares(logits)
            onehot = self.net.heads.onehot(x)
            m_here = mass[x + self.net.heads.starts]   # (n,c) m[x_t]
            sizes = torch.tensor(self.net.heads.sizes)
            m_rep = m_here.repeat_interleave(sizes, dim=1)
            w = p0 / (at * onehot + (1 - at) * m_rep).clamp_min(1e-12)
            tot = torch.stack([p.sum(-1) for p in self.net.heads.split(w)], -1).repeat_interleave(sizes, 1)
            q = (alpha * onehot + (1 - alpha) * m_rep) * (as_ * w + (1 - as_) * mass * tot)
            x_new = self.net.heads.draw(q.clamp_min(1e-30).log(), source)
            x = torch.where(known, x, x_new)
            z = torch.where(known, z, z_new)
        return x, z

    def sample(self, count, *, rng, given=None):
        known = self.learnt.given(given, count)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        with machine.one_core():
            out = [self._walk(b - a, source) for a, b in parts(count, BATCH)]
        classes = torch.cat([x for x, _ in out]).numpy(); places = ndtr(torch.cat([z for _, z in out]).numpy().astype(float))
        drawn = coding.decode(self.blocks, Coded(classes, places))
        return self.learnt.finish(count, drawn, known, rng)
