"""Which pairs of columns are looked at: the ones that the model so far gets wrong by most, found privately.

AIM (McKenna, Mullins, Sheldon, Miklau 2022) looks, fits, and looks again, with a budget that grows once noise drowns
what is learnt. MST (McKenna, Miklau, Sheldon 2021) chooses a tree of pairs at once: faster, and less true to life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import pi, prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.marginals.budget import Budget
from mintmark.generators.tabular.marginals.fitting import Counted, fitted, logs
from mintmark.generators.tabular.marginals.junction import Axes, Floats, JunctionTree, largest, spread, summed

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
"""Steps of a fit between two looks, and of the last one."""
ROUNDS = 2
"""Times the number of columns: looks that the budget would last for, did it not grow."""
GROWTH = 2
"""The budget of a look grows by this factor where the last one taught nothing (AIM: 4)."""
CLASSES = 8
"""A target of at most so many codes joins every pair as a third column."""
WEIGHT = 2
"""Of pairs with a target of more codes."""


@dataclass(frozen=True)
class Joint:
    """One distribution over the codes of all columns."""

    tree: JunctionTree
    logs: tuple[Floats, ...]

    def to_json(self) -> dict[str, Any]:
        """What `rebuild` reads, beside the arrays."""
        return {"cliques": [list(clique) for clique in self.tree.cliques], "parents": list(self.tree.parents)}

    def to_arrays(self) -> dict[str, Floats]:
        """The logarithm of each clique's potential."""
        return {f"clique{place}": log for place, log in enumerate(self.logs)}

    @classmethod
    def rebuild(cls, sizes: tuple[int, ...], body: Mapping[str, Any], stored: Arrays) -> "Joint":
        """The inverse of both; LedgerError where they are no junction tree over columns of these sizes."""
        cliques = tuple(tuple(int(axis) for axis in clique) for clique in body["cliques"])
        tree = JunctionTree(sizes, cliques, tuple(int(up) for up in body["parents"]))
        need(tree.sound, "cliques")
        logs = tuple(stored[f"clique{place}"].astype(np.float64) for place in range(len(cliques)))
        for clique, log in zip(cliques, logs, strict=True):
            need(log.shape == tree.shape(clique) and bool(np.isfinite(log).all()), f"clique {clique}")
        return cls(tree, logs)


@dataclass(frozen=True)
class Question:
    """The real rows as codes, and what is known of them so far."""

    codes: Mapping[int, Codes]
    sizes: tuple[int, ...]
    total: float
    names: tuple[str, ...]
    target: int | None
    """The column whose pairs matter most."""
    known: tuple[Counted, ...] = ()

    @property
    def classed(self) -> bool:
        """Has the target so few codes that it can be looked at beside every pair?"""
        return self.target is not None and self.sizes[self.target] <= CLASSES

    def called(self, axes: Axes) -> str:
        """Columns in words."""
        return " × ".join(self.names[axis] for axis in axes)

    def table(self, axes: Axes) -> Codes:
        """The true counts over some columns: only ever shown to a mechanism."""
        if axes not in self._tables:
            shape = tuple(self.sizes[axis] for axis in axes)
            flat = np.ravel_multi_index(tuple(self.codes[axis] for axis in axes), shape)
            self._tables[axes] = np.bincount(flat, minlength=prod(shape)).reshape(shape)
        return self._tables[axes]

    @cached_property
    def _tables(self) -> dict[Axes, Codes]:
        return {}


def begun(question: Question, budget: Budget, *, rho: float) -> Question:
    """With what needs no choosing: each column's counts, beside the target's where it has few classes."""
    others = [axis for axis in range(len(question.sizes)) if not (question.classed and axis == question.target)]
    known = list(question.known)
    for axis in others:
        beside = {axis, question.target} if question.classed else {axis}
        axes = tuple(sorted(place for place in beside if place is not None))
        known.append(_counted(question, axes, rho / len(others), budget))
    return replace(question, known=tuple(known))


def adaptive(question: Question, budget: Budget, rng: np.random.Generator) -> Joint:
    """AIM over pairs, and over triples with the target, until the budget is spent."""
    model = _Model(question)
    left = _candidates(question, rng)
    if question.classed:
        left += [tuple(sorted({*pair, question.target or 0})) for pair in left]
    rho = budget.rest / max(1, ROUNDS * len(question.sizes))
    while left and budget.rest > 1e-3 * budget.rho:
        # What would be too little for two more rounds is spent in one.
        rho = budget.rest if budget.rest < 2 * rho else rho
        left = [axes for axes in left if model.holds(axes)]
        if not left:
            break
        sigma = sqrt(1 / (2 * LOOKING * rho))
        axes = left[_worst(question, model, left, sigma, (1 - LOOKING) * rho, budget)]
        before = model.joint(axes)
        model.look(axes, LOOKING * rho, budget)
        moved = question.total * float(np.abs(model.joint(axes) - before).sum())
        if moved <= sqrt(2 / pi) * sigma * before.size:
            rho *= GROWTH
    return model.finished()


def tree_of_pairs(question: Question, budget: Budget, rng: np.random.Generator) -> Joint:
    """MST: the pairs that connect all columns and that what is known so far gets wrong by most."""
    model = _Model(question)
    left = _candidates(question, rng)
    part = list(range(len(question.sizes)))
    edges = len(part) - 1 - int(question.classed)
    rho = budget.rest / max(1, edges)
    chosen: list[Axes] = []
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


def _counted(question: Question, axes: Axes, rho: float, budget: Budget) -> Counted:
    noisy, sigma = budget.counts(question.table(axes), rho=rho, what=question.called(axes))
    return Counted(axes, noisy.astype(float), np.full(noisy.shape, sigma**2))


class _Model:
    """What was counted so far, and the distribution that fits it."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.counted = list(question.known)
        self.potentials: list[Floats] = []
        self._refit(STEPS)

    def holds(self, axes: Axes) -> bool:
        """Would the cliques stay small enough if this were counted too?"""
        if any(set(axes) <= set(clique) for clique in self.tree.cliques):
            return True
        return largest(self.question.sizes, [*(each.axes for each in self.counted), axes]) <= MOST_CELLS

    def look(self, axes: Axes, rho: float, budget: Budget) -> None:
        """Counts some columns, and fits again."""
        self.count(axes, rho, budget)
        self._refit(STEPS)

    def count(self, axes: Axes, rho: float, budget: Budget) -> None:
        """Adds the noisy counts of some columns."""
        self.counted.append(_counted(self.question, axes, rho, budget))

    def joint(self, axes: Axes) -> Floats:
        """What the model says of a pair, or of a pair beside the target."""
        if len(axes) == 2 and self.question.target not in axes:
            return np.asarray(sum(each[axes] for each in self.classes))
        if len(axes) == 2 and len(self.classes) == 1:
            return self.classes[0][axes]
        place = axes.index(self.question.target or 0)
        rest = axes[:place] + axes[place + 1 :]
        return np.stack([each[rest] for each in self.classes], axis=place)

    def finished(self) -> Joint:
        """The distribution, fitted to the end."""
        self._refit(LAST_STEPS)
        return Joint(self.tree, tuple(logs(self.tree, self.counted, self.potentials)))

    def _refit(self, steps: int) -> None:
        self.tree = JunctionTree.over(self.question.sizes, [each.axes for each in self.counted])
        self.potentials, marginals = fitted(self.tree, self.counted, self.question.total, self.potentials, steps=steps)
        self.classes = self._by_class(marginals) if self.question.classed else [self.tree.pairs(marginals)]

    def _by_class(self, marginals: Sequence[Floats]) -> list[dict[Axes, Floats]]:
        """Every pair's joint distribution with each code of the target."""
        axis = (self.question.target or 0,)
        home = self.tree.home(axis)
        clique, parts = self.tree.cliques[home], logs(self.tree, self.counted, self.potentials)
        out = []
        for place, share in enumerate(summed(marginals[home], clique, axis).tolist()):
            only = np.full(self.question.sizes[axis[0]], -600.0)
            only[place] = 0.0
            here = list(parts)
            here[home] = here[home] + spread(only, axis, clique)
            found = self.tree.pairs(self.tree.calibrated(here))
            out.append({axes: share * table for axes, table in found.items()})
        return out


def _candidates(question: Question, rng: np.random.Generator) -> list[Axes]:
    """All pairs but those that are known from the beginning."""
    many = range(len(question.sizes))
    pairs = [(one, other) for one in many for other in many[one + 1 :]]
    if question.classed:
        pairs = [pair for pair in pairs if question.target not in pair]
    kept = np.sort(rng.permutation(len(pairs))[:MOST_PAIRS]) if len(pairs) > MOST_PAIRS else range(len(pairs))
    return [pairs[place] for place in kept]


def _worst(question: Question, model: _Model, left: Sequence[Axes], sigma: float, rho: float, budget: Budget) -> int:
    """The columns that the model gets wrong by most, beyond what the noise of counting them would add.

    One row more or less changes one cell by 1, and so a score by no more than FINE times its weight.
    """
    weights = [WEIGHT if question.target in axes and not question.classed else 1 for axes in left]
    scores = []
    for axes, weight in zip(left, weights, strict=True):
        expected = np.rint(FINE * question.total * model.joint(axes)).astype(np.int64)
        wrong = int(np.abs(FINE * question.table(axes) - expected).sum())
        scores.append(weight * (wrong - round(FINE * sqrt(2 / pi) * sigma * expected.size)))
    sensitivity = FINE * max(weights)
    return budget.choice(np.array(scores, dtype=np.int64), sensitivity=sensitivity, rho=rho, what="which columns next")
