"""A masked network: each row told in small choices, all foretold in one pass by several networks together."""

from collections.abc import Mapping
from dataclasses import dataclass as plain
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from safetensors import numpy as safetensors

from mintmark import digest, seeds
from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.deep import checkpoints
from mintmark.generators.storage import need
from mintmark.generators.tabular import columns, completion
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.masked import chain, drawing, slots
from mintmark.generators.tabular.masked.chain import Chain
from mintmark.generators.tabular.masked.training import Diet
from mintmark.generators.workshop import ALONE, Workshop

METHOD = "tabular.network"

TRAINED_ON = 200_000
"""Networks are trained on at most this many rows."""
VISITS = 1_600_000
"""Rows are shown about so often in all: with many of them, each is shown in fewer epochs."""
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
    for an accelerator to be of use. Each row comes from one of two orders of the columns, and from the mean of the
    probabilities of that order's networks.
    """

    nets: Annotated[int, Field(ge=1, le=32)] = 6
    """How many networks: more are closer to reality and take longer. Half draw numbers first and half categories."""
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

    def fit(self, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop = ALONE) -> "Ensemble":
        """Trains the networks.

        Raises DataError where there are too few rows, GenerationError where the training diverges.
        """
        table = columns.training_table(real)
        assert real is not None
        learnt = columns.learn(real, rare=self.rare)
        for name in self.first:
            learnt.schema[name]  # UnknownName, with the nearest names
        if table.num_rows > TRAINED_ON:
            table = table.take(pa.array(np.sort(rng.choice(table.num_rows, TRAINED_ON, replace=False))))
        seed, chains = seeds.integer(rng), []
        fit, diet = checkpoints.identity(METHOD, self, real, seed), self._diet(table.num_rows)
        orders = self._orders(learnt)
        for place, order in enumerate(orders):
            many = len(range(place, self.nets, len(orders)))
            done = sum(len(range(before, self.nets, len(orders))) for before in range(place))
            chains.append(chain.learn(table, learnt, order, diet, rare=self.rare, hidden=self.hidden, many=many,
                                      seed=seed + 100 * place, rng=rng, fit=f"{fit} {place}",
                                      workshop=self._bench(workshop, place, done * diet.epochs, diet)))  # fmt: skip
        return Ensemble(learnt, tuple(chains), self.candidates)

    def load(self, folder: Path) -> "Ensemble":
        """Reads what `Ensemble.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            whole = (folder / "nets.safetensors").read_bytes()
            need(digest.of_bytes(whole) == body["nets"], "nets.safetensors does not fit its digest")
            need(len(body["chains"]) <= 2 and bool(body["chains"]) == bool(learnt.alphabets), "chains")
            weights = safetensors.load(whole)
            chains = (Chain.rebuild(part, stored, weights, learnt, f"chain{place}")
                      for place, part in enumerate(body["chains"]))  # fmt: skip
            return Ensemble(learnt, tuple(chains), int(body["candidates"]))

    def _orders(self, learnt: Learnt) -> list[list[str]]:
        """The first columns, then categories or numbers, then the others, each by how many values they have."""
        first = [name for name in self.first if name in learnt.alphabets]
        rest = sorted((name for name in learnt.alphabets if name not in first), key=lambda n: learnt.alphabets[n].size)
        kinds = [[name for name in rest if learnt.alphabets[name].column.numeric == kind] for kind in (True, False)]
        orders = [first + kinds[0] + kinds[1], first + kinds[1] + kinds[0]]
        different = orders if all(kinds) and self.nets > 1 else orders[:1]
        return different if learnt.alphabets else []

    def _bench(self, workshop: Workshop, place: int, before: int, diet: Diet) -> Workshop:
        """The part of the workshop for the networks of one order, which are trained after `before` epochs of others."""
        own = None if workshop.folder is None else workshop.folder / f"chain{place}"
        return replace(workshop, folder=own,
                       say=lambda how, done, _: workshop.say(how, before + done, self.nets * diet.epochs))  # fmt: skip

    def _diet(self, rows: int) -> Diet:
        diet = SMALL if rows < slots.SMALL else Diet()
        epochs = self.epochs or max(2, min(diet.epochs, VISITS // rows))
        return replace(diet, epochs=epochs, batch=max(32, min(diet.batch, rows // BATCHES)))


@plain(frozen=True)
class Ensemble:
    """Networks over the columns, in each order in which they are drawn."""

    learnt: Learnt
    chains: tuple[Chain, ...]
    """One for each order; none where no column carries information."""
    candidates: int

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws column after column; what is given is kept, and what follows from it is drawn to fit."""
        known = self.learnt.given(given, count)
        made = dict(known)
        if self.chains:
            fixed = {name: values for name, values in known.items() if name in self.learnt.alphabets}
            made |= self._drawn(count, fixed, rng)
        made |= self.learnt.named(count, made, rng)
        return completion.assemble(made, name=self.learnt.name, schema=self.learnt.schema)

    def _drawn(self, count: int, fixed: Mapping[str, pa.Array], rng: np.random.Generator) -> dict[str, pa.Array]:
        """Each row from one of the chains at random; from one that leads with what is given, where there is any."""
        chains = [each for each in self.chains if each.leads_with(fixed)] or list(self.chains)
        dealt = rng.permutation(np.arange(count) % len(chains))
        back = pa.array(np.argsort(np.argsort(dealt, kind="stable"), kind="stable"))
        parts = []
        with chain.one_thread():
            for place, each in enumerate(chains):
                rows = pa.array(np.flatnonzero(dealt == place))
                own = {name: values.take(rows) for name, values in fixed.items()}
                parts.append(drawing.draw(each.nets, each.slots, len(rows), own, rng, candidates=self.candidates))
        return {name: pa.concat_arrays([part[name] for part in parts]).take(back) for name in parts[0]}

    def save(self, folder: Path) -> None:
        """Writes `model.json`, `model.npz` and `nets.safetensors`."""
        weights = [part for place, each in enumerate(self.chains) for part in each.weights(f"chain{place}").items()]
        whole = safetensors.save(dict(weights))
        (folder / "nets.safetensors").write_bytes(whole)
        body: dict[str, Any] = self.learnt.to_json() | {
            "chains": [each.to_json() for each in self.chains],
            "candidates": self.candidates,
            "nets": digest.of_bytes(whole),
        }
        arrays: dict[str, NDArray[Any]] = self.learnt.to_arrays()
        for place, each in enumerate(self.chains):
            arrays |= each.to_arrays(f"chain{place}")
        storage.write(folder, METHOD, body, arrays)
