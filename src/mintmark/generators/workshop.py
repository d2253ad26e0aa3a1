"""Where long work is done: what it goes on from when it was killed, how far it is, and what it may spend."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.generators.generator import Generator, Sampler
from mintmark.models.purse import UNBOUNDED, Budget


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


def _forgotten(reason: str, shown: str, text: str) -> None:
    del reason, shown, text


def _uncounted(what: str, some: int, of: int) -> None:
    del what, some, of


def _untallied(what: str, counts: Mapping[str, int]) -> None:
    del what, counts


def _unasked(requests: Sequence[str]) -> None:
    del requests


@dataclass(frozen=True)
class Workshop:
    """What a method may ask for beyond data and chance; without one it says nothing and keeps nothing."""

    say: Callable[[str, int, int], None] = _silent
    """(how it stands, how much is done, of how much)"""
    folder: Path | None = None
    """For checkpoints: it belongs to this fit alone (same data, parameters and seed) and outlives a kill."""
    every_s: float = 20.0
    """Seconds between two checkpoints, at least. When they are written has no influence on what is learnt."""
    answers: Path | None = None
    """The file that keeps what language models answered, for whoever asks the same again; None: nothing is kept."""
    account: str = ""
    """Whose budget what is asked is booked to."""
    budget: Budget = UNBOUNDED
    """The most that may be spent on language models."""
    aside: Callable[[str, str, str], None] = _forgotten
    """(reason, what shows it, the text): takes what a method made and does not hand on."""
    asked: Callable[[Sequence[str]], None] = _unasked
    """Takes, row by row, the names of the requests whose answers the rows are."""
    counted: Callable[[str, int, int], None] = _uncounted
    """(what, how many, of how many): a rate that whoever uses the rows has to know; those of all shards are summed."""
    tallied: Callable[[str, Mapping[str, int]], None] = _untallied
    """(what, how often each of them): of those of all shards the commonest is told, and how many there are."""
    base: Path | None = None
    """The folder that paths in parameters start from; None: the working folder."""


ALONE = Workshop()
"""Says nothing and keeps nothing."""


def sample(
    sampler: Sampler, count: int, *, rng: np.random.Generator, given: Dataset | None, workshop: Workshop
) -> Dataset:
    """Samples; a sampler whose `sample` takes a `workshop` gets it."""
    if "workshop" in inspect.signature(sampler.sample).parameters:
        made: Dataset = sampler.sample(count, rng=rng, given=given, workshop=workshop)  # type: ignore[call-arg]
        return made
    return sampler.sample(count, rng=rng, given=given)


def fit(generator: Generator, real: Dataset | None, *, rng: np.random.Generator, workshop: Workshop) -> Sampler:
    """Fits; a method whose `fit` takes a `workshop` gets it, and all others learn as they always did."""
    if "workshop" in inspect.signature(generator.fit).parameters:
        made: Sampler = generator.fit(real, rng=rng, workshop=workshop)  # type: ignore[call-arg]
        return made
    return generator.fit(real, rng=rng)
