"""One column as a chain of yes-or-no questions, each answered by boosted trees over the columns before it.

A column's tokens are halved by mass again and again (`code`). All nodes of one depth share a booster: its features are
the tokens before, and the node's rank, which tells the nodes apart. Boosting starts from the log-odds that each node
has in the whole table, so that what it does not learn stays as in the whole table; it stops early on an eighth of the
rows, so that it learns what generalises and recites none of its rows: unlike a leaf, no part of it belongs to few rows.
Gradient boosting: Friedman 2001; LightGBM: Ke et al. 2017.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from mintmark import seeds
from mintmark.data.schema import Kind
from mintmark.generators.tabular import splits
from mintmark.generators.tabular.boosting import code as codes
from mintmark.generators.tabular.boosting import forest
from mintmark.generators.tabular.boosting.code import Code
from mintmark.generators.tabular.boosting.forest import Forest
from mintmark.generators.tabular.splits import Columns
from mintmark.generators.tabular.storage import Arrays, need
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

Ints = NDArray[np.int64]
Matrix = NDArray[np.float32]

ROUNDS, PATIENCE = 300, 10
CHECKED = 0.125
"""The share of rows that say when to stop."""
FEWEST_CHECKED = 30
"""A depth that fewer such rows reach is left as it is in the whole table."""
PROFILES = 32
"""A category is placed by what this many groups of rows show of it."""
SETTINGS = {
    "objective": "binary", "learning_rate": 0.25, "num_leaves": 31, "min_data_in_leaf": 20, "lambda_l2": 1.0,
    "boost_from_average": False,
    # Nothing is filtered: a set that LightGBM left without any feature would stop it with an error.
    "min_data_in_bin": 1, "feature_pre_filter": False,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Bits:
    """How one column is drawn from those before it."""

    predictors: tuple[str, ...]
    orders: tuple[NDArray[np.float32], ...]
    """For each predictor, (size + 1,) where each of its tokens stands."""
    code: Code
    forests: Mapping[int, Forest]
    """What was learnt of each depth of the code; where nothing was, halves have their shares of the whole table."""

    def draw(self, columns: Columns, count: int, _alphabet: Alphabet, rng: np.random.Generator) -> Tokens:
        """A token for each row, shape (count,): half after half."""
        matrix = splits.placed(self.predictors, self.orders, columns, count)
        node, going = np.zeros(count, np.int64), np.arange(count)
        for depth in range(self.code.depth):
            going = going[self.code.kids[node[going], 0] >= 0]
            upper = rng.random(len(going)) < self._upper(matrix, going, node[going], depth)
            node[going] = self.code.kids[node[going], upper.astype(np.int64)]
        return self.code.token[node]

    def _upper(self, matrix: Matrix, rows: Ints, nodes: Ints, depth: int) -> Floats:
        """How likely each row goes to the upper half of its node."""
        if depth not in self.forests or not len(rows):
            return self.code.upper[nodes]
        score = self.forests[depth].score(_features(matrix[rows], self.code.rank[nodes]))
        return 1 / (1 + np.exp(-(score + self.code.log_odds(nodes))))

    def to_json(self) -> dict[str, Any]:
        """The part that is text."""
        return {"predictors": list(self.predictors), "depths": sorted(self.forests)}

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part that is numbers."""
        out = self.code.to_arrays(f"{prefix}.code")
        out |= {f"{prefix}.order{place}": order for place, order in enumerate(self.orders)}
        for depth, trees in self.forests.items():
            out |= trees.to_arrays(f"{prefix}.depth{depth}")
        return out

    @classmethod
    def rebuild(cls, body: Mapping[str, Any], stored: Arrays, prefix: str, *, sizes: Mapping[str, int],
                size: int) -> "Bits":  # fmt: skip
        """The inverse; LedgerError where it could not be drawn from. `sizes` are of the columns before."""
        predictors = tuple(str(name) for name in body["predictors"])
        orders = splits.orders_from(predictors, stored, prefix, sizes=sizes)
        features = len(predictors) + 1
        found = {int(depth): Forest.from_arrays(stored, f"{prefix}.depth{int(depth)}", features=features)
                 for depth in body["depths"]}  # fmt: skip
        need(all(depth >= 0 for depth in found), "depths of a code")
        return cls(predictors, orders, Code.from_arrays(stored, f"{prefix}.code", size=size), found)


def learn(columns: Columns, before: list[str], target: str, alphabets: Mapping[str, Alphabet], *,
          rng: np.random.Generator) -> Bits:  # fmt: skip
    """Learns how `target` follows from the columns before it; tokens of shape (n,)."""
    goal, alphabet = columns[target], alphabets[target]
    useful = tuple(name for name in before if alphabets[name].size)
    orders = tuple(splits.order(columns[name], alphabets[name], goal, alphabet) for name in useful)
    matrix = splits.placed(useful, orders, columns, len(goal))
    code = codes.halve(_line(matrix, goal, alphabet), alphabet.mass)
    rows = np.flatnonzero(alphabet.mass[goal] > 0)  # those that show a rare category teach nothing of it
    if not useful or len(rows) < FEWEST_CHECKED / CHECKED:
        return Bits(useful, orders, code, {})
    return Bits(useful, orders, code, _forests(matrix[rows], goal[rows], code, rng))


def _forests(matrix: Matrix, goal: Tokens, code: Code, rng: np.random.Generator) -> dict[int, Forest]:
    checked = rng.random(len(goal)) < CHECKED
    node, going, found = np.zeros(len(goal), np.int64), np.arange(len(goal)), {}
    ways = _ways(code, goal)
    for depth in range(code.depth):
        going = going[code.kids[node[going], 0] >= 0]
        upper = ways[going, depth]
        features = _features(matrix[going], code.rank[node[going]])
        trees = _boost(features, upper, code.log_odds(node[going]), checked[going], rng)
        if trees is not None:
            found[depth] = trees
        node[going] = code.kids[node[going], upper]
    return found


def _ways(code: Code, goal: Tokens) -> NDArray[np.int8]:
    """(n, depth) which half each row's token lies in at each depth."""
    ways = np.zeros((int(goal.max()) + 1, max(code.depth, 1)), np.int8)
    for token, path in code.paths.items():
        if token < len(ways):
            ways[token, : len(path)] = [half for _, half in path]
    return ways[goal]


def _boost(features: Matrix, upper: NDArray[np.int8], start: Floats, checked: NDArray[np.bool_],
           rng: np.random.Generator) -> Forest | None:  # fmt: skip
    """Trees that foretell the upper half better than `start`, on rows that they were not grown on; else None."""
    seed = seeds.integer(rng)
    speaks = np.ptp(features[~checked], axis=0).any() and np.ptp(upper[~checked])
    if checked.sum() < FEWEST_CHECKED or not speaks:
        return None
    parts = [~checked, checked]
    grown, check = (
        lightgbm.Dataset(features[part], upper[part].astype(float), init_score=start[part]) for part in parts
    )
    check.reference = grown
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    model = lightgbm.train({**SETTINGS, "seed": seed}, grown, ROUNDS, valid_sets=[check], callbacks=[stop])
    signs = np.where(upper[checked] == 1, -1.0, 1.0)
    before = float(np.logaddexp(0, signs * start[checked]).mean())
    if model.best_score["valid_0"]["binary_logloss"] >= before or not math.isfinite(before):
        return None
    return forest.plain(model, model.best_iteration)


def _features(matrix: Matrix, rank: NDArray[np.float32]) -> Matrix:
    return np.column_stack([matrix, rank])


def _line(matrix: Matrix, goal: Tokens, alphabet: Alphabet) -> Ints:
    """The tokens that are ever drawn, in the order in which they are halved; missing stands last among numbers.

    Categories stand by the first singular component of what groups of rows show of them: alike ones lie together.
    """
    nominal = alphabet.column.discrete and alphabet.column.kind != Kind.ORDERED
    if not nominal or alphabet.size < 3 or not matrix.shape[1]:
        return np.flatnonzero(alphabet.mass > 0)
    tree = DecisionTreeClassifier(max_leaf_nodes=PROFILES, min_samples_leaf=min(50, max(1, len(goal) // 10)),
                                  random_state=0)  # fmt: skip
    group = tree.fit(matrix, goal).apply(matrix)
    table = np.zeros((alphabet.size + 1, int(group.max()) + 1))
    np.add.at(table, (goal, group), 1)
    line = np.argsort(splits.component(table), kind="stable")
    return line[alphabet.mass[line] > 0]
