"""One regression tree over tokens: grown by scikit-learn, kept as plain arrays, walked by scikit-learn's compiled code.

Nominal predictors are ordered by what they say about the target before the tree sees them, so that a single threshold
splits them well (Breiman et al. 1984, section 4.2.2, for two classes; the first singular component for more).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.tree._tree import NODE_DTYPE, Tree

from mintmark.data.schema import Kind
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.tokens import Alphabet, Tokens

Ints = NDArray[np.int64]
Columns = Mapping[str, Tokens]

MANY_CLASSES = 1_000
"""A target with more classes than this is split by its rank, to bound time."""
BLOCK = 65_536
"""So many rows walk a tree at a time: a million of 50 columns would take 200 MB for each processor."""


@dataclass(frozen=True)
class Cart:
    """A tree: which predictors it asks, in which order their tokens stand, and its nodes."""

    predictors: tuple[str, ...]
    orders: tuple[NDArray[np.float32], ...]
    """For each predictor, (size + 1,) where each of its tokens stands."""
    left: Ints
    """(nodes,) the node for values up to the threshold; −1 at a leaf."""
    right: Ints
    feature: Ints
    threshold: NDArray[np.float64]

    @property
    def leaves(self) -> int:
        """How many leaves there are."""
        return int((self.left < 0).sum())

    @cached_property
    def _leaf_number(self) -> Ints:
        return np.cumsum(self.left < 0) - 1

    @cached_property
    def _walk(self) -> Tree:
        return walk(self.left, self.right, self.feature, self.threshold, len(self.predictors))

    def apply(self, columns: Columns, count: int) -> Ints:
        """The leaf of each row, shape (count,), between 0 and leaves − 1."""
        out = np.zeros(count, np.int64)
        for start in range(0, count if self.predictors else 0, BLOCK):
            part = slice(start, min(count, start + BLOCK))
            some = {name: columns[name][part] for name in self.predictors}
            found = self._walk.apply(placed(self.predictors, self.orders, some, part.stop - start))
            out[part] = self._leaf_number[found]
        return out

    def to_json(self) -> dict[str, Any]:
        """The part of a tree that is text."""
        return {"predictors": list(self.predictors)}

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part of a tree that is numbers."""
        nodes = {f"{prefix}.{part}": getattr(self, part) for part in ("left", "right", "feature", "threshold")}
        return nodes | {f"{prefix}.order{place}": order for place, order in enumerate(self.orders)}

    @classmethod
    def from_arrays(cls, predictors: list[str], stored: Arrays, prefix: str, *, sizes: Mapping[str, int]) -> "Cart":
        """The inverse; LedgerError where a walk could leave the tree or the columns before it."""
        left, right, feature = (stored[f"{prefix}.{part}"].astype(np.int64) for part in ("left", "right", "feature"))
        threshold = stored[f"{prefix}.threshold"].astype(np.float64)
        nodes = np.arange(len(left))
        inner = left >= 0
        need(len(left) > 0 and left.shape == right.shape == feature.shape == threshold.shape, "shape of the tree")
        need(bool(np.all(left[~inner] == -1)) and bool(np.all(right[~inner] == -1)), "leaves of the tree")
        for child in (left, right):
            need(bool(np.all((child[inner] > nodes[inner]) & (child[inner] < len(left)))), "children in the tree")
        need(bool(np.all((feature[inner] >= 0) & (feature[inner] < len(predictors)))), "predictors in the tree")
        orders = orders_from(tuple(predictors), stored, prefix, sizes=sizes)
        return cls(tuple(predictors), orders, left, right, feature, threshold)


def walk(left: Ints, right: Ints, feature: Ints, threshold: NDArray[np.float64], features: int) -> Tree:
    """A tree that scikit-learn's compiled code walks; it checks no node, so none may come here unchecked."""
    nodes = np.zeros(len(left), NODE_DTYPE)
    nodes["left_child"], nodes["right_child"] = left, right
    nodes["feature"], nodes["threshold"] = feature, threshold
    tree = Tree(max(1, features), np.array([1], np.intp), 1)
    tree.__setstate__({"max_depth": len(nodes), "node_count": len(nodes), "nodes": nodes,
                       "values": np.zeros((len(nodes), 1, 1))})  # fmt: skip
    return tree


def placed(names: Sequence[str], orders: Sequence[NDArray[np.float32]], columns: Columns, count: int,
           ) -> NDArray[np.float32]:  # fmt: skip
    """Where each row's tokens stand, shape (count, predictors)."""
    matrix = np.empty((count, len(names)), np.float32)
    for place, (name, order) in enumerate(zip(names, orders, strict=True)):
        matrix[:, place] = order[columns[name]]
    return matrix


def orders_from(names: Sequence[str], stored: Arrays, prefix: str, *, sizes: Mapping[str, int],
                ) -> tuple[NDArray[np.float32], ...]:  # fmt: skip
    """The stored orders of predictors; LedgerError where one is unknown or holds other tokens than its column."""
    need(all(name in sizes for name in names), "predictors of a tree")
    orders = tuple(stored[f"{prefix}.order{place}"].astype(np.float32) for place in range(len(names)))
    need(all(order.shape == (sizes[name] + 1,) and bool(np.isfinite(order).all())
             for name, order in zip(names, orders, strict=True)), "orders of predictors")  # fmt: skip
    return orders


def grow(columns: Columns, before: list[str], target: str, alphabets: Mapping[str, Alphabet], *, leaf: int,
         seed: int, most: int | None = None) -> Cart:  # fmt: skip
    """Grows a tree for `target` on the columns before it: at least `leaf` rows in each leaf, at most `most` leaves."""
    goal, alphabet = columns[target], alphabets[target]
    useful = [name for name in before if alphabets[name].size]
    if not useful or np.all(goal == goal[0]):
        return _stump()
    orders = [order(columns[name], alphabets[name], goal, alphabet) for name in useful]
    matrix = placed(useful, orders, columns, len(goal))
    nominal = alphabet.column.discrete and len(np.unique(goal)) <= MANY_CLASSES
    kind = DecisionTreeClassifier if nominal else DecisionTreeRegressor
    model = kind(min_samples_leaf=leaf, max_leaf_nodes=most, random_state=seed)
    model.fit(matrix, goal if nominal else alphabet.rank[goal])
    return _plain(model.tree_, useful, orders)


def _plain(tree: Tree, useful: list[str], orders: list[NDArray[np.float32]]) -> Cart:
    """Keeps the predictors that the tree asks."""
    inner = tree.children_left >= 0
    asked = np.unique(tree.feature[inner])
    feature = np.where(inner, np.searchsorted(asked, np.where(inner, tree.feature, 0)), 0)
    return Cart(
        tuple(useful[place] for place in asked), tuple(orders[place] for place in asked),
        tree.children_left.astype(np.int64), tree.children_right.astype(np.int64), feature.astype(np.int64),
        tree.threshold.copy(),
    )  # fmt: skip


def _stump() -> Cart:
    none = np.array([-1])
    return Cart((), (), none, none, np.array([0]), np.array([0.0]))


def order(tokens: Tokens, alphabet: Alphabet, goal: Tokens, target: Alphabet) -> NDArray[np.float32]:
    """Where each token of a predictor stands, shape (size + 1,)."""
    if not alphabet.column.discrete or alphabet.column.kind == Kind.ORDERED:
        return np.arange(alphabet.size + 1, dtype=np.float32)
    profile = _profile(tokens, alphabet.size + 1, goal, target)
    places = np.empty(alphabet.size + 1, np.float32)
    places[np.argsort(profile, kind="stable")] = np.arange(alphabet.size + 1)
    return places


def _profile(tokens: Tokens, size: int, goal: Tokens, target: Alphabet) -> NDArray[np.float64]:
    """One number a token: what it says of the target."""
    rows = np.bincount(tokens, minlength=size).astype(np.float64)
    if not target.column.discrete or target.size > MANY_CLASSES:
        rank = target.rank[goal]
        return (np.bincount(tokens, rank, size) + rank.mean()) / (rows + 1)
    classes = target.size + 1
    table = np.bincount(tokens.astype(np.int64) * classes + goal, minlength=size * classes).reshape(size, classes)
    return component(table.astype(np.float64))


def component(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each row of a table of counts stands along the first singular component of all of them."""
    rows, share = table.sum(1), table.sum(0) / table.sum()
    # Weighted by √rows, so that the component is that of the rows and not of the rare tokens.
    profile = ((table + share) / (rows + 1)[:, None] - share) / np.sqrt(share + 1e-12)
    first = np.linalg.svd(profile * np.sqrt(rows)[:, None], full_matrices=False)[2][0]
    return profile @ (first * np.sign(first[np.argmax(np.abs(first))]))
