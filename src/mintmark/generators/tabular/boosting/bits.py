"""One column as a chain of yes-or-no questions, each answered by boosted trees over the columns before it.

A column's tokens are halved by mass again and again (`code`). All nodes of one depth share a booster: its features are
the tokens before, and the node's rank, which tells the nodes apart. Boosting starts from the log-odds that each node
has in the whole table or in the row's group (`groups`), so that what it does not learn stays as there; it stops early
on an eighth of the rows, so that it learns what generalises: it is a sum over many trees, and none of its rows is
recited.
Gradient boosting: Friedman 2001; LightGBM: Ke et al. 2017.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from mintmark import seeds
from mintmark.data.schema import Kind
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import splits
from mintmark.generators.tabular.boosting import code as codes
from mintmark.generators.tabular.boosting import forest
from mintmark.generators.tabular.boosting import groups as grouping
from mintmark.generators.tabular.boosting.code import Code
from mintmark.generators.tabular.boosting.forest import Forest
from mintmark.generators.tabular.boosting.groups import Groups
from mintmark.generators.tabular.splits import Columns
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

Ints = NDArray[np.int64]
Matrix = NDArray[np.float32]
Ways = NDArray[np.int8]

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
    groups: Groups
    """The log-odds that the forests add to."""
    forests: Mapping[int, Forest]
    """What was learnt of each depth of the code; where nothing was, the odds alone decide."""

    def draw(self, columns: Columns, count: int, _alphabet: Alphabet, rng: np.random.Generator) -> Tokens:
        """A token for each row, shape (count,): half after half."""
        matrix = splits.placed(self.predictors, self.orders, columns, count)
        group = self.groups.tree.apply(columns, count)
        node, going = np.zeros(count, np.int64), np.arange(count)
        for depth in range(self.code.depth):
            going = going[self.code.kids[node[going], 0] >= 0]
            start = self.groups.odds[group[going], node[going]]
            upper = rng.random(len(going)) < self._upper(matrix, going, node[going], start, depth)
            node[going] = self.code.kids[node[going], upper.astype(np.int64)]
        return self.code.token[node]

    def _upper(self, matrix: Matrix, rows: Ints, nodes: Ints, start: Floats, depth: int) -> Floats:
        """How likely each row goes to the upper half of its node."""
        score = start
        if depth in self.forests and len(rows):
            score = score + self.forests[depth].score(_features(matrix[rows], self.code.rank[nodes]))
        return 1 / (1 + np.exp(-score))

    def to_json(self) -> dict[str, Any]:
        """The part that is text."""
        return {"predictors": list(self.predictors), "groups": self.groups.to_json(), "depths": sorted(self.forests)}

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part that is numbers."""
        out = self.code.to_arrays(f"{prefix}.code") | self.groups.to_arrays(f"{prefix}.groups")
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
        code = Code.from_arrays(stored, f"{prefix}.code", size=size)
        groups = Groups.rebuild(body["groups"], stored, f"{prefix}.groups", sizes=sizes, code=code)
        return cls(predictors, orders, code, groups, found)


def learn(columns: Columns, before: list[str], target: str, alphabets: Mapping[str, Alphabet], *,
          rng: np.random.Generator) -> Bits:  # fmt: skip
    """Learns how `target` follows from the columns before it; tokens of shape (n,)."""
    goal, alphabet = columns[target], alphabets[target]
    rows = np.flatnonzero(alphabet.mass[goal] > 0)  # those that show a rare category teach nothing of it
    enough = len(rows) >= FEWEST_CHECKED / CHECKED
    useful = tuple(name for name in before if alphabets[name].size and enough)
    orders = tuple(splits.order(columns[name], alphabets[name], goal, alphabet) for name in useful)
    matrix = splits.placed(useful, orders, columns, len(goal))
    code = codes.halve(_line(matrix, goal, alphabet), alphabet.mass)
    ways, checked = _ways(code, goal[rows]), rng.random(len(rows)) < CHECKED
    known = {name: columns[name][rows] for name in (*useful, target)}
    groups = grouping.learn(known, list(useful), target, alphabets, code, ways, checked, rng=rng)
    group = groups.tree.apply(known, len(rows))
    found = _forests(matrix[rows], code, ways, groups.odds, group, checked, rng) if useful else {}
    return Bits(useful, orders, code, groups, found)


def _forests(matrix: Matrix, code: Code, ways: Ways, odds: Floats, group: Ints, checked: NDArray[np.bool_],
             rng: np.random.Generator) -> dict[int, Forest]:  # fmt: skip
    """What is learnt of each depth beyond the odds of the rows' groups."""
    node, going, found = np.zeros(len(ways), np.int64), np.arange(len(ways)), {}
    for depth in range(code.depth):
        going = going[code.kids[node[going], 0] >= 0]
        nodes, upper = node[going], ways[going, depth]
        features = _features(matrix[going], code.rank[nodes])
        trees = _boost(features, upper, odds[group[going], nodes], checked[going], rng)
        if trees is not None:
            found[depth] = trees
        node[going] = code.kids[nodes, upper]
    return found


def _ways(code: Code, goal: Tokens) -> Ways:
    """(n, depth) which half each row's token lies in at each depth."""
    ways = np.zeros((int(goal.max()) + 1, max(code.depth, 1)), np.int8)
    for token, path in code.paths.items():
        if token < len(ways):
            ways[token, : len(path)] = [half for _, half in path]
    return ways[goal]


def _boost(features: Matrix, upper: Ways, start: Floats, checked: NDArray[np.bool_],
           rng: np.random.Generator) -> Forest | None:  # fmt: skip
    """Trees that foretell the upper half better than `start`, on rows that they were not grown on; else None."""
    seed = seeds.integer(rng)
    if checked.sum() < FEWEST_CHECKED or checked.all():
        return None
    if not (np.ptp(features[~checked], axis=0).any() and np.ptp(upper[~checked])):
        return None
    parts = [~checked, checked]
    grown, check = (
        lightgbm.Dataset(features[part], upper[part].astype(float), init_score=start[part]) for part in parts
    )
    check.reference = grown
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    model = lightgbm.train({**SETTINGS, "seed": seed}, grown, ROUNDS, valid_sets=[check], callbacks=[stop])
    if model.best_score["valid_0"]["binary_logloss"] >= grouping.loss(start[checked], upper[checked]):
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
