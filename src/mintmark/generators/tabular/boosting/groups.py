"""Groups of rows whose odds boosting starts from: without them, it finds no border that few nodes of a code cross.

The leaves of one small tree over the columns before are the groups. A group has odds of its own only at nodes where its
rows differ from the whole table by more than chance, so that most odds are those of the whole table; and a depth of the
code has such odds only where they foretell rows that nothing was counted on better than the whole table's do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from mintmark import seeds
from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular import splits
from mintmark.generators.tabular.boosting.code import Code
from mintmark.generators.tabular.splits import Cart, Columns
from mintmark.generators.tabular.tokens import Alphabet, Floats

Ints = NDArray[np.int64]

MOST, FEWEST_ROWS = 32, 50
"""How many groups there are at most, and how many rows each holds at least."""
SURE = 10.0
"""What G², twice the gain in log-likelihood, must exceed for a group to differ: by chance, 1 in 640 does."""
DRAWN = 0.5
"""A group's odds are drawn to those of the whole table as if it held this many more rows, so that none is certain."""


@dataclass(frozen=True)
class Groups:
    """What parts rows into groups, and what each group's odds are."""

    tree: Cart
    odds: Floats
    """(groups, nodes) the log-odds of the upper half of a code's node."""

    def to_json(self) -> dict[str, Any]:
        """The part that is text."""
        return self.tree.to_json()

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part that is numbers."""
        return self.tree.to_arrays(prefix) | {f"{prefix}.odds": self.odds}

    @classmethod
    def rebuild(cls, body: Mapping[str, Any], stored: Arrays, prefix: str, *, sizes: Mapping[str, int],
                code: Code) -> "Groups":  # fmt: skip
        """The inverse; LedgerError where a row or a node would have no odds."""
        tree = Cart.from_arrays([str(name) for name in body["predictors"]], stored, prefix, sizes=sizes)
        odds = stored[f"{prefix}.odds"].astype(np.float64)
        need(odds.shape == (tree.leaves, len(code.kids)) and bool(np.isfinite(odds).all()), "odds of groups")
        return cls(tree, odds)


def learn(columns: Columns, before: list[str], target: str, alphabets: Mapping[str, Alphabet], code: Code,
          ways: NDArray[np.int8], checked: NDArray[np.bool_], *, rng: np.random.Generator) -> Groups:  # fmt: skip
    """Groups grown and counted on the rows that are not checked; `ways` (n, depth) says which halves each row took."""
    grown = {name: tokens[~checked] for name, tokens in columns.items()}
    tree = splits.grow(grown, before, target, alphabets, leaf=FEWEST_ROWS, most=MOST, seed=seeds.integer(rng))
    odds = np.tile(code.log_odds(np.arange(len(code.kids))), (tree.leaves, 1))
    group, node = tree.apply(columns, len(checked)), np.zeros(len(checked), np.int64)
    going = np.arange(len(checked))
    for depth in range(code.depth if tree.leaves > 1 else 0):  # one group is the whole table
        going = going[code.kids[node[going], 0] >= 0]
        _settle(odds, code, group[going], node[going], ways[going, depth], checked[going])
        node[going] = code.kids[node[going], ways[going, depth]]
    return Groups(tree, odds)


def loss(odds: Floats, upper: NDArray[np.int8]) -> float:
    """The mean logarithmic loss of log-odds, in nats; 0 where there are no rows."""
    return float(np.logaddexp(0, np.where(upper == 1, -odds, odds)).sum()) / max(1, len(upper))


def _settle(odds: Floats, code: Code, group: Ints, node: Ints, upper: NDArray[np.int8], checked: NDArray[np.bool_],
            ) -> None:  # fmt: skip
    """Gives groups odds of their own at these nodes of one depth, if that helps on the rows that are checked."""
    flat = group * odds.shape[1] + node
    own = _own(odds, code, flat[~checked], upper[~checked])
    there, truth = flat[checked], upper[checked]
    if loss(own.ravel()[there], truth) < loss(odds.ravel()[there], truth):
        nodes = np.unique(node)
        odds[:, nodes] = own[:, nodes]


def _own(odds: Floats, code: Code, flat: Ints, upper: NDArray[np.int8]) -> Floats:
    """The odds of each group and node where its rows surely differ from the whole table, else those there are."""
    rows = np.bincount(flat, minlength=odds.size).reshape(odds.shape)
    above = np.bincount(flat, upper, minlength=odds.size).reshape(odds.shape)
    below, share = rows - above, code.upper
    gain = xlogy(above, above / share) + xlogy(below, below / (1 - share)) - xlogy(rows, rows)
    own = np.log(above + DRAWN * share) - np.log(below + DRAWN * (1 - share))
    return np.where(2 * gain > SURE, own, odds)
