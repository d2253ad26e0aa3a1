"""A variational autoencoder: rows from a few hidden numbers, whose own distribution is learnt last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass as plain
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.deep import checkpoints, machine, privacy, training
from mintmark.generators.deep.training import Course, Rows
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.storage import need
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import collapse, latent, lesson, sampling
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads, calibrated, chosen, parts
from mintmark.generators.tabular.deep.latent import Mixture
from mintmark.generators.tabular.deep.lesson import Lesson
from mintmark.generators.tabular.marginals.declared import Declared
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.vae"

RUNS = 64
"""What lies between the frequent values of a column of numbers is cut into so many classes."""
CANDIDATES, SWEEPS = 32, 5
"""For given columns: codes tried for each row, and rounds of coding and decoding after that."""
AT_ONCE = 4096
"""Rows made at once."""
LOOKED_AT = 4096
"""Rows made to see how often each class comes."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Vae:
    """A variational autoencoder: rows from a few hidden numbers, whose own distribution is learnt last.

    Kingma, Welling 2014; for tables Xu et al. 2019 (TVAE). Numbers are classes of equal mass where the paper has
    Gaussian modes, so that the decoder's uncertainty takes any shape. New rows are decoded from a mixture fitted to the
    codes of the training rows and not from the prior, which those never quite fill (Dai, Wipf 2019; Ghosh et al. 2020).
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Times that all rows are learnt from, at most: training stops where held-out rows get no better."""
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    rate: Annotated[float, Field(gt=0, le=100)] = 2e-3
    """Size of the optimiser's steps (Adam)."""
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    """Units in each hidden layer."""
    hidden: Annotated[int, Field(ge=1, le=512)] = 24
    """Numbers that a row is coded in."""
    pull: Annotated[float, Field(ge=0, le=100)] = 0.1
    """Weight of the codes' divergence from the prior (β): 1 is the evidence bound, less keeps more of each row.

    Under `private` it is at least 1, for then rows are made from the prior.
    """
    components: Annotated[int, Field(ge=1, le=1000)] = 64
    """Normal distributions in the mixture of codes, at most; each has at least 50 rows."""
    private: privacy.Promise | None = None
    """Learn with differential privacy (DP-SGD); needs the extra `private` too. `rare`, `batch` then mean nothing."""
    public: Mapping[str, Declared] = field(default_factory=dict)
    """What is known of columns without looking, as for `tabular.private`; what is not is found within the budget."""
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "Columns hang together through a few hidden numbers; given those, each is drawn on its own.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Given columns are met by weighing 32 codes for each row and five rounds of re-coding, which is approximate.",
        "The same rows for the same seed are promised on a processor; accelerators add numbers in changing order.",
        "Under `private` names, types and kinds of columns count as public, and no seed repeats what is learnt.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Codes":
        """Trains encoder and decoder, then fits the mixture.

        Raises DataError where the rows do not serve, GenerationError where the training diverges.
        """
        learning, fit, source = lesson.begin(METHOD, self, real, runs=RUNS, what="encoder and decoder", rng=rng,
                                             folder=workshop.folder)  # fmt: skip
        assert real is not None
        with machine.one_core():
            net = machine.started(laid_out(Heads.of(learning.blocks), self.width, self.hidden), source)
            if not learning.blocks:
                return Codes(learning.learnt, {}, net, latent.standard(self.hidden), torch.zeros(0), (),
                             learning.guarantee)  # fmt: skip
            learner = self._learner(net.to(machine.chosen(self.device)), learning)
            rows = Rows.of(learning.rows.classes, machine.chosen(self.device))
            state = training.train(learner, rows, self._course(len(real), fit), source=source, workshop=workshop)
            mixture, bias, told = self._made(learning, learner.nets.to("cpu"), rng, source)
        return Codes(learning.learnt, learning.blocks, learner.nets, mixture, bias, (*state.notes, *told),
                     learning.guarantee)  # fmt: skip

    def load(self, folder: Path) -> "Codes":
        """Reads what `Codes.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            blocks = coding.learn(learnt.alphabets, runs=RUNS)
            net = laid_out(Heads.of(blocks), int(body["width"]), int(body["hidden"]))
            checkpoints.from_arrays(net, stored, "net")
            bias = torch.from_numpy(stored["bias"].astype(np.float32))
            need(bias.shape == (net.heads.width,) and bool(torch.isfinite(bias).all()), "bias")
            mixture = Mixture.from_arrays(stored, net.hidden)
            guarantee = Guarantee.from_json(body["guarantee"]) if body["guarantee"] else None
            return Codes(learnt, blocks, net, mixture, bias, tuple(body["notes"]), guarantee)

    def _course(self, rows: int, fit: str) -> Course:
        return Course(METHOD, self.epochs, lesson.batch(self.batch, rows), self.rate, patience=15, fit=fit,
                      private=self.private is not None)  # fmt: skip

    def _learner(self, net: "Net", learning: Lesson) -> "_Learner":
        if self.private is None:
            return _Learner(net, self.rate, self.pull)
        return _PrivateLearner(net, self.rate, max(self.pull, 1.0), learning.noise)

    def _made(self, learning: Lesson, net: "Net", rng: np.random.Generator, source: torch.Generator,
              ) -> tuple[Mixture, Tensor, tuple[str, ...]]:  # fmt: skip
        """The mixture of codes, what makes each class as frequent as it was, and what the decoder lost.

        Under privacy the codes of rows are nobody's to look at: they are then drawn from the prior.
        """
        private = self.private is not None
        with torch.no_grad():
            mixture = latent.standard(self.hidden) if private else self._mixture(learning, net, rng, source)
            logits = net.decoder(torch.from_numpy(mixture.draw(LOOKED_AT, rng)))
            drawn = net.heads.draw(logits, source).numpy()
            told = collapse.notes(METHOD, learning.blocks, drawn, None if private else learning.rows.classes)
            return mixture, calibrated(net.heads, logits, learning.blocks), told

    def _mixture(self, learning: Lesson, net: "Net", rng: np.random.Generator, source: torch.Generator) -> Mixture:
        classes = torch.from_numpy(learning.rows.classes)
        noise = torch.randn((len(classes), self.hidden), generator=source)
        codes = torch.cat([net.code(classes[a:b], noise[a:b]) for a, b in parts(len(classes), AT_ONCE)])
        components = max(1, min(self.components, len(classes) // 50))
        return latent.learn(codes.numpy().astype(np.float64), components, seeds.integer(rng))


class Net(nn.Module):
    """Encoder and decoder; a row is the class of each of its columns."""

    def __init__(self, heads: Heads, width: int, hidden: int) -> None:
        super().__init__()
        self.heads, self.width, self.hidden = heads, width, hidden
        self.embedding = nn.Embedding(heads.width, width)
        self.encoder = nn.Sequential(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 2 * hidden))
        self.decoder = nn.Sequential(nn.Linear(hidden, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                     nn.Linear(width, heads.width))  # fmt: skip

    def forward(self, classes: Tensor, noise: Tensor, pull: float) -> Tensor:
        """The loss of each row, (n,): how surprising its classes are, and how far its code lies from the prior."""
        mean, log_variance = self.encode(classes)
        surprise = self.heads.surprise(self.decoder(mean + (log_variance / 2).exp() * noise), classes).sum(-1)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(-1)
        return surprise + pull * divergence

    def encode(self, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log-variances of the codes of (n, columns) classes, each (n, hidden)."""
        seen = self.embedding(classes + self.heads.starts.to(classes.device)).sum(dim=-2)
        mean, log_variance = self.encoder(seen).chunk(2, dim=-1)
        return mean, log_variance.clamp(-12, 6)

    def code(self, classes: Tensor, noise: Tensor) -> Tensor:
        """Codes drawn for rows, (n, hidden)."""
        mean, log_variance = self.encode(classes)
        return mean + (log_variance / 2).exp() * noise


def laid_out(heads: Heads, width: int, hidden: int) -> Net:
    """The net without weights."""
    return machine.laid_out(lambda: Net(heads, width, hidden))


class _Learner:
    """Adam on the evidence bound."""

    told = "loss"

    def __init__(self, net: Net, rate: float, pull: float) -> None:
        self.nets, self.pull = net, pull
        self.optimisers = (torch.optim.Adam(net.parameters(), lr=rate),)

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        return training.descend(self.nets, self.optimisers[0], self._loss(rows[which], source), longest=5.0)

    @torch.no_grad()
    def judge(self, rows: Rows, source: torch.Generator) -> float:
        return float(self._loss(rows, source))

    def _loss(self, rows: Rows, source: torch.Generator) -> Tensor:
        noise = machine.normal((len(rows), self.nets.hidden), source, rows.classes.device)
        return self.nets(rows.classes, noise, self.pull).mean()


class _PrivateLearner(_Learner):
    """The same with clipped and blurred gradients."""

    told = "largest weight"

    def __init__(self, net: Net, rate: float, pull: float, noise: float) -> None:
        super().__init__(net, rate, pull)
        self.noise = noise

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        drawn = rows[which]
        noise = machine.normal((len(drawn), self.nets.hidden), source, drawn.classes.device)

        def loss(call: Callable[..., Tensor], classes: Tensor, noise: Tensor) -> Tensor:
            return call(classes[None], noise[None], self.pull)[0]

        privacy.blurred(self.nets, loss, (drawn.classes, noise), noise=self.noise, source=source)
        self.optimisers[0].step()
        return privacy.largest(self.nets)


@plain(frozen=True)
class Codes:
    """A decoder, the distribution of its codes, and what makes each class as frequent as it was."""

    learnt: Learnt
    blocks: Mapping[str, Block]
    net: Net
    mixture: Mixture
    bias: Tensor
    """(classes,) added to the logits"""
    notes: tuple[str, ...]
    """What the training has to say."""
    guarantee: Guarantee | None
    """What is proved of the training rows, where they were learnt in private."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws codes and decodes them; what is given is kept, and the rest is drawn to fit."""

        def draw(fixed: Coded, seen: Tensor, source: torch.Generator) -> Coded:
            made = [self._classes(torch.from_numpy(fixed.classes[a:b]), seen, rng, source)
                    for a, b in parts(count, AT_ONCE)]  # fmt: skip
            classes = torch.cat(made).numpy()
            return Coded(classes, rng.random(classes.shape))

        return sampling.sample(self.learnt, self.blocks, draw, count, rng=rng, given=given)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        sizes = {"width": self.net.width, "hidden": self.net.hidden}
        proved = self.guarantee.to_json() if self.guarantee else None
        body: dict[str, Any] = {**self.learnt.to_json(), **sizes, "guarantee": proved, "notes": self.notes}
        arrays = checkpoints.to_arrays(self.net, "net") | self.mixture.to_arrays() | {"bias": self.bias.numpy()}
        storage.write(folder, METHOD, body, self.learnt.to_arrays() | arrays)

    def _classes(self, fixed: Tensor, seen: Tensor, rng: np.random.Generator, source: torch.Generator) -> Tensor:
        """(n, columns) classes; where columns are `seen`, those of `fixed` stay."""
        count, heads = len(fixed), self.net.heads
        if not seen.any():
            return heads.draw(self._logits(self.mixture.draw(count, rng)), source)
        tried, meant = self.mixture.draw(count * CANDIDATES, rng), fixed.repeat_interleave(CANDIDATES, 0)
        likely = [
            -heads.surprise(self._logits(tried[a:b]), meant[a:b])[:, seen].sum(-1)
            for a, b in parts(len(tried), AT_ONCE)
        ]
        code = torch.from_numpy(tried)[chosen(torch.cat(likely).reshape(count, CANDIDATES), source)]
        for _ in range(SWEEPS):  # pseudo-Gibbs: Rezende, Mohamed, Wierstra 2014, appendix F
            classes = torch.where(seen, fixed, heads.draw(self.net.decoder(code) + self.bias, source))
            code = self.net.code(classes, torch.randn(code.shape, generator=source))
        return torch.where(seen, fixed, heads.draw(self.net.decoder(code) + self.bias, source))

    def _logits(self, codes: np.ndarray) -> Tensor:
        return self.net.decoder(torch.from_numpy(codes)) + self.bias
