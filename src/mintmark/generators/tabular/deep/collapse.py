"""Has a generator lost some of what it was shown? Told from its own rows, before anything sets them right."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep.blocks import Block, Coded
from mintmark.generators.tabular.deep.heads import Heads

FREQUENT = 0.05
"""A class of this share of the rows is one that nobody should lose."""
LOST = 0.1
"""It is lost where it comes less than so many times as often as it should."""
RUNS = 10
"""Where a method does not cut numbers into classes, they are looked at in so many."""
SAME = 0.5
"""Rows repeat each other where there are less than so many times as many different ones as there should be."""


def gap(heads: Heads, made: Tensor, real: Tensor) -> float:
    """Mean total variation between the shares of pairs of classes, over all pairs of columns."""
    joint = [(each.T @ each) / len(each) for each in (heads.onehot(made), heads.onehot(real))]
    return float((joint[0] - joint[1]).abs().sum()) / (2 * max(len(heads.sizes), 1) ** 2)


def notes(method: str, blocks: Mapping[str, Block], made: NDArray[np.int64], real: NDArray[np.int64] | None, *,
          righted: bool = True) -> tuple[str, ...]:  # fmt: skip
    """Warnings in plain words; none where all is there. `made` and `real` are (n, columns) classes.

    Without `real`, which nobody may look at under a guarantee, repetition is not looked for. `righted` says whether
    the method sets the shares of classes right after its training.
    """
    out = []
    lost = [name for at, (name, block) in enumerate(blocks.items()) if _lost(made[:, at], block)]
    if lost:
        some = ", ".join(lost[:10]) + (" …" if len(lost) > 10 else "")
        but = "Their shares were set right afterwards, but what" if righted else "What"
        out.append(f"{method}: mode collapse: the network hardly makes some frequent values of {some}. {but} goes with "
                   "those values was hardly learnt.")  # fmt: skip
    if real is None:
        return tuple(out)
    count = min(len(made), len(real))
    different = [len(np.unique(each[:count], axis=0)) for each in (made, real)]
    if different[0] < SAME * different[1]:
        out.append(f"{method}: mode collapse: among {count:,} rows that the network made, {different[0]:,} differ in "
                   f"their classes, where {different[1]:,} real ones do.")  # fmt: skip
    return tuple(out)


def notes_of_rows(method: str, blocks: Mapping[str, Block], made: Coded, real: Coded) -> tuple[str, ...]:
    """The same of rows whose numbers are one class each: they are cut into runs first."""
    finer = coding.learn({name: block.alphabet for name, block in blocks.items()}, runs=RUNS)

    def classes(rows: Coded) -> NDArray[np.int64]:
        tokens = coding.decode(blocks, rows)
        found = [finer[name].encode(each, np.zeros(len(rows)))[0] for name, each in tokens.items()]
        return np.column_stack(found)

    return notes(method, finer, classes(made), classes(real), righted=False)


def _lost(made: NDArray[np.int64], block: Block) -> bool:
    found = np.bincount(made, minlength=block.classes) / max(len(made), 1)
    return bool(((block.share >= FREQUENT) & (found < LOST * block.share)).any())
