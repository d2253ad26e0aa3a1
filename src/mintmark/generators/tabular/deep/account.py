"""What a network is shown under differential privacy, and what that costs: needs the extra `private` too.

First every column is told by noisy counts, as `tabular.private` tells it (see `marginals`): levels, bounds and bins are
declared or found within the budget. A network then learns rows of those tokens by DP-SGD. dp-accounting adds up both in
Rényi differential privacy (Mironov 2017; of the sampled Gaussian mechanism Mironov, Talwar, Zhang 2019). Neighbours are
tables of which one has one row more. What is claimed of gradients is that of real numbers.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

import dp_accounting
import numpy as np
from dp_accounting import rdp

from mintmark import disk
from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.generators import storage
from mintmark.generators.deep.privacy import ROUNDS, Promise
from mintmark.generators.guarantee import ROW, UNCOVERED, Guarantee
from mintmark.generators.tabular import columns
from mintmark.generators.tabular.columns import Learnt
from mintmark.generators.tabular.deep import blocks as coding
from mintmark.generators.tabular.deep.lesson import Lesson
from mintmark.generators.tabular.marginals import margins
from mintmark.generators.tabular.marginals.budget import CONVERTED, Budget
from mintmark.generators.tabular.marginals.declared import Declared

ORDERS = (*range(2, 65), 80, 96, 128, 192, 256, 512)
"""Of Rényi divergence."""
ROUNDED = "Noise on gradients is drawn in floating point: what its rounding may tell is not covered (Mironov 2012)."
KEPT, METHOD = "private", "private lesson"
"""Folder and label of what a killed fit has paid for."""


def lesson(real: Dataset | None, promise: Promise, public: Mapping[str, Declared], *, runs: int, steps: int, what: str,
           fit: str, folder: Path | None) -> Lesson:  # fmt: skip
    """Columns within the budget, rows as classes and places, the noise that gradients need, and the guarantee."""
    table = columns.training_table(real)
    assert real is not None
    for name in public:
        if name not in table.column_names:
            raise UnknownName("column", name, table.column_names, where="public")
    budget = Budget(promise.epsilon, promise.delta)
    first = margins.part(table, public)
    learnt, spent = _recalled(folder, fit) or _looked(real, public, budget, fit, folder)
    blocks = coding.learn(learnt.alphabets, runs=runs)
    tokens = {name: margins.tokens(alphabet, table[name]) for name, alphabet in learnt.alphabets.items()}
    # Where a row stands within its token is drawn in secret, or a row that is not there would move all behind it.
    hidden = np.random.Generator(np.random.PCG64DXSM(secrets.randbits(128)))
    blur = noise(budget, steps=steps, first=first) if blocks else 0.0
    told = f"gradients of {what}: {steps:,} steps, each of 1 row in {ROUNDS}, noise {blur:.3g}"
    spent = (*spent, *(((told, 1 - first),) if blocks else ()))
    guarantee = Guarantee(promise.epsilon, promise.delta, ROW, spent, (*UNCOVERED, ROUNDED))
    return Lesson(learnt, blocks, coding.encode(blocks, tokens, table.num_rows, hidden), guarantee, blur)


def noise(budget: Budget, *, steps: int, first: float) -> float:
    """The smallest noise, in clipping norms, at which so many steps keep the promise; by bisection.

    `first` is the part of the budget's ρ that is set aside for other looks. Nothing here depends on rows.
    """
    low, high = 0.2, 1.0
    while epsilon(budget, high, steps=steps, first=first) > budget.epsilon:
        low, high = high, 2 * high
        if high > 1e6:
            raise InputError("no noise is enough for so small an epsilon", found=f"{budget.epsilon:g}")
    for _ in range(14):
        middle = (low + high) / 2
        kept = epsilon(budget, middle, steps=steps, first=first) <= budget.epsilon
        low, high = (low, middle) if kept else (middle, high)
    return high


def epsilon(budget: Budget, noise: float, *, steps: int, first: float) -> float:
    """The ε of all looks together, at the part of δ that is meant for it."""
    accountant = rdp.RdpAccountant(ORDERS, dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE)
    accountant.compose(dp_accounting.ZCDpEvent(first * budget.rho))
    one = dp_accounting.PoissonSampledDpEvent(1 / ROUNDS, dp_accounting.GaussianDpEvent(noise))
    accountant.compose(one, steps)
    return float(accountant.get_epsilon(CONVERTED * budget.delta))


def _looked(real: Dataset, public: Mapping[str, Declared], budget: Budget, fit: str, folder: Path | None,
            ) -> tuple[Learnt, tuple[tuple[str, float], ...]]:  # fmt: skip
    """Every column as noisy counts tell it, and what was paid for it; kept, so that it is paid for but once."""
    learnt = margins.learn(real.table, public, budget).learnt(real)
    spent = margins.shares(budget)
    if folder is not None:
        disk.make_folder(folder / KEPT)
        with disk.storage(folder):
            storage.write(folder / KEPT, METHOD, {**learnt.to_json(), "fit": fit, "spent": spent}, learnt.to_arrays())
    return learnt, spent


def _recalled(folder: Path | None, fit: str) -> tuple[Learnt, tuple[tuple[str, float], ...]] | None:
    """What a killed fit of this name has looked at."""
    if folder is None:
        return None
    try:
        body, stored = storage.read(folder / KEPT, METHOD)
        with storage.reading(folder):
            found = Learnt.rebuild(body, stored), tuple((str(what), float(share)) for what, share in body["spent"])
    except LedgerError:
        return None
    return found if body["fit"] == fit else None
