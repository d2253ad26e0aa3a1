"""Sequential trees: each column drawn from trees over the columns before it, in several orders of the columns."""

import math
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass as plain
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark import seeds
from mintmark.data.dataset import Dataset
from mintmark.generators import storage
from mintmark.generators.storage import need
from mintmark.generators.tabular import chains, columns
from mintmark.generators.tabular.chains import Chain, Plan
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.tokens import Alphabet, Tokens

METHOD = "tabular.trees"

BLOCK = 65_536
"""Rows are drawn in blocks of this many, which stay in the processor's cache."""
REHEARSED = 50_000
"""How many of its own rows a sampler learns from what follows from columns that come first in none of its orders."""
BOOSTED_ROWS = (1_000, 100_000)
"""Below, boosting learns too little; above, leaves have rows enough, and are drawn from ten times as fast."""
BOOSTED_WORK = 20_000_000
"""The most rows × columns² that are boosted, which is one to two minutes of one processor."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Trees:
    """Sequential trees: each column drawn from trees over the columns before it, never by copying rows.

    Nowok, Raab, Dibben 2016 (synthpop), with tokens in place of values (`tokens`), and with several orders of the
    columns: each row is drawn in one of them, so that what one order gets wrong the others thin out. A column is drawn
    by boosted binary codes (`boosting.bits`) or, where rows are very few or very many, from the leaves of one tree
    (`leaf`). Both files say what keeps them from reciting rows.
    """

    boosted: bool | None = None
    """Boosted codes, which leak least and are slow, or leaves? By itself, codes for 1,000 to 100,000 rows."""
    orders: Annotated[int, Field(ge=1, le=64)] | None = None
    """How many orders of the columns are mixed; by itself 3 (2 beyond 30,000 rows), of leaves 4 (8 for few rows)."""
    leaf: Annotated[int, Field(ge=2, le=100_000)] | None = None
    """The fewest rows in a leaf: larger is safer, smaller closer. By itself 50, or √rows where that is less."""
    rare: Annotated[int, Field(ge=1, le=1000)] = 5
    """What fewer rows than this share is not reproduced."""
    first: tuple[str, ...] = ()
    """Columns that are drawn before all others: giving these is exact."""

    assumes: ClassVar[tuple[str, ...]] = (
        "Rows have nothing to do with each other, and their order means nothing.",
        "A column depends on those before it by few thresholds.",
        "Categories that fewer than `rare` rows show are never made, and rare numbers are drawn within a wider bin.",
        "Keys and free text are made up in the form of the real ones.",
        "Beyond 200,000 rows, trees are grown on a random part of them; their leaves count all.",
        "What follows from given columns that are not among `first` is learnt from 50,000 rows of the sampler's own.",
    )

    def fit(self, real: Dataset | None, *, rng: np.random.Generator) -> "Mixture":
        """Learns one chain of columns for each order; DataError where there are too few rows."""
        table = columns.training_table(real)
        learnt = columns.learn(real, rare=self.rare)
        for name in self.first:
            learnt.schema[name]  # UnknownName, with the nearest names
        rows, alphabets = table.num_rows, learnt.alphabets
        tokens = {name: alphabet.encode(table[name]) for name, alphabet in alphabets.items()}
        work = rows * len(alphabets) ** 2
        boosted = self.boosted
        if boosted is None:
            boosted = BOOSTED_ROWS[0] <= rows <= BOOSTED_ROWS[1] and work <= BOOSTED_WORK
        leaf = self.leaf or min(50, max(2, math.isqrt(rows)))
        many = self.orders or _how_many(rows, boosted=boosted)
        plans = [Plan(_order(alphabets, self.first, noise=min(place, 1), rng=rng), boosted)
                 for place in range(many)]  # fmt: skip
        made = chains.learn(tokens, plans, alphabets, leaf=leaf, rare=self.rare, rng=rng)
        return Mixture(learnt, made, leaf, self.rare, seeds.integer(rng))

    def load(self, folder: Path) -> "Mixture":
        """Reads what `Mixture.save` wrote; LedgerError where it was altered."""
        body, stored = storage.read(folder, METHOD)
        with storage.reading(folder):
            learnt = Learnt.rebuild(body, stored)
            made = tuple(Chain.rebuild(part, stored, f"chain{place}", learnt.alphabets)
                         for place, part in enumerate(body["chains"]))  # fmt: skip
            leaf, rare, rehearsal = (int(body[name]) for name in ("leaf", "rare", "rehearsal"))
            need(len(made) > 0 and leaf >= 2 and rare >= 1 and rehearsal >= 0, "settings")
            return Mixture(learnt, made, leaf, rare, rehearsal)


@plain(frozen=True)
class Mixture:
    """Chains over the same columns in several orders; each row is drawn by one of them."""

    learnt: Learnt
    chains: tuple[Chain, ...]
    leaf: int
    rare: int
    rehearsal: int
    """The seed of the rows from which chains for other given columns are learnt: every shard learns the same ones."""
    _rehearsed: dict[tuple[str, ...], tuple[Chain, ...]] = field(default_factory=dict, compare=False, repr=False)

    def sample(self, count: int, *, rng: np.random.Generator, given: Dataset | None = None) -> Dataset:
        """Draws column after column; what is given is kept, and the rest is drawn to follow from it."""
        known = self.learnt.given(given, count)
        drawn = self._draw(count, self.learnt.tokens(known), rng)
        return self.learnt.finish(count, drawn, known, rng)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `model.npz`."""
        settings = {"leaf": self.leaf, "rare": self.rare, "rehearsal": self.rehearsal}
        made = {"chains": [chain.to_json() for chain in self.chains]}
        arrays: dict[str, NDArray[Any]] = self.learnt.to_arrays()
        for place, chain in enumerate(self.chains):
            arrays |= chain.to_arrays(f"chain{place}")
        storage.write(folder, METHOD, self.learnt.to_json() | settings | made, arrays)

    def _draw(self, count: int, fixed: Mapping[str, Tokens], rng: np.random.Generator) -> dict[str, Tokens]:
        """Tokens of all columns, drawn in blocks by all processors; each block has a stream of its own."""
        able = [chain for chain in self.chains if chain.starts_with(list(fixed))] or self._rehearse(tuple(fixed))
        blocks = [(start, min(count, start + BLOCK), seeds.integer(rng)) for start in range(0, max(count, 1), BLOCK)]

        def block(start: int, stop: int, seed: int) -> dict[str, Tokens]:
            own = np.random.default_rng(seed)
            return self._mix(able, stop - start, {name: part[start:stop] for name, part in fixed.items()}, own)

        if len(blocks) == 1:
            return block(*blocks[0])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            parts = list(pool.map(lambda each: block(*each), blocks))
        return {name: np.concatenate([part[name] for part in parts]) for name in self.learnt.alphabets}

    def _mix(self, able: list[Chain], count: int, fixed: Mapping[str, Tokens], rng: np.random.Generator,
             ) -> dict[str, Tokens]:  # fmt: skip
        """Deals rows out to the chains at random."""
        whole = {name: np.empty(count, np.int32) for name in self.learnt.alphabets}
        for chain, rows in zip(able, np.array_split(rng.permutation(count), len(able)), strict=True):
            part = {name: tokens[rows] for name, tokens in fixed.items()}
            for name, tokens in chain.draw(len(rows), part, self.learnt.alphabets, rng).items():
                whole[name][rows] = tokens
        return whole

    def _rehearse(self, names: tuple[str, ...]) -> list[Chain]:
        """Chains that begin with these columns, learnt from the sampler's own rows: it holds no real ones."""
        key = tuple(sorted(names))
        if key not in self._rehearsed:
            rng = np.random.default_rng(self.rehearsal)
            rows = self._draw(REHEARSED, {}, rng)
            plans = [Plan(_order(self.learnt.alphabets, key, noise=noise, rng=rng), False) for noise in (0, 1)]
            self._rehearsed[key] = chains.learn(rows, plans, self.learnt.alphabets, leaf=self.leaf, rare=self.rare,
                                                rng=rng)  # fmt: skip
        return list(self._rehearsed[key])


def _how_many(rows: int, *, boosted: bool) -> int:
    if boosted:
        return 3 if rows <= 30_000 else 2
    return 8 if rows < BOOSTED_ROWS[0] else 4


def _order(alphabets: Mapping[str, Alphabet], first: tuple[str, ...], *, noise: float, rng: np.random.Generator,
           ) -> tuple[str, ...]:  # fmt: skip
    """The first columns, then the others by how many values they have; noise lets columns change places.

    Few values first: what has many is then drawn where most is known. Noise of 1 makes neighbours change places; noise
    of 3 was no closer to reality on the development split of Adult.
    """
    head = tuple(name for name in first if name in alphabets)
    place = {name: math.log(alphabet.size + 1) + noise * rng.normal() for name, alphabet in alphabets.items()}
    return head + tuple(sorted((name for name in alphabets if name not in head), key=place.__getitem__))
