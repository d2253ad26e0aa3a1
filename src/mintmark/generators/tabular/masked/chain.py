"""Columns in one order, and the networks that foretell each from those before it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.masked import bounds, calibration, crew, net, slots, training
from mintmark.generators.tabular.masked.bounds import Bounds
from mintmark.generators.tabular.masked.net import Shape
from mintmark.generators.tabular.masked.slots import Slot
from mintmark.generators.tabular.masked.training import Diet
from mintmark.generators.tabular.masked.walk import Nets, Weights
from mintmark.generators.workshop import Workshop

EMBEDDING = 16


@dataclass(frozen=True)
class Chain:
    """An order of the columns with its networks."""

    slots: tuple[Slot, ...]
    nets: Nets

    def leads_with(self, names: Mapping[str, Any]) -> bool:
        """Do these columns come before all others?"""
        return {slot.name for slot in self.slots[: len(names)]} == set(names)

    def to_json(self) -> dict[str, Any]:
        """The part of a chain that is text."""
        return {"slots": slots.to_json(self.slots), "hidden": self.nets.shape.hidden}

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part of a chain that is numbers, weights aside."""
        own = slots.to_arrays(self.slots) | {"calibration": self.nets.bounds.table.numpy()}
        return {f"{prefix}.{name}": part for name, part in own.items()}

    def weights(self, prefix: str) -> Weights:
        """The networks' weights, side by side."""
        return {f"{prefix}.{name}": part.numpy() for name, part in self.nets.parts.items()}

    @classmethod
    def rebuild(cls, body: Mapping[str, Any], stored: Arrays, weights: Weights, learnt: Learnt, prefix: str) -> "Chain":
        """The inverse of `to_json`, `to_arrays` and `weights`; LedgerError where they cannot belong together."""
        stored, weights = _under(stored, prefix), _under(weights, prefix)
        order = slots.rebuild(body["slots"], stored, learnt)
        hidden, many = int(body["hidden"]), len(weights["embed"])
        need(4 <= hidden <= 256, f"{hidden} hidden units")
        need(1 <= many <= 32 and all(len(part) == many for part in weights.values()), f"{many} networks")
        shape, limits = _shape(order, hidden), _limits(order)
        each = [net.checked({name: part[place] for name, part in weights.items()}, shape) for place in range(many)]
        return cls(order, Nets.of(shape, limits.calibrated(stored["calibration"]), each))


def learn(
    table: pa.Table, learnt: Learnt, order: Sequence[str], diet: Diet, *, rare: int, hidden: int, many: int, seed: int,
    rng: np.random.Generator, fit: str, workshop: Workshop,
) -> Chain:  # fmt: skip
    """Trains `many` networks on the columns in this order, and calibrates them together; `fit` names what is learnt."""
    told, data = slots.learn(table, learnt, order, rare=rare)
    shape, limits = _shape(told, hidden), _limits(told)

    def one(place: int, say: crew.Say) -> Weights:
        torch.set_num_threads(1)  # threads of their own begin with as many as there are cores
        own = None if workshop.folder is None else workshop.folder / f"net{place}"
        bench = replace(workshop, say=say, folder=own)
        return training.train(
            data, shape, limits, diet, seed=seed + place, fit=f"{fit} {place}", workshop=bench
        ).weights

    with one_thread():
        nets = Nets.of(shape, limits, crew.learn(one, many, workshop.say))
        return Chain(told, calibration.calibrate(nets, told, data, rng))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One thread for each network: sums then have one order, and small matrices gain nothing from more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _shape(order: Sequence[Slot], hidden: int) -> Shape:
    sizes = tuple(size for slot in order for size in slot.grid.sizes)
    column = tuple(place for place, slot in enumerate(order) for _ in slot.grid.sizes)
    return Shape(sizes, column, hidden, EMBEDDING)


def _limits(order: Sequence[Slot]) -> Bounds:
    return bounds.learn([part for slot in order for part in slot.grid.allowed(slot.makeable)])


def _under(stored: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(f"{prefix}."): part for name, part in stored.items() if name.startswith(f"{prefix}.")}
