"""A second opinion on the budget: dp-accounting adds up what OpenDP's mechanisms say that they cost."""

import dp_accounting
import numpy as np
from dp_accounting import rdp

from mintmark.errors import GenerationError
from mintmark.generators.tabular.marginals.budget import CONVERTED, Budget

ORDERS = tuple(1 + np.geomspace(1e-3, 1e4, 400))
"""Of Rényi divergence: so many that the best one between them changes little."""
ROUNDED = 1.005
"""How much more than promised the second opinion may find, for its orders are few."""


def epsilon(budget: Budget) -> float:
    """The ε of all that was spent, at the part of δ that is meant for it."""
    accountant = rdp.RdpAccountant(ORDERS, dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE)
    for one in budget.spent:
        accountant.compose(dp_accounting.ZCDpEvent(one.rho))
    return float(accountant.get_epsilon(CONVERTED * budget.delta))


def check(budget: Budget) -> None:
    """GenerationError where the two libraries disagree on what was promised."""
    found, (_, delta) = epsilon(budget), budget.loss
    if found > ROUNDED * budget.epsilon or delta > budget.delta * (1 + 1e-9):
        raise GenerationError("the privacy loss is larger than was promised", found=f"ε = {found:.6g}, δ = {delta:.3g}")
