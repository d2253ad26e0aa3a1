"""One budget of zero-concentrated differential privacy: every look at real rows is a vetted mechanism, and is paid.

All noise and all selection come from OpenDP, which draws them from the operating system's randomness, exactly on whole
numbers. The unit is one row: neighbours differ by one row that is there or is not, so a row changes one cell of a table
of counts by 1. Losses add up (Bun, Steinke 2016, lemma 1.7), also where a later one is chosen in view of earlier
answers, as long as their sum stays under a bound set beforehand (Feldman, Zrnic 2021). What is left over from unknown
keys is paid in δ (Rogers 2023).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from math import sqrt
from typing import Any

import numpy as np
import opendp.prelude as dp
from numpy.typing import NDArray

from mintmark.errors import GenerationError

Ints = NDArray[np.int64]

CONVERTED = 0.9
"""The part of δ that turns ρ into ε; the rest is for keys that nobody declared."""
_SPARE = 1e-9
"""How far rounding may carry the sum of losses above the bound: it is left unspent."""

dp.enable_features("contrib")


@dataclass(frozen=True)
class Spent:
    """One look at real rows: what it was for, and what it cost."""

    what: str
    rho: float
    delta: float = 0.0


@dataclass
class Budget:
    """What may be spent in all, and what was."""

    epsilon: float
    delta: float
    spent: list[Spent] = field(default_factory=list)

    @property
    def rho(self) -> float:
        """All that may be spent, in ρ of zero-concentrated differential privacy."""
        return rho_of(self.epsilon, CONVERTED * self.delta) * (1 - _SPARE)

    @property
    def rest(self) -> float:
        """What is left of it."""
        return self.rho - sum(one.rho for one in self.spent)

    @property
    def spare_delta(self) -> float:
        """What is left of δ for keys that nobody declared."""
        return (1 - CONVERTED) * self.delta - sum(one.delta for one in self.spent)

    @property
    def loss(self) -> tuple[float, float]:
        """(ε, δ) that what was spent amounts to: never more than was allowed."""
        total = sum(one.rho for one in self.spent)
        delta = CONVERTED * self.delta
        return epsilon_of(total, delta) if total else 0.0, delta + sum(one.delta for one in self.spent)

    def counts(self, true: Ints, *, rho: float, what: str) -> tuple[Ints, float]:
        """Counts of disjoint cells with noise, in the same shape, and the noise's standard deviation."""
        scale = _scale(rho)
        return self._charged(_gaussian(scale), 1.0, true.ravel().tolist(), what).reshape(true.shape), scale

    def choice(self, scores: Ints, *, sensitivity: int, rho: float, what: str) -> int:
        """The place of a high score; one row changes no score by more than `sensitivity`."""
        scale = sensitivity / sqrt(2 * rho) * (1 + 1e-12)
        return int(self._charged(_noisy_max(scale), sensitivity, scores.tolist(), what))

    def common(self, true: Mapping[str, int], *, rho: float, delta: float, what: str) -> dict[str, int]:
        """The keys that many rows show, with noisy counts; which other keys there are stays hidden."""
        scale = _scale(rho)
        few = max(1, int(scale / 4))
        # Counts lowered by a constant, none below zero, differ by as little as the counts: so most rare keys cost
        # no time.
        kept = {key: int(count) - few + 1 for key, count in true.items() if count >= few}
        measurement = _thresholded(scale, delta)
        found = self._charged(measurement, (1, 1, 1), kept, what)
        return {str(key): int(count) + few - 1 for key, count in found.items()}

    def _charged(self, measurement: Any, sensitivity: Any, argument: Any, what: str) -> Any:
        """Pays first, by what OpenDP itself says the mechanism costs, then looks."""
        cost = measurement.map(sensitivity)
        rho, delta = cost if isinstance(cost, tuple) else (cost, 0.0)
        if rho > self.rest + _SPARE * self.rho or delta > self.spare_delta * (1 + 1e-9):
            raise GenerationError("the privacy budget is spent", found=what)
        self.spent.append(Spent(what, rho, delta))
        answer = measurement(argument)
        return np.array(answer, dtype=np.int64) if isinstance(answer, list) else answer


@cache
def rho_of(epsilon: float, delta: float) -> float:
    """The largest ρ that (ε, δ) allows, by bisection."""
    low, high = 0.0, epsilon
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low


def epsilon_of(rho: float, delta: float) -> float:
    """The ε that ρ amounts to at δ, by OpenDP's conversion (Canonne, Kamath, Steinke 2020, proposition 7)."""
    if rho <= 0:
        return 0.0
    # A Gaussian mechanism stands for all others whose loss is ρ: the conversion asks for nothing else.
    like = dp.c.make_zCDP_to_approxDP(_gaussian(1 / sqrt(2 * rho)))
    return float(like.map(1.0).epsilon(delta))


def _scale(rho: float) -> float:
    return sqrt(1 / (2 * rho)) * (1 + 1e-12)


def _gaussian(scale: float) -> Any:
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=scale)


def _noisy_max(scale: float) -> Any:
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.linf_distance(T="i64")
    return dp.m.make_noisy_max(*space, dp.zero_concentrated_divergence(), scale=scale)


@cache
def _thresholded(scale: float, delta: float) -> Any:
    """The lowest threshold at which an unknown key shows with probability δ at most."""
    space = (
        dp.map_domain(dp.atom_domain(T="String"), dp.atom_domain(T="i64")),
        dp.l02inf_distance(dp.absolute_distance(T="i64")),
    )
    low, high = 1, int(40 * scale) + 2
    while low < high:
        middle = (low + high) // 2
        cost = dp.m.make_gaussian_threshold(*space, scale, middle).map((1, 1, 1))[1]
        low, high = (low, middle) if cost <= delta else (middle + 1, high)
    return dp.m.make_gaussian_threshold(*space, scale, low)
