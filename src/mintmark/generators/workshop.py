"""Where a long fit works: what it goes on from when it was killed, and how far it is."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.generators.generator import Generator, Sampler


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


@dataclass(frozen=True)
class Workshop:
    """What a method may ask for beyond data and chance; without one it says nothing and keeps nothing."""

    say: Callable[[str, int, int], None] = _silent
    """(how it stands, how much is done, of how much)"""
    folder: Path | None = None
    """For checkpoints: it belongs to this fit alone (same data, parameters and seed) and outlives a kill."""
    every_s: float = 20.0
    """Seconds between two checkpoints, at least. When they are written has no influence on what is learnt."""


ALONE = Workshop()
"""Says nothing and keeps nothing."""


def fit(generator: Generator, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop) -> Sampler:
    """Fits; a method whose `fit` takes a `workshop` gets it, and all others learn as they always did."""
    if "workshop" in inspect.signature(generator.fit).parameters:
        made: Sampler = generator.fit(real, rng=rng, workshop=workshop)  # type: ignore[call-arg]
        return made
    return generator.fit(real, rng=rng)
