"""A variational autoencoder: rows from a few hidden numbers, whose own distribution is learnt last."""

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

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns, storage
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import checkpoints, machine, training
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads, calibrated, parts
from mintmark.generators.tabular.deep.latent import Mixture
from mintmark.generators.tabular.deep.training import Rows
from mintmark.generators.tabular.storage import need
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.vae"

RUNS = 64
"""What lies between the frequent values of a column of numbers is cut into so many classes."""
CANDIDATES, SWEEPS = 32, 4
"""For given columns: hidden numbers tried for each row, and rounds of coding and decoding after that."""
BATCH = 8192
"""Rows made at once."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Vae:
    """A variational autoencoder: rows from a few hidden numbers, whose own distribution is learnt last.

    Kingma, Welling 2014; for tables Xu et al. 2019 (TVAE). Numbers are classes of equal mass rather than Gaussian
    modes, so the decoder's uncertainty takes any shape. New rows are decoded from a mixture fitted to the codes of the
    training rows, not from the prior, which the codes never quite fill (Ghosh et al. 2020; Dai, Wipf 2019).
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 60
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    rate: Annotated[float, Field(gt=0, le=100)] = 2e-3
    """Size of the optimiser's steps (Adam)."""
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    """Units in each hidden layer."""
    hidden: Annotated[int, Field(ge=1, le=512)] = 24
    """Hidden numbers that a row is coded in."""
    pull: Annotated[float, Field(ge=0, le=100)] = 0.3
    """Weight of the codes' divergence from the prior (β); 1 is the evidence bound, less keeps more of each row."""
    components: Annotated[int, Field(ge=1, le=1000)] = 64
    """Normal distributions in the mixture of codes, at most; there are at least 50 rows for each."""
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Codes":
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        blocks = coding.learn(learnt.alphabets, runs=RUNS)
        tokens = {name: alphabet.encode(table[name]) for name, alphabet in learnt.alphabets.items()}
        rows = coding.encode(blocks, tokens, table.num_rows, rng)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        heads = Heads.of(blocks)
        with machine.one_core():
            net = machine.started(_laid_out(heads, self.width, self.hidden), source)
            on = machine.chosen(self.device)
            data = Rows(torch.from_numpy(rows.classes).to(on), torch.zeros(rows.places.shape, device=on))
            learner = _Learner(net.to(on), self.rate, self.pull)
            size = min(self.batch, max(8, table.num_rows // 10))
            course = training.Course(METHOD, self.epochs, size, self.rate, 15, "x")
            state = training.train(learner, data, course, source=source, workshop=workshop)
            learner.net.to("cpu")
            points = learner.net.codes(torch.from_numpy(rows.classes), source)
            from mintmark.generators.tabular.deep import latent
            mixture = latent.learn(points.numpy().astype(float), max(1, min(self.components, table.num_rows // 50)), seeds.integer(rng))
            z = torch.from_numpy(mixture.draw(8192, rng))
            with torch.no_grad():
                bias = calibrated(heads, learner.net.decoder(z), blocks)
        s = Codes(learnt, blocks, learner.net, mixture, bias)
        s.state = state
        return s


class Net(nn.Module):
    """Encoder and decoder; a row is its classes."""

    def __init__(self, heads: Heads, width: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.embedding = nn.Embedding(heads.width, width)
        self.encoder = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * hidden))
        self.decoder = nn.Sequential(nn.Linear(hidden, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                     nn.Linear(width, heads.width))  # fmt: skip

    def encode(self, classes):
        """Means and log variances of the codes, each (n, hidden)."""
        seen = self.embedding(classes + self.heads.starts.to(classes.device)).sum(dim=-2)
        mean, log_variance = self.encoder(seen).chunk(2, dim=-1)
        return mean, log_variance.clamp(-12, 6)

    @torch.no_grad()
    def codes(self, classes, source):
        mean, lv = self.encode(classes)
        return mean + (lv / 2).exp() * torch.randn(mean.shape, generator=source)


def _laid_out(heads, width, hidden):
    with torch.device("meta"):
        return Net(heads, width, hidden)


class _Learner:
    def __init__(self, net, rate, pull):
        self.net, self.pull = net, pull
        self.nets = net
        self.optimisers = (torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4),)

    def _loss(self, rows, source):
        mean, lv = self.net.encode(rows.classes)
        code = mean + (lv / 2).exp() * machine.normal(tuple(mean.shape), source, mean.device)
        surprise = self.net.heads.surprise(self.net.decoder(code), rows.classes).sum(-1)
        kl = 0.5 * (mean**2 + lv.exp() - 1 - lv).sum(-1)
        return (surprise + self.pull * kl).mean()

    def step(self, rows, which, source):
        loss = self._loss(rows[which], source)
        self.optimisers[0].zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimisers[0].step()
        return float(loss.detach())

    @torch.no_grad()
    def judge(self, rows, source):
        return float(self._loss(rows, source))


class Codes:
    def __init__(self, learnt, blocks, net, mixture, bias):
        self.learnt, self.blocks, self.net, self.mixture, self.bias = learnt, blocks, net, mixture, bias

    def sample(self, count, *, rng, given=None):
        known = self.learnt.given(given, count)
        z = torch.from_numpy(self.mixture.draw(count, rng))
        source = torch.Generator().manual_seed(seeds.integer(rng))
        with machine.one_core(), torch.no_grad():
            classes = torch.cat([self.net.heads.draw(self.net.decoder(z[a:b]) + self.bias, source) for a, b in parts(count, BATCH)])
        drawn = coding.decode(self.blocks, Coded(classes.numpy(), rng.random(classes.shape)))
        return self.learnt.finish(count, drawn, known, rng)
