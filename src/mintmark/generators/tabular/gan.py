"""A conditional adversarial network: it makes rows until a critic cannot tell them from real ones."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.deep import checkpoints, machine, privacy, training
from mintmark.generators.deep.training import Course, Rows
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.storage import need
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import collapse, lesson, sampling
from mintmark.generators.tabular.deep.blocks import Block, Coded, Floats
from mintmark.generators.tabular.deep.conditions import Conditions
from mintmark.generators.tabular.deep.duel import LOOKED_AT, Critic, Duel, Net, PrivateDuel, laid_out
from mintmark.generators.tabular.deep.heads import calibrated, chosen, parts
from mintmark.generators.tabular.deep.lesson import Lesson
from mintmark.generators.tabular.marginals.declared import Declared
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.gan"

RUNS = 10
"""Modes of what lies between the frequent values of a column of numbers."""
NEAR = 0.1
"""How close to a given place, between −1 and 1, a candidate has to come."""
CANDIDATES = 64
"""Rows that are tried for each row with given columns."""
AT_ONCE, STEPS = 4096, 64
"""Rows made at once; steps of the distribution of places."""


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
        learning, fit, source = lesson.begin(METHOD, self, real, runs=RUNS, what="the critic", rng=rng,
                                             folder=workshop.folder)  # fmt: skip
        assert real is not None
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

    def _learner(self, learning: Lesson, asked: Conditions, net: Net, source: torch.Generator) -> Duel:
        pack = 1 if self.private is not None else self.pack
        average = laid_out(asked, self.width, self.noise).to_empty(device="cpu")
        average.load_state_dict(net.state_dict())
        started = machine.started(machine.laid_out(lambda: Critic(asked, self.width, pack)), source)
        on = machine.chosen(self.device)
        nets = (net.to(on), average.to(on), started.to(on))
        if self.private is None:
            return Duel(learning.blocks, asked, *nets, self.rate)
        return PrivateDuel(learning.blocks, asked, *nets, self.rate, batch=self.batch, noise=learning.noise)

    def _course(self, rows: int, pack: int, fit: str) -> Course:
        batch = max(pack, lesson.batch(self.batch, rows) // pack * pack)
        return Course(METHOD, self.epochs, batch, self.rate, 20, fit, private=self.private is not None)


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
        if not self.blocks:  # no seed is drawn where there is nothing to draw
            return self.learnt.finish(count, {}, self.learnt.given(given, count), rng)
        return sampling.sample(self.learnt, self.blocks, self._drawn, count, rng=rng, given=given)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        sizes = {"width": self.net.width, "noise": self.net.noise}
        proved = self.guarantee.to_json() if self.guarantee else None
        body: dict[str, Any] = {**self.learnt.to_json(), **sizes, "guarantee": proved, "notes": self.notes}
        arrays = checkpoints.to_arrays(self.net, "net") | {"bias": self.bias.numpy(), "knots": self.knots}
        storage.write(folder, METHOD, body, self.learnt.to_arrays() | arrays)

    def _drawn(self, fixed: Coded, seen: Tensor, source: torch.Generator) -> Coded:
        """Rows as the network makes them, their places set right."""
        rows = Rows.of(fixed.classes, torch.device("cpu"), 2 * fixed.places - 1)
        size = max(1, AT_ONCE // CANDIDATES) if seen.any() else AT_ONCE
        made = [self._rows(rows[torch.arange(a, b)], seen, source) for a, b in parts(len(fixed), size)]
        scores = torch.cat([part.scores for part in made]).numpy()
        steps = np.linspace(0, 1, STEPS + 1)
        places = [np.interp(scores[:, at], self.knots[:, at], steps) for at in range(len(self.blocks))]
        return Coded(torch.cat([part.classes for part in made]).numpy(), np.column_stack(places))

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
