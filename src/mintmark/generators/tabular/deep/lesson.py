"""What a network learns from: a table as blocks, and a name for the fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mintmark import catalog, digest
from mintmark.data.dataset import Dataset
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep import privacy
from mintmark.generators.tabular.deep.blocks import Block, Coded


@dataclass(frozen=True)
class Lesson:
    """A table's columns, their blocks, and its rows."""

    learnt: Learnt
    blocks: dict[str, Block]
    rows: Coded


def prepare(real: Dataset | None, *, rare: int, runs: int, rng: np.random.Generator,
            public: privacy.Domains | None = None) -> Lesson:  # fmt: skip
    """The lesson; with a public domain, nothing of it but the rows depends on the rows. Raises DataError."""
    table = columns.training_table(real)
    learnt = columns.learn(real, rare=rare) if public is None else privacy.declared(real, public)
    blocks = coding.learn(learnt.alphabets, runs=runs)
    tokens = {name: alphabet.encode(table[name]) for name, alphabet in learnt.alphabets.items()}
    return Lesson(learnt, blocks, coding.encode(blocks, tokens, table.num_rows, rng))


def identity(method: str, generator: Any, real: Dataset, seed: int) -> str:
    """The name of a fit: two that bear it learn the same."""
    told = {"method": method, "parameters": catalog.parameters(generator), "data": real.digest, "seed": seed}
    return digest.of_json({**told, "torch": torch.__version__})


def batch(wanted: int, rows: int) -> int:
    """Rows a step: no more than a tenth of them, lest a small table be learnt in few steps."""
    return min(wanted, max(8, rows // 10))
