"""Boosted trees as plain arrays: learnt by LightGBM, walked by scikit-learn's compiled code.

LightGBM's own model files are read by C++ that trusts them; these arrays are checked before anything walks them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.tree._tree import Tree

from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import splits
from mintmark.generators.tabular.tokens import Floats

Ints = NDArray[np.int64]

PARTS = ("starts", "left", "right", "feature", "threshold", "value")


@dataclass(frozen=True)
class Forest:
    """Trees one after another; their values at a row add up to log-odds."""

    starts: Ints
    """(trees + 1,) where each tree's nodes start."""
    left: Ints
    """(nodes,) the node, counted within its tree, for values up to the threshold; −1 at a leaf."""
    right: Ints
    feature: Ints
    threshold: Floats
    value: Floats
    """(nodes,) what a leaf adds."""

    @cached_property
    def _walks(self) -> list[tuple[Tree, Floats]]:
        features = int(self.feature.max(initial=0)) + 1
        return [
            (splits.walk(self.left[part], self.right[part], self.feature[part], self.threshold[part], features),
             self.value[part])
            for part in map(slice, self.starts[:-1].tolist(), self.starts[1:].tolist())
        ]  # fmt: skip

    def score(self, matrix: NDArray[np.float32]) -> Floats:
        """The sum over trees for each row, shape (n,); `matrix` is (n, features)."""
        out = np.zeros(len(matrix))
        for tree, value in self._walks:
            out += value[tree.apply(matrix)]
        return out

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads; a tree has few nodes, so that small numbers name them."""
        small = dict.fromkeys(("left", "right", "feature"), np.dtype(np.int32))
        parts = {part: getattr(self, part) for part in PARTS}
        return {f"{prefix}.{part}": array.astype(small.get(part, array.dtype)) for part, array in parts.items()}

    @classmethod
    def from_arrays(cls, stored: Arrays, prefix: str, *, features: int) -> "Forest":
        """The inverse; LedgerError where a walk could leave a tree or the features."""
        starts, left, right, feature = (stored[f"{prefix}.{part}"].astype(np.int64) for part in PARTS[:4])
        threshold, value = (stored[f"{prefix}.{part}"].astype(np.float64) for part in PARTS[4:])
        need(starts.ndim == 1 and len(starts) > 1 and starts[0] == 0 and bool(np.all(np.diff(starts) > 0)), "forest")
        need(left.shape == right.shape == feature.shape == threshold.shape == value.shape == (starts[-1],), "forest")
        tree = np.searchsorted(starts, np.arange(starts[-1]), side="right") - 1
        within, size = np.arange(starts[-1]) - starts[tree], np.diff(starts)[tree]
        inner = left >= 0
        need(bool(np.all(left[~inner] == -1)) and bool(np.all(right[~inner] == -1)), "leaves of a forest")
        for child in (left, right):
            need(bool(np.all((child[inner] > within[inner]) & (child[inner] < size[inner]))), "children in a forest")
        need(bool(np.all((feature[inner] >= 0) & (feature[inner] < features))), "features of a forest")
        need(bool(np.isfinite(value).all()), "values of a forest")
        return cls(starts, left, right, feature, threshold, value)


def plain(model: lightgbm.Booster, rounds: int) -> Forest:
    """The first trees of a booster, read from its text: one line an array."""
    trees = [_tree(text) for text in model.model_to_string(num_iteration=rounds).split("\nTree=")[1:]]
    left, right, feature, threshold, value = (np.concatenate(part) for part in zip(*trees, strict=True))
    starts = np.concatenate([[0], np.cumsum([len(tree[0]) for tree in trees])])
    return Forest(starts.astype(np.int64), left, right, feature, threshold, value)


def _tree(text: str) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Inner nodes as LightGBM counts them, then the leaves, which it counts as −1, −2, …"""
    lines = dict(line.split("=", 1) for line in text.split("\n\n", 1)[0].splitlines()[1:] if "=" in line)
    value = np.array(lines["leaf_value"].split(), np.float64)
    if len(value) == 1:
        none = np.array([-1])
        return none, none, np.zeros(1, np.int64), np.zeros(1), value
    inner = len(value) - 1
    ends = np.full(len(value), -1)

    def child(name: str) -> Ints:
        found = np.array(lines[name].split(), np.int64)
        return np.concatenate([np.where(found < 0, inner + ~found, found), ends])

    feature = np.concatenate([np.array(lines["split_feature"].split(), np.int64), np.zeros(len(value), np.int64)])
    threshold = np.concatenate([np.array(lines["threshold"].split(), np.float64), np.zeros(len(value))])
    return child("left_child"), child("right_child"), feature, threshold, np.concatenate([np.zeros(inner), value])
