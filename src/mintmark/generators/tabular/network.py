"""A masked network: each row told in small choices, all foretold in one pass by several networks together."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass as plain
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from safetensors import numpy as safetensors

from mintmark import digest, seeds
from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns, completion, storage
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.masked import bounds, calibration, drawing, net, slots, training
from mintmark.generators.tabular.masked.net import Shape
from mintmark.generators.tabular.masked.slots import Encoded, Slot
from mintmark.generators.tabular.masked.training import Diet, Trained
from mintmark.generators.tabular.masked.walk import Nets, Weights
from mintmark.generators.tabular.storage import need

METHOD = "tabular.network"

TRAINED_ON = 200_000
"""Networks are trained on at most this many rows."""
VISITS = 1_600_000
"""Rows are shown about so often in all: with many of them, each is shown in fewer epochs."""
EMBEDDING = 16
SMALL = Diet(epochs=40, patience=8, rate=5e-3, dropout=0.5, average=0.98)
"""For fewer rows than `slots.SMALL`."""
BATCHES = 48
"""An epoch has at least so many steps where there are rows enough for batches of 32."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Network:
    """A masked network: each row told in small choices, all foretold in one pass by several networks together.

    Masked autoregressive networks (MADE; Germain, Gregor, Murray, Larochelle 2015) over levels, common values and
    quantile bins, long alphabets in a coarse and a fine choice; see `masked`. Below 500 rows the columns are tied by
    a Gaussian copula first, and the networks learn what it leaves open. Runs on the CPU alone, one thread for
    each network, so that the same seed gives the same bytes however many cores there are: the networks are too small
    for an accelerator to be of use.
    """

    nets: Annotated[int, Field(ge=1, le=32)] = 5
    """Networks whose probabilities are averaged: more are closer to reality and take longer."""
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The most passes over the training rows. By itself 16, more for small data and fewer for large."""
    hidden: Annotated[int, Field(ge=4, le=256)] = 16
    """Hidden units for each choice."""
    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    first: tuple[str, ...] = ()
    """Columns that are drawn before all others: giving these is exact."""
    candidates: Annotated[int, Field(ge=1, le=256)] = 32
    """How many candidates each row chooses from where a given column is not among the first."""

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "What is said of a column depends smoothly on those before it.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Beyond 200,000 rows, networks are trained on a random part of them.",
        "Given columns that are not among `first` are met by sequential importance resampling, which is approximate.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Ensemble":
        """Trains the networks; DataError where there are too few rows."""
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        for name in self.first:
            learnt.schema[name]  # UnknownName, with the nearest names
        if table.num_rows > TRAINED_ON:
            table = table.take(pa.array(np.sort(rng.choice(table.num_rows, TRAINED_ON, replace=False))))
        order, data = slots.learn(table, learnt, self._order(learnt), rare=self.rare)
        if not order:
            return Ensemble(learnt, (), None, self.candidates)
        start = seeds.integer(rng)
        with _one_thread():
            shape = _shape(order, self.hidden)
            limits = bounds.learn([part for slot in order for part in slot.grid.allowed(slot.makeable)])
            each = _trained(data, shape, limits, self._diet(table.num_rows), self.nets, start)
            nets = Nets.of(shape, limits, [one.weights for one in each])
            return Ensemble(learnt, order, calibration.calibrate(nets, order, data, rng), self.candidates)

    def load(self, folder: Path) -> "Ensemble":
        """Reads what `Ensemble.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            order = slots.rebuild(body["slots"], stored, learnt)
            weights = (folder / "nets.safetensors").read_bytes()
            need(digest.of_bytes(weights) == body["nets"], "nets.safetensors does not fit its digest")
            nets = _rebuilt(body, stored, safetensors.load(weights), order) if order else None
            return Ensemble(learnt, order, nets, int(body["candidates"]))

    def _order(self, learnt: Learnt) -> list[str]:
        """The first columns, then categories, then numbers, each by how many values they have."""
        first = [name for name in self.first if name in learnt.alphabets]
        rest = [name for name in learnt.alphabets if name not in first]
        return first + sorted(rest, key=lambda name: (learnt.alphabets[name].column.numeric,
                                                      learnt.alphabets[name].size))  # fmt: skip

    def _diet(self, rows: int) -> Diet:
        diet = SMALL if rows < slots.SMALL else Diet()
        epochs = self.epochs or max(2, min(diet.epochs, VISITS // rows))
        return replace(diet, epochs=epochs, batch=max(32, min(diet.batch, rows // BATCHES)))


@plain(frozen=True)
class Ensemble:
    """Networks over the columns in the order in which they are drawn."""

    learnt: Learnt
    slots: tuple[Slot, ...]
    nets: Nets | None
    """None where no column carries information."""
    candidates: int

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws column after column; what is given is kept, and what follows from it is drawn to fit."""
        known = self.learnt.given(given, count)
        made = dict(known)
        if self.nets:
            fixed = {name: values for name, values in known.items() if name in self.learnt.alphabets}
            with _one_thread():
                made |= drawing.draw(self.nets, self.slots, count, fixed, rng, candidates=self.candidates)
        made |= self.learnt.named(count, made, rng)
        return completion.assemble(made, name=self.learnt.name, schema=self.learnt.schema)

    def save(self, folder: Path) -> None:
        """Writes `model.json`, `model.npz` and `nets.safetensors`."""
        parts = dict(self.nets.parts) if self.nets else {}
        weights = safetensors.save({name: part.numpy() for name, part in parts.items()})
        (folder / "nets.safetensors").write_bytes(weights)
        body: dict[str, Any] = self.learnt.to_json() | {
            "slots": slots.to_json(self.slots), "candidates": self.candidates, "nets": digest.of_bytes(weights),
            "hidden": self.nets.shape.hidden if self.nets else 0,
        }  # fmt: skip
        arrays: dict[str, NDArray[Any]] = self.learnt.to_arrays() | slots.to_arrays(self.slots)
        if self.nets:
            arrays["calibration"] = self.nets.bounds.table.numpy()
        storage.write(folder, METHOD, body, arrays)


def _shape(order: Sequence[Slot], hidden: int) -> Shape:
    sizes = tuple(size for slot in order for size in slot.grid.sizes)
    column = tuple(place for place, slot in enumerate(order) for _ in slot.grid.sizes)
    return Shape(sizes, column, hidden, EMBEDDING)


def _trained(data: Encoded, shape: Shape, limits: bounds.Bounds, diet: Diet, many: int, start: int) -> list[Trained]:
    """Each network by itself in one thread: how many run at once changes nothing but the time."""

    def one(place: int) -> Trained:
        torch.set_num_threads(1)  # threads of their own begin with as many as there are cores
        return training.train(data, shape, limits, diet, seed=start + place)

    with ThreadPoolExecutor(min(many, os.cpu_count() or 1)) as pool:
        return list(pool.map(one, range(many)))


def _rebuilt(body: Mapping[str, Any], arrays: storage.Arrays, stored: Weights, order: Sequence[Slot]) -> Nets:
    hidden = int(body["hidden"])
    need(4 <= hidden <= 256, f"{hidden} hidden units")
    shape = _shape(order, hidden)
    limits = bounds.learn([part for slot in order for part in slot.grid.allowed(slot.makeable)])
    many = len(stored["embed"])
    need(1 <= many <= 32, f"{many} networks")
    need(all(len(part) == many for part in stored.values()), "networks")
    each = [net.checked({name: part[place] for name, part in stored.items()}, shape) for place in range(many)]
    return Nets.of(shape, limits.calibrated(arrays["calibration"]), each)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """One thread for each network: sums then have one order, and small matrices gain nothing from more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
