"""Which pairs of columns are looked at: the ones that the model so far gets wrong by most, found privately.

AIM (McKenna, Mullins, Sheldon, Miklau 2022) looks, fits, and looks again, with a budget that grows once noise drowns
what is learnt. MST (McKenna, Miklau, Sheldon 2021) chooses a tree of pairs at once: faster, and less true to life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.marginals.fitting import Counted, fitted, logs
from mintmark.generators.tabular.marginals.junction import Axes, Floats, JunctionTree, largest

Codes = NDArray[np.int64]

LOOKING = 0.9
"""The part of a round's budget that the counts get; choosing gets the rest."""
FINE = 16
"""Scores count in parts of a row: estimates are rounded to so many."""
MOST_CELLS = 20_000
"""Of a clique: what bounds time and memory."""
MOST_PAIRS = 3_000
"""Of more pairs, so many at random are candidates."""
STEPS, LAST_STEPS = 25, 250
ROUNDS = 2
GROWTH = 4


@dataclass(frozen=True)
class Joint:
    """One distribution over the codes of all columns."""

    tree: JunctionTree
    logs: tuple[Floats, ...]


@dataclass(frozen=True)
class Question:
    """The real rows as codes, and what is known of them so far."""

    codes: Mapping[int, Codes]
    sizes: tuple[int, ...]
    total: float
    singles: tuple[Counted, ...]
    weights: Mapping[int, int]
    """How much a column's pairs matter: a whole number, 1 for each but those that the user asks about."""

    def table(self, pair: Axes) -> Codes:
        """The true counts of a pair: only ever shown to a mechanism."""
        if pair not in self._tables:
            shape = self.sizes[pair[0]], self.sizes[pair[1]]
            flat = self.codes[pair[0]] * shape[1] + self.codes[pair[1]]
            self._tables[pair] = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
        return self._tables[pair]

    @cached_property
    def _tables(self) -> dict[Axes, Codes]:
        return {}


def adaptive(question: Question, budget: Budget, rng: np.random.Generator) -> Joint:
    """AIM over pairs, until the budget is spent."""
    model = _Model(question)
    left = _candidates(len(question.sizes), rng)
    rho = budget.rest / max(1, ROUNDS * len(question.sizes))
    while left and budget.rest > 1e-3 * budget.rho:
        # What would be too little for two more rounds is spent in one.
        rho = budget.rest if budget.rest < 2 * rho else rho
        left = [pair for pair in left if model.holds(pair)]
        if not left:
            break
        sigma = sqrt(1 / (2 * LOOKING * rho))
        pair = left[_worst(question, model, left, sigma, (1 - LOOKING) * rho, budget)]
        before = model.pairs[pair]
        model.look(pair, LOOKING * rho, budget)
        moved = question.total * float(np.abs(model.pairs[pair] - before).sum())
        if moved <= sqrt(2 / pi) * sigma * before.size:
            rho *= GROWTH
    return model.finished()


def tree_of_pairs(question: Question, budget: Budget, rng: np.random.Generator) -> Joint:
    """MST: the pairs that connect all columns and that independent columns get wrong by most."""
    model = _Model(question)
    edges = len(question.sizes) - 1
    rho = budget.rest / max(1, edges)
    part = list(range(len(question.sizes)))
    chosen: list[Axes] = []
    left = _candidates(len(question.sizes), rng)
    for _ in range(edges):
        left = [pair for pair in left if part[pair[0]] != part[pair[1]]]
        if not left:
            break
        sigma = sqrt(1 / (2 * LOOKING * rho))
        pair = left[_worst(question, model, left, sigma, (1 - LOOKING) * rho, budget)]
        chosen.append(pair)
        part = [part[pair[0]] if each == part[pair[1]] else each for each in part]
    for pair in chosen:
        model.count(pair, LOOKING * rho, budget)
    return model.finished()


class _Model:
    """What was counted so far, and the distribution that fits it."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.counted = list(question.singles)
        self.potentials: list[Floats] = []
        self._refit(STEPS)

    def holds(self, pair: Axes) -> bool:
        """Would the cliques stay small enough if this pair were counted too?"""
        if any(set(pair) <= set(clique) for clique in self.tree.cliques):
            return True
        return largest(self.question.sizes, [*(each.axes for each in self.counted), pair]) <= MOST_CELLS

    def look(self, pair: Axes, rho: float, budget: Budget) -> None:
        """Counts a pair, and fits again."""
        self.count(pair, rho, budget)
        self._refit(STEPS)

    def count(self, pair: Axes, rho: float, budget: Budget) -> None:
        """Adds the noisy counts of a pair."""
        true = self.question.table(pair)
        noisy, sigma = budget.counts(true, rho=rho, what=f"pair {pair}")
        self.counted.append(Counted(pair, noisy.astype(float), np.full(noisy.shape, sigma**2)))

    def finished(self) -> Joint:
        """The distribution, fitted to the end."""
        self._refit(LAST_STEPS)
        return Joint(self.tree, tuple(logs(self.tree, self.counted, self.potentials)))

    def _refit(self, steps: int) -> None:
        self.tree = JunctionTree.over(self.question.sizes, [each.axes for each in self.counted])
        self.potentials, marginals = fitted(self.tree, self.counted, self.question.total, self.potentials, steps=steps)
        self.pairs = self.tree.pairs(marginals)


def _candidates(columns: int, rng: np.random.Generator) -> list[Axes]:
    pairs = [(one, other) for one in range(columns) for other in range(one + 1, columns)]
    kept = np.sort(rng.permutation(len(pairs))[:MOST_PAIRS]) if len(pairs) > MOST_PAIRS else range(len(pairs))
    return [pairs[place] for place in kept]


def _worst(
    question: Question, model: _Model, pairs: Sequence[Axes], sigma: float, rho: float, budget: Budget
) -> int:
    """The pair that the model gets wrong by most, beyond what the noise of counting it would add.

    One row more or less changes one cell of a pair by 1, and so its score by no more than FINE times its weight.
    """
    weights = [question.weights.get(one, 1) * question.weights.get(other, 1) for one, other in pairs]
    scores = []
    for pair, weight in zip(pairs, weights, strict=True):
        expected = np.rint(FINE * question.total * model.pairs[pair]).astype(np.int64)
        wrong = int(np.abs(FINE * question.table(pair) - expected).sum())
        scores.append(weight * (wrong - round(FINE * sqrt(2 / pi) * sigma * expected.size)))
    sensitivity = FINE * max(weights)
    return budget.choice(np.array(scores, dtype=np.int64), sensitivity=sensitivity, rho=rho, what="which pair")
