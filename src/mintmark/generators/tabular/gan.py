"""A conditional adversarial network: it makes rows until a critic cannot tell them from real ones."""

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
from mintmark.generators.deep.averages import follow
from mintmark.generators.deep.training import Course, Rows
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.storage import need
from mintmark.generators.tabular.columns import Learnt, training_table
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import collapse, lesson
from mintmark.generators.tabular.deep.blocks import Block, Coded, Floats
from mintmark.generators.tabular.deep.conditions import Conditions
from mintmark.generators.tabular.deep.heads import calibrated, chosen, parts
from mintmark.generators.tabular.deep.lesson import Lesson
from mintmark.generators.tabular.marginals.declared import Declared
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.gan"

RUNS = 10
"""Modes of what lies between the frequent values of a column of numbers."""
SOFT = 0.7
"""Temperature at which drawn classes are softened, so that the critic's slope reaches the logits."""
PENALTY = 1.0
"""Weight of the gradient penalty. The papers have 10; at 1 the critic learns faster, and so does everything."""
NEAR = 0.1
"""How close to a given place, between −1 and 1, a candidate has to come."""
CANDIDATES = 64
"""Rows that are tried for each row with given columns."""
AT_ONCE, LOOKED_AT, STEPS = 4096, 4096, 64
"""Rows made at once; rows made to see how often each class comes; steps of the distribution of places."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Gan:
    """A conditional adversarial network: it makes rows until a critic cannot tell them from real ones.

    CTGAN (Xu et al. 2019): mode-specific normalisation, training by sampling, critics that see packs of rows (Lin et
    al. 2018), Wasserstein loss with gradient penalty (Gulrajani et al. 2017). What is kept is a running average of the
    generator; its classes and places are then set right to the shares that the training rows have.
    """

    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 40
    """Times that as many rows are learnt from as there are, at most."""
    batch: Annotated[int, Field(ge=2, le=1_000_000)] = 256
    rate: Annotated[float, Field(gt=0, le=100)] = 1.5e-3
    """Size of the generator's steps (Adam); the critic's are twice as large. At 3e-3 some seeds no longer settle."""
    width: Annotated[int, Field(ge=4, le=8192)] = 256
    """Units in each hidden layer."""
    noise: Annotated[int, Field(ge=1, le=4096)] = 64
    """Random numbers that a row is made from."""
    pack: Annotated[int, Field(ge=1, le=100)] = 4
    """Rows that the critic sees together: it then notices when all are alike. Under `private` always 1."""
    private: privacy.Promise | None = None
    """Learn with differential privacy (DP-SGD); needs the extra `private` too. `rare` then means nothing.

    Only the critic meets rows: its gradients are blurred, and the generator learns from the critic alone.
    """
    public: Mapping[str, Declared] = field(default_factory=dict)
    """What is known of columns without looking, as for `tabular.private`; what is not is found within the budget."""
    device: machine.Device = "auto"

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "Nothing makes the generator show all that is there: modes may be lost, and a warning names the columns.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Given columns are met by the nearest of 64 rows, which is approximate.",
        "The same rows for the same seed are promised on a processor; accelerators add numbers in changing order.",
        "Under `private` names, types and kinds of columns count as public, and no seed repeats what is learnt.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Generated":
        """Trains generator and critic against each other.

        Raises DataError where the rows do not serve, GenerationError where the training diverges.
        """
        lesson.check(self.private, self.public)
        training_table(real)
        assert real is not None
        seed = seeds.integer(rng)
        fit = checkpoints.identity(METHOD, self, real, seed)
        learning = self._lesson(real, rng, fit, workshop)
        source = privacy.secret() if self.private is not None else torch.Generator().manual_seed(seed)
        asked = Conditions.of(learning.blocks, any_=self.private is None)
        with machine.one_core():
            net = machine.started(laid_out(asked, self.width, self.noise), source)
            if not learning.blocks:
                nothing = np.zeros((STEPS + 1, 0))
                return Generated(learning.learnt, {}, asked, net, torch.zeros(0), nothing, (), learning.guarantee)
            learner = self._learner(learning, asked, net, source)
            course = self._course(len(real), learner.pack, fit)
            rows = Rows.of(learning.rows.classes, machine.chosen(self.device), 2 * learning.rows.places - 1)
            notes = tuple(training.train(learner, rows, course, source=source, workshop=workshop).notes)
            made = learner.average.to("cpu")
            bias, knots, told = _set_right(made, asked, learning, source)
        return Generated(learning.learnt, learning.blocks, asked, made, bias, knots, (*notes, *told),
                         learning.guarantee)  # fmt: skip

    def load(self, folder: Path) -> "Generated":
        """Reads what `Generated.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            blocks = coding.learn(learnt.alphabets, runs=RUNS)
            guarantee = Guarantee.from_json(body["guarantee"]) if body["guarantee"] else None
            asked = Conditions.of(blocks, any_=guarantee is None)
            net = laid_out(asked, int(body["width"]), int(body["noise"]))
            checkpoints.from_arrays(net, stored, "net")
            bias, knots = stored["bias"].astype(np.float32), stored["knots"].astype(np.float64)
            need(bias.shape == (asked.heads.width,) and bool(np.isfinite(bias).all()), "bias")
            need(knots.shape == (STEPS + 1, len(blocks)) and bool((np.diff(knots, axis=0) >= 0).all()), "places")
            return Generated(learnt, blocks, asked, net, torch.from_numpy(bias), knots, tuple(body["notes"]),
                             guarantee)  # fmt: skip

    def _lesson(self, real: Dataset, rng: np.random.Generator, fit: str, workshop: Workshop) -> Lesson:
        if self.private is None:
            return lesson.prepare(real, rare=self.rare, runs=RUNS, rng=rng)
        return lesson.in_private(real, self.private, self.public, method=METHOD, runs=RUNS,
                                 steps=self.epochs * privacy.ROUNDS, what="the critic", fit=fit,
                                 folder=workshop.folder)  # fmt: skip

    def _learner(self, learning: Lesson, asked: Conditions, net: "Net", source: torch.Generator) -> "_Learner":
        pack = 1 if self.private is not None else self.pack
        average = laid_out(asked, self.width, self.noise).to_empty(device="cpu")
        average.load_state_dict(net.state_dict())
        started = machine.started(machine.laid_out(lambda: Critic(asked, self.width, pack)), source)
        on = machine.chosen(self.device)
        nets = (net.to(on), average.to(on), started.to(on))
        if self.private is None:
            return _Learner(learning.blocks, asked, *nets, self.rate)
        return _PrivateLearner(learning.blocks, asked, *nets, self.rate, batch=self.batch, noise=learning.noise)

    def _course(self, rows: int, pack: int, fit: str) -> Course:
        batch = max(pack, lesson.batch(self.batch, rows) // pack * pack)
        return Course(METHOD, self.epochs, batch, self.rate, 20, fit, private=self.private is not None)


class Net(nn.Module):
    """The generator: from noise and a condition to a row."""

    def __init__(self, asked: Conditions, width: int, noise: int) -> None:
        super().__init__()
        self.width, self.noise = width, noise
        ins = noise + asked.width
        self.first = nn.Sequential(nn.Linear(ins, width), nn.LayerNorm(width), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(ins + width, width), nn.LayerNorm(width), nn.ReLU())
        self.logits = nn.Linear(ins + 2 * width, asked.heads.width)
        self.places = nn.Linear(ins + 2 * width, len(asked.heads.sizes))

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the classes, (n, width of the heads), and places between −1 and 1, (n, columns)."""
        hidden = torch.cat([noise, condition], dim=-1)
        hidden = torch.cat([hidden, self.first(hidden)], dim=-1)
        hidden = torch.cat([hidden, self.second(hidden)], dim=-1)
        return self.logits(hidden), torch.tanh(self.places(hidden))


class Critic(nn.Module):
    """How real a pack of rows looks: each row on its own first, then all together."""

    def __init__(self, asked: Conditions, width: int, pack: int) -> None:
        super().__init__()
        self.pack = pack
        self.row = nn.Linear(asked.heads.width + len(asked.heads.sizes) + asked.width, width)
        self.together = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(pack * width, width), nn.LeakyReLU(0.2),
                                      nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, 1))  # fmt: skip

    def forward(self, rows: Tensor) -> Tensor:
        """(packs,) of (packs × pack, inputs)."""
        return self.together(self.row(rows).reshape(len(rows) // self.pack, -1))[:, 0]


def laid_out(asked: Conditions, width: int, noise: int) -> Net:
    """The generator without weights."""
    return machine.laid_out(lambda: Net(asked, width, noise))


class _Learner:
    """Generator and critic in turn, on packs of rows that meet the conditions that were drawn."""

    told = "what the critic tells apart"

    def __init__(self, blocks: Mapping[str, Block], asked: Conditions, net: Net, average: Net, critic: Critic,
                 rate: float) -> None:  # fmt: skip
        self.asked, self.net, self.average, self.critic = asked, net, average, critic
        self.nets = nn.ModuleDict({"net": net, "average": average, "critic": critic})
        # Without momentum, for the critic's slope turns as fast as the generator moves.
        slow = torch.optim.Adam(net.parameters(), lr=rate, betas=(0.0, 0.9))
        fast = torch.optim.Adam([{"params": list(critic.parameters()), "pace": 2.0}], lr=rate, betas=(0.0, 0.9))
        self.optimisers = (slow, fast)
        self.pack = critic.pack
        self.wide = torch.cat([torch.tensor(block.wide) for block in blocks.values()]).float()
        self.wide = self.wide.to(net.logits.weight.device)

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        count = max(1, len(which) // self.pack) * self.pack
        apart = self._criticise(rows, count, source)
        self._improve(rows, count, source)
        follow(self.average, self.net, self.optimisers[0])
        return apart

    @torch.no_grad()
    def judge(self, rows: Rows, source: torch.Generator) -> float:
        """How far pairs of classes are from being as frequent as on held-out rows (mean total variation)."""
        del source
        fixed = torch.Generator().manual_seed(0)
        logits, _ = self.average(*self._inputs(self.average, LOOKED_AT, fixed))
        return collapse.gap(self.asked.heads, self.asked.heads.draw(logits, fixed), rows.classes)

    def _criticise(self, rows: Rows, count: int, source: torch.Generator) -> float:
        picked, condition, _ = self.asked.rows(rows, count, source)
        with torch.no_grad():
            fake = torch.cat([self._fake(condition, source)[1], condition], dim=-1)
        true = torch.cat([self._seen(self.asked.heads.onehot(picked.classes), picked.scores), condition], dim=-1)
        share = machine.uniform((count // self.pack, 1), source, true.device).repeat_interleave(self.pack, 0)
        apart = self.critic(fake).mean() - self.critic(true).mean()
        between = (share * true + (1 - share) * fake).requires_grad_()
        slope = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)[0]
        steep = slope.reshape(count // self.pack, -1).norm(dim=1)
        self.optimisers[1].zero_grad()
        torch.autograd.backward(apart + PENALTY * ((steep - 1) ** 2).mean())
        self.optimisers[1].step()
        return -float(apart.detach())

    def _improve(self, rows: Rows, count: int, source: torch.Generator) -> None:
        """The generator's step: look real, and meet the condition."""
        condition, wanted = self.asked.draw(count, source, evened=len(rows))
        condition = condition.to(self.wide.device)
        logits, fake = self._fake(condition, source)
        loss = -self.critic(torch.cat([fake, condition], dim=-1)).mean()
        if wanted is not None:
            said = torch.log(self.asked.heads.shares(logits).clamp_min(1e-9))
            loss = loss - said.gather(1, wanted.to(said.device)[:, None]).mean()
        self.optimisers[0].zero_grad()
        torch.autograd.backward(loss)
        self.optimisers[0].step()

    def _inputs(self, net: Net, count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
        on = self.wide.device
        return machine.normal((count, net.noise), source, on), self.asked.draw(count, source)[0].to(on)

    def _fake(self, condition: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
        """Logits, and rows as the critic sees them: classes drawn by Gumbel-softmax (Jang et al. 2017)."""
        noise = machine.normal((len(condition), self.net.noise), source, condition.device)
        logits, places = self.net(noise, condition)
        gumbel = -torch.log(-torch.log(torch.rand(logits.shape, generator=source).clamp_(1e-20, 1 - 1e-7)))
        soft = self.asked.heads.shares((logits + gumbel.to(logits.device)) / SOFT)
        return logits, self._seen(soft, places)

    def _seen(self, onehot: Tensor, places: Tensor) -> Tensor:
        """A row as the critic sees it: a place counts only as far as its class has places."""
        parts_ = self.asked.heads.split(onehot * self.wide)
        return torch.cat([onehot, places * torch.stack([part.sum(-1) for part in parts_], dim=-1)], dim=-1)


class _PrivateLearner(_Learner):
    """The same without conditions and packs, and with clipped and blurred gradients of the critic."""

    told = "largest weight"  # what the critic tells apart would tell of the rows

    def __init__(self, blocks: Mapping[str, Block], asked: Conditions, net: Net, average: Net, critic: Critic,
                 rate: float, *, batch: int, noise: float) -> None:  # fmt: skip
        super().__init__(blocks, asked, net, average, critic, rate)
        self.batch, self.noise = batch, noise

    def step(self, rows: Rows, which: Tensor, source: torch.Generator) -> float:
        self._blurred(rows[which], source)
        self._improve(rows[which[:0]], self.batch, source)
        follow(self.average, self.net, self.optimisers[0])
        return max(float(value.detach().abs().max()) for value in self.critic.parameters())

    def _blurred(self, drawn: Rows, source: torch.Generator) -> None:
        """The critic's step, each real row beside a made one of its own."""
        true = self._seen(self.asked.heads.onehot(drawn.classes), drawn.scores)
        with torch.no_grad():
            fake = self._fake(true[:, :0], source)[1]
        share = machine.uniform((len(drawn), 1), source, true.device)
        trio = (true, fake, share * true + (1 - share) * fake)
        privacy.blurred(self.critic, _critic_loss, trio, noise=self.noise, source=source)
        self.optimisers[1].step()


def _critic_loss(call: Callable[..., Tensor], true: Tensor, fake: Tensor, between: Tensor) -> Tensor:
    """The critic's loss of one row."""
    slope = torch.func.grad(lambda row: call(row[None])[0])(between)
    return call(fake[None])[0] - call(true[None])[0] + PENALTY * (torch.linalg.vector_norm(slope) - 1) ** 2


@torch.no_grad()
def _set_right(net: Net, asked: Conditions, learning: Lesson, source: torch.Generator,
               ) -> tuple[Tensor, Floats, tuple[str, ...]]:  # fmt: skip
    """What makes classes as frequent and places as even as in the training rows; and what the generator lost.

    Under a guarantee, shares are those that noisy counts tell.
    """
    logits, places = net(torch.randn((LOOKED_AT, net.noise), generator=source), asked.draw(LOOKED_AT, source)[0])
    real = learning.rows.classes if learning.guarantee is None else None
    lost = collapse.notes(METHOD, learning.blocks, asked.heads.draw(logits, source).numpy(), real)
    knots = np.quantile(places.numpy().astype(np.float64), np.linspace(0, 1, STEPS + 1), axis=0)
    return calibrated(asked.heads, logits, learning.blocks), knots, lost


@plain(frozen=True)
class Generated:
    """The generator, and what sets its classes and places right."""

    learnt: Learnt
    blocks: Mapping[str, Block]
    asked: Conditions
    net: Net
    bias: Tensor
    """(classes,) added to the logits"""
    knots: Floats
    """(STEPS + 1, columns) places at equal steps of their distribution"""
    notes: tuple[str, ...]
    """What the training has to say: modes that were lost, memory that did not suffice."""
    guarantee: Guarantee | None
    """What is proved of the training rows, where they were learnt in private."""

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Makes rows from noise; what is given is kept, and the row that fits it best of many completes it."""
        known = self.learnt.given(given, count)
        if not self.blocks:
            return self.learnt.finish(count, {}, known, rng)
        source = torch.Generator().manual_seed(seeds.integer(rng))
        fixed = coding.encode(self.blocks, self.learnt.tokens(known), count, rng)
        seen = torch.tensor([name in known for name in self.blocks])
        with machine.one_core(), torch.no_grad():
            rows = Rows.of(fixed.classes, torch.device("cpu"), 2 * fixed.places - 1)
            size = max(1, AT_ONCE // CANDIDATES) if seen.any() else AT_ONCE
            made = [self._rows(rows[torch.arange(a, b)], seen, source) for a, b in parts(count, size)]
        classes = torch.cat([part.classes for part in made]).numpy()
        scores = torch.cat([part.scores for part in made]).numpy()
        steps = np.linspace(0, 1, STEPS + 1)
        places = [np.interp(scores[:, at], self.knots[:, at], steps) for at in range(len(self.blocks))]
        return self.learnt.finish(
            count, coding.decode(self.blocks, Coded(classes, np.column_stack(places))), known, rng
        )

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        sizes = {"width": self.net.width, "noise": self.net.noise}
        proved = self.guarantee.to_json() if self.guarantee else None
        body: dict[str, Any] = {**self.learnt.to_json(), **sizes, "guarantee": proved, "notes": self.notes}
        arrays = checkpoints.to_arrays(self.net, "net") | {"bias": self.bias.numpy(), "knots": self.knots}
        storage.write(folder, METHOD, body, self.learnt.to_arrays() | arrays)

    def _rows(self, fixed: Rows, seen: Tensor, source: torch.Generator) -> Rows:
        """Classes and places as the network makes them; where columns are `seen`, those nearest to `fixed`."""
        many = CANDIDATES if seen.any() else 1
        condition = self.asked.meeting(fixed.classes.repeat_interleave(many, 0), seen, source)
        noise = torch.randn((len(condition), self.net.noise), generator=source)
        logits, places = self.net(noise, condition)
        logits = logits + self.bias
        if many > 1:
            best = chosen(self._fits(logits, places, fixed, seen).reshape(len(fixed), many), source)
            logits, places = logits[best], places[best]
        return Rows(self.asked.heads.draw(logits, source), places)

    def _fits(self, logits: Tensor, places: Tensor, fixed: Rows, seen: Tensor) -> Tensor:
        """(candidates,) the log-likelihood of what is given; places count as normal around those that each made."""
        classes, scores = (part.repeat_interleave(CANDIDATES, 0) for part in (fixed.classes, fixed.scores))
        wide = torch.cat([torch.tensor(block.wide) for block in self.blocks.values()])
        apart = ((places - scores) / NEAR) ** 2 / 2 * wide[classes + self.asked.heads.starts]
        return -(self.asked.heads.surprise(logits, classes) + apart)[:, seen].sum(-1)
