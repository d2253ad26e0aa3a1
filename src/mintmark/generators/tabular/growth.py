"""One column drawn from the leaves of a tree over the columns before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark import seeds
from mintmark.generators.storage import Arrays
from mintmark.generators.tabular import leaf as leaves
from mintmark.generators.tabular import splits
from mintmark.generators.tabular.leaf import Leaves
from mintmark.generators.tabular.splits import Cart, Columns
from mintmark.generators.tabular.tokens import Alphabet, Tokens


@dataclass(frozen=True)
class Grown:
    """A tree over the columns before, and the tokens at its leaves."""

    tree: Cart
    leaves: Leaves

    def draw(self, columns: Columns, count: int, alphabet: Alphabet, rng: np.random.Generator) -> Tokens:
        """A token for each row, shape (count,)."""
        return self.leaves.draw(self.tree.apply(columns, count), alphabet, rng)

    def to_json(self) -> dict[str, Any]:
        """The part that is text."""
        return self.tree.to_json()

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """The part that is numbers."""
        return self.tree.to_arrays(prefix) | self.leaves.to_arrays(prefix)

    @classmethod
    def rebuild(cls, body: Mapping[str, Any], stored: Arrays, prefix: str, *, sizes: Mapping[str, int],
                size: int) -> "Grown":  # fmt: skip
        """The inverse; LedgerError where it could not be drawn from. `sizes` are of the columns before."""
        tree = Cart.from_arrays([str(name) for name in body["predictors"]], stored, prefix, sizes=sizes)
        return cls(tree, Leaves.from_arrays(stored, prefix, leaves=tree.leaves, size=size))


def learn(columns: Columns, before: list[str], target: str, alphabets: Mapping[str, Alphabet], *,
          grown: NDArray[np.int64] | None, leaf: int, rare: int, rng: np.random.Generator) -> Grown:  # fmt: skip
    """Grows a tree on the rows named in `grown`, or on all; its leaves count all."""
    names = [*before, target]
    some = columns if grown is None else {name: columns[name][grown] for name in names}
    tree = splits.grow(some, before, target, alphabets, leaf=leaf, seed=seeds.integer(rng))
    reached = tree.apply(columns, len(columns[target]))
    return Grown(tree, leaves.learn(reached, columns[target], alphabets[target], leaves=tree.leaves, rare=rare))
