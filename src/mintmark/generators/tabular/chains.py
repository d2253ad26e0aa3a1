"""Columns in the order in which they are drawn, each by a law of its own over those before it."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mintmark import seeds
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import growth
from mintmark.generators.tabular.boosting import bits
from mintmark.generators.tabular.boosting.bits import Bits
from mintmark.generators.tabular.growth import Grown
from mintmark.generators.tabular.splits import Columns
from mintmark.generators.tabular.tokens import Alphabet, Tokens

GROWN_ON = 200_000
"""Trees with leaves are grown on at most this many rows; their leaves count all."""
LAWS: Mapping[str, type[Grown] | type[Bits]] = {"leaves": Grown, "codes": Bits}


@dataclass(frozen=True)
class Plan:
    """What a chain is to be: its columns in order, drawn by boosted codes or from leaves."""

    order: tuple[str, ...]
    boosted: bool


@dataclass(frozen=True)
class Link:
    """One column, and how it follows from those before it."""

    name: str
    law: Grown | Bits


@dataclass(frozen=True)
class Chain:
    """Links in the order in which their columns are drawn."""

    links: tuple[Link, ...]

    def starts_with(self, names: Sequence[str]) -> bool:
        """Are these columns, in any order, drawn before all others?"""
        return {link.name for link in self.links[: len(names)]} == set(names)

    def draw(self, count: int, fixed: Columns, alphabets: Mapping[str, Alphabet], rng: np.random.Generator,
             ) -> dict[str, Tokens]:  # fmt: skip
        """Tokens of all columns, shape (count,); those that are fixed stay, and are exact where they come first."""
        drawn: dict[str, Tokens] = {}
        for link in self.links:
            if link.name in fixed:
                drawn[link.name] = fixed[link.name]
            else:
                drawn[link.name] = link.law.draw(drawn, count, alphabets[link.name], rng)
        return drawn

    def to_json(self) -> list[dict[str, Any]]:
        """The part that is text."""
        kinds = {kind: name for name, kind in LAWS.items()}
        return [{"column": link.name, "law": kinds[type(link.law)], **link.law.to_json()} for link in self.links]

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part that is numbers."""
        out: dict[str, NDArray[Any]] = {}
        for place, link in enumerate(self.links):
            out |= link.law.to_arrays(f"{prefix}.link{place}")
        return out

    @classmethod
    def rebuild(cls, body: Sequence[Mapping[str, Any]], stored: Arrays, prefix: str,
                alphabets: Mapping[str, Alphabet]) -> "Chain":  # fmt: skip
        """The inverse; LedgerError where a column is missing, twice there, or could not be drawn."""
        sizes: dict[str, int] = {}
        links = []
        for place, part in enumerate(body):
            name = str(part["column"])
            need(name in alphabets and name not in sizes, f"column {name}")
            size = alphabets[name].size
            law = LAWS[part["law"]].rebuild(part, stored, f"{prefix}.link{place}", sizes=sizes, size=size)
            links.append(Link(name, law))
            sizes[name] = size
        need(set(sizes) == set(alphabets), "columns of a chain")
        return cls(tuple(links))


def learn(columns: Columns, plans: Sequence[Plan], alphabets: Mapping[str, Alphabet], *, leaf: int, rare: int,
          rng: np.random.Generator) -> tuple[Chain, ...]:  # fmt: skip
    """One chain for each plan. Links know nothing of each other, so all processors learn them at once."""
    rows = len(next(iter(columns.values()), ()))
    some = np.sort(rng.choice(rows, GROWN_ON, replace=False)) if rows > GROWN_ON else None
    tasks = [(plan, place, seeds.integer(rng)) for plan in plans for place in range(len(plan.order))]

    def link(plan: Plan, place: int, seed: int) -> Link:
        before, name, own = list(plan.order[:place]), plan.order[place], np.random.default_rng(seed)
        if plan.boosted:
            return Link(name, bits.learn(columns, before, name, alphabets, rng=own))
        law = growth.learn(columns, before, name, alphabets, grown=some, leaf=leaf, rare=rare, rng=own)
        return Link(name, law)

    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        links = list(pool.map(lambda task: link(*task), tasks))
    size = len(alphabets)
    return tuple(Chain(tuple(links[place * size : (place + 1) * size])) for place in range(len(plans)))
