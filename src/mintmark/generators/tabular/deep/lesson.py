"""What a network learns from: a table as blocks, and a name for the fit."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mintmark import catalog, seeds
from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, MissingExtra
from mintmark.generators.deep import checkpoints, privacy
from mintmark.generators.deep.privacy import Promise
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.marginals.declared import Declared


@dataclass(frozen=True)
class Lesson:
    """A table's columns, their blocks, and its rows."""

    learnt: Learnt
    blocks: dict[str, Block]
    rows: Coded
    guarantee: Guarantee | None = None
    """What is proved of the rows, as long as nothing looks at them but through blurred gradients."""
    noise: float = 0.0
    """Of the blurred gradients, in norms to which each row's is clipped."""


def begin(method: str, generator: Any, real: Dataset | None, *, runs: int, what: str, rng: np.random.Generator,
          folder: Path | None) -> tuple[Lesson, str, torch.Generator]:  # fmt: skip
    """The lesson of a method that may learn in private, the name of the fit, and the chance by which it learns.

    `generator` has `rare`, `epochs`, `private` and `public`; `what` tells which of its networks are shown rows. Raises
    DataError where there are too few rows, and what `in_private` raises.
    """
    promise: Promise | None = generator.private
    check(promise, generator.public)
    columns.training_table(real)
    assert real is not None
    seed = seeds.integer(rng)
    fit = checkpoints.identity(method, generator, real, seed)
    if promise is None:
        learning = prepare(real, rare=generator.rare, runs=runs, rng=rng)
        return learning, fit, torch.Generator().manual_seed(seed)
    steps = generator.epochs * privacy.ROUNDS
    learning = in_private(real, promise, generator.public, method=method, runs=runs, steps=steps, what=what, fit=fit,
                          folder=folder)  # fmt: skip
    return learning, fit, privacy.secret()


def prepare(real: Dataset | None, *, rare: int, runs: int, rng: np.random.Generator) -> Lesson:
    """The lesson; DataError where there are too few rows."""
    table = columns.training_table(real)
    learnt = columns.learn(real, rare=rare)
    blocks = coding.learn(learnt.alphabets, runs=runs)
    tokens = {name: alphabet.encode(table[name]) for name, alphabet in learnt.alphabets.items()}
    return Lesson(learnt, blocks, coding.encode(blocks, tokens, table.num_rows, rng))


def in_private(real: Dataset | None, promise: Promise, public: Mapping[str, Declared], *, method: str, runs: int,
               steps: int, what: str, fit: str, folder: Path | None) -> Lesson:  # fmt: skip
    """The lesson under differential privacy: nothing in it but its rows depends on rows, save through paid noise.

    `steps` gradients are blurred, of `what`. A killed fit takes from `folder` what it has paid for already. Raises
    MissingExtra where the packages for that are not installed.
    """
    try:
        account = importlib.import_module(f"{__package__}.account")
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package not in catalog.EXTRAS:
            raise
        raise MissingExtra(f"{method} with `private`", package, catalog.EXTRAS[package]) from error
    made: Lesson = account.lesson(real, promise, public, runs=runs, steps=steps, what=what, fit=fit, folder=folder)
    return made


def check(promise: Promise | None, public: Mapping[str, Declared]) -> None:
    """InputError where a public domain is declared that nothing would keep to."""
    if promise is None and public:
        raise InputError("`public` says what a guarantee need not hide, and none is asked for", where="public",
                         fix="write private: {epsilon: 1, delta: 1.0e-9} beside it, or leave it out")  # fmt: skip


def batch(wanted: int, rows: int) -> int:
    """Rows a step: no more than a tenth of them, lest a small table be learnt in few steps."""
    return min(wanted, max(8, rows // 10))
