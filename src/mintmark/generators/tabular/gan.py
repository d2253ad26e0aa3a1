"""A conditional generative adversarial network: one network makes rows until another cannot tell them from real ones."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn
from torch.nn import functional

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns, storage
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import checkpoints, machine, training
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads, calibrated, parts
from mintmark.generators.tabular.deep.training import Rows
from mintmark.generators.tabular.storage import need
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.gan"
RUNS = 10
BATCH = 8192
SOFT = 0.2

@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Gan:
    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 60
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 500
    rate: Annotated[float, Field(gt=0, le=100)] = 1e-3
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    noise: int = 64
    pack: int = 10
    penalty: float = 10.0
    runs: int = 10
    dropout: float = 0.25
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE):
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        blocks = coding.learn(learnt.alphabets, runs=self.runs)
        tokens = {name: alphabet.encode(table[name]) for name, alphabet in learnt.alphabets.items()}
        rows = coding.encode(blocks, tokens, table.num_rows, rng)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        with machine.one_core():
            layout = Layout.of(blocks)
            make = lambda: _meta(lambda: Net(layout, self.width, self.noise))
            net = machine.started(make(), source)
            average = make().to_empty(device="cpu"); average.load_state_dict(net.state_dict())
            judge = machine.started(_meta(lambda: Critic(layout, self.width, self.pack, self.dropout)), source)
            on = machine.chosen(self.device)
            data = Rows(torch.from_numpy(rows.classes).to(on), torch.from_numpy((2*rows.places-1).astype(np.float32)).to(on))
            learner = _Learner(layout, net, average, judge, self, blocks)
            size = max(self.pack, min(self.batch, max(8, table.num_rows // 10)) // self.pack * self.pack)
            course = training.Course(METHOD, self.epochs, size, self.rate, 1000, "x")
            state = training.train(learner, data, course, source=source, workshop=workshop)
            with torch.no_grad():
                cond = learner.layout.conditions(8192, source)
                logits, alpha = learner.average(torch.randn(8192, self.noise, generator=source), cond)
                bias = calibrated(layout.heads, logits, blocks)
                knots = torch.quantile(alpha, torch.linspace(0, 1, 65), dim=0)
        s = Made(learnt, blocks, layout, learner.average, self.noise, bias, knots)
        s.state = state
        s.trace = learner.trace
        return s


def _meta(make):
    with torch.device("meta"):
        return make()


@plain(frozen=True)
class Layout:
    heads: Heads
    wide: tuple
    shares: tuple   # per column, (classes,)
    asked: tuple    # columns that can be a condition

    @classmethod
    def of(cls, blocks):
        wide = tuple(bool(b.wide.any()) for b in blocks.values())
        return cls(Heads.of(blocks), wide, tuple(torch.tensor(b.share, dtype=torch.float32) for b in blocks.values()),
                   tuple(i for i, b in enumerate(blocks.values()) if not wide[i] and b.classes > 1))

    def draw(self, n, source, log, rows=None):
        """(n,) column, (n,) class"""
        col = torch.randint(len(self.asked), (n,), generator=source)
        column = torch.tensor(self.asked)[col]
        cls_ = torch.empty(n, dtype=torch.int64)
        for c in self.asked:
            here = column == c
            m = self.shares[c]
            weight = torch.log1p(m * rows) if log else m
            cls_[here] = torch.multinomial(weight, int(here.sum()), replacement=True, generator=source) if here.any() else cls_[here]
        return column, cls_

    def vector(self, column, cls_):
        out = torch.zeros(len(column), self.heads.width)
        return out.scatter(1, (self.heads.starts[column] + cls_)[:, None], 1.0)

    def conditions(self, n, source):
        if not self.asked:
            return torch.zeros(n, self.heads.width)
        return self.vector(*self.draw(n, source, False))


class Net(nn.Module):
    def __init__(self, layout, width, noise):
        super().__init__()
        k, c = layout.heads.width, len(layout.wide)
        self.first = nn.Sequential(nn.Linear(noise + k, width), nn.LayerNorm(width), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(noise + k + width, width), nn.LayerNorm(width), nn.ReLU())
        self.logits = nn.Linear(noise + k + 2 * width, k)
        self.alpha = nn.Linear(noise + k + 2 * width, c)

    def forward(self, z, cond):
        x = torch.cat([z, cond], -1)
        x = torch.cat([x, self.first(x)], -1)
        x = torch.cat([x, self.second(x)], -1)
        return self.logits(x), torch.tanh(self.alpha(x))


class Critic(nn.Module):
    def __init__(self, layout, width, pack, dropout):
        super().__init__()
        k, c = layout.heads.width, len(layout.wide)
        self.pack, self.dropout = pack, dropout
        self.row = nn.Linear(2 * k + c, width)
        self.a = nn.Linear(pack * width, width)
        self.b = nn.Linear(width, width)
        self.c = nn.Linear(width, 1)

    def forward(self, x, source):
        x = functional.leaky_relu(self.row(x), 0.2)
        x = x.reshape(len(x) // self.pack, -1)
        for layer in (self.a, self.b):
            x = functional.leaky_relu(layer(x), 0.2)
            if self.dropout and source is not None:
                x = x * (torch.rand(x.shape, generator=source) > self.dropout) / (1 - self.dropout)
        return self.c(x)[:, 0]


class _Learner:
    def __init__(self, layout, net, average, critic, p, blocks):
        self.layout, self.net, self.average, self.critic, self.p = layout, net, average, critic, p
        self.nets = nn.ModuleDict({"net": net, "average": average, "critic": critic})
        self.optimisers = (torch.optim.Adam(net.parameters(), lr=p.rate, betas=(0.5, 0.9), weight_decay=1e-6),
                           torch.optim.Adam(critic.parameters(), lr=p.rate, betas=(0.5, 0.9)))
        self.wide = torch.cat([torch.tensor(b.wide) for b in blocks.values()])
        self.steps = 0
        self.index = None
        self.trace = []

    def seen(self, onehot, alpha):
        """alpha only where the class is wide"""
        wide = torch.stack([(part * w).sum(-1) for part, w in zip(self.layout.heads.split(onehot), torch.split(self.wide.float(), list(self.layout.heads.sizes)))], -1)
        return torch.cat([onehot, alpha * wide], -1)

    def fake(self, n, cond, source):
        logits, alpha = self.net(torch.randn(n, self.p.noise, generator=source), cond)
        g = -torch.log(-torch.log(torch.rand(logits.shape, generator=source).clamp_(1e-20, 1 - 1e-7)))
        onehot = torch.cat([functional.softmax(part / SOFT, -1) for part in self.layout.heads.split(logits + g)], -1)
        return logits, self.seen(onehot, alpha)

    def pick(self, rows, n, source):
        if not self.layout.asked:
            which = torch.randint(len(rows), (n,), generator=source)
            return rows[which], torch.zeros(n, self.layout.heads.width), None, None
        if self.index is None:
            self.index = {c: (torch.argsort(rows.classes[:, c], stable=True), torch.bincount(rows.classes[:, c], minlength=self.layout.heads.sizes[c])) for c in self.layout.asked}
        column, cls_ = self.layout.draw(n, source, True, len(rows))
        u = torch.rand(n, generator=source)
        which = torch.empty(n, dtype=torch.int64)
        for c, (order, many) in self.index.items():
            here = column == c
            k = cls_[here]
            start = torch.cumsum(many, 0) - many
            at = (start[k] + (u[here] * many[k]).long()).clamp_max(len(rows)-1)
            which[here] = order[at]
        return rows[which], self.layout.vector(column, cls_), column, cls_

    def step(self, rows, which, source):
        n = len(which)//self.p.pack*self.p.pack
        real, cond, column, cls_ = self.pick(rows, n, source)
        with torch.no_grad():
            _, fake = self.fake(n, cond, source)
        true = self.seen(self.layout.heads.onehot(real.classes), real.scores)
        true, fake = torch.cat([true, cond], -1), torch.cat([fake, cond], -1)
        d = self.critic(fake, source).mean() - self.critic(true, source).mean()
        mix = torch.rand(n // self.p.pack, 1, generator=source).repeat_interleave(self.p.pack, 0)
        between = (mix * true + (1 - mix) * fake).requires_grad_()
        slope = torch.autograd.grad(self.critic(between, None).sum(), between, create_graph=True)[0]
        slope = slope.reshape(n // self.p.pack, -1).norm(dim=1)
        loss = d + self.p.penalty * ((slope - 1) ** 2).mean()
        self.optimisers[1].zero_grad(); loss.backward(); self.optimisers[1].step()
        # generator
        cond, column, cls_ = (self.layout.conditions(n, source), None, None) if column is None else self._fresh(n, rows, source)
        logits, fake = self.fake(n, cond, source)
        g = -self.critic(torch.cat([fake, cond], -1), source).mean()
        if column is not None:
            s = torch.log(self.layout.heads.shares(logits).clamp_min(1e-9))
            g = g - s.gather(1, (self.layout.heads.starts[column] + cls_)[:, None]).mean()
        self.optimisers[0].zero_grad(); g.backward(); self.optimisers[0].step()
        self.steps += 1
        pace = max(1 / (self.steps + 1), 2e-3)
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, pace)
        return float(d.detach())

    def _fresh(self, n, rows, source):
        column, cls_ = self.layout.draw(n, source, True, len(rows))
        return self.layout.vector(column, cls_), column, cls_

    @torch.no_grad()
    def judge(self, rows, source):
        n = 4096
        source = torch.Generator().manual_seed(1)
        logits, _ = self.average(torch.randn(n, self.p.noise, generator=source), self.layout.conditions(n, source))
        made = self.layout.heads.onehot(self.layout.heads.draw(logits, source))
        real = self.layout.heads.onehot(rows.classes)
        gap = float((made.T @ made / n - real.T @ real / len(real)).abs().sum() / (2 * len(self.layout.wide)**2))
        self.trace.append(round(gap, 4))
        return gap


class Made:
    def __init__(self, learnt, blocks, layout, net, noise, bias, knots):
        self.learnt, self.blocks, self.layout, self.net, self.noise, self.bias, self.knots = learnt, blocks, layout, net, noise, bias, knots

    def sample(self, count, *, rng, given=None):
        known = self.learnt.given(given, count)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        classes, places = [], []
        with machine.one_core(), torch.no_grad():
            for a, b in parts(count, BATCH):
                logits, alpha = self.net(torch.randn(b-a, self.noise, generator=source), self.layout.conditions(b-a, source))
                classes.append(self.layout.heads.draw(logits + self.bias, source).numpy())
                al = alpha.numpy()
                places.append(np.column_stack([np.interp(al[:, c], self.knots[:, c].numpy(), np.linspace(0, 1, 65)) for c in range(al.shape[1])]))
        drawn = coding.decode(self.blocks, Coded(np.concatenate(classes), np.concatenate(places)))
        return self.learnt.finish(count, drawn, known, rng)
