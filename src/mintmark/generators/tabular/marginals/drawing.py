"""Rows from a junction tree, freely or given some of their codes: exact either way, and nothing is rejected."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.tabular.marginals.junction import Axes, Floats, JunctionTree

Codes = NDArray[np.int64]

CELLS = 4_000_000
"""Numbers that are held at once."""


def drawn(
    tree: JunctionTree, logs: Sequence[Floats], given: Mapping[int, Codes], count: int, rng: np.random.Generator
) -> Codes:
    """Codes of all columns, shape (count, columns); those given stay as they are."""
    if not count:
        return np.zeros((0, len(tree.sizes)), dtype=np.int64)
    tables = [np.exp(np.maximum(log - log.max(), -600)) for log in logs]
    out = np.zeros((count, len(tree.sizes)), dtype=np.int64)
    size = max(1, CELLS // max(table.size for table in tables)) if given else count
    for start in range(0, count, size):
        part = slice(start, min(start + size, count))
        for column, codes in given.items():
            out[part, column] = codes[part]
        _fill(tree, tables, frozenset(given), out[part], rng)
    return out


def _fill(
    tree: JunctionTree, tables: Sequence[Floats], given: frozenset[int], rows: Codes, rng: np.random.Generator
) -> None:
    """Draws what is not given, clique by clique from the root, each given what was drawn before it."""
    below = _collected(tree, tables, given, rows)
    for place, clique in enumerate(tree.cliques):
        known = [axis for axis in clique if axis in given or axis in tree.separators[place]]
        free = [axis for axis in clique if axis not in known]
        if not free:
            continue
        cases, weights = below[place].at(rows, known)
        flat = weights.reshape(len(weights), -1)
        picked = _picked(flat, cases, rng)
        rows[:, free] = np.column_stack(np.unravel_index(picked, tree.shape(tuple(free))))


class _Table:
    """Weights of a clique's codes; `cases` numbers the rows' different evidence below it, (cases, *clique)."""

    def __init__(self, clique: Axes, given: Sequence[int], cases: Codes, weights: Floats) -> None:
        self.clique, self.given, self.cases, self.weights = clique, given, cases, weights

    def at(self, rows: Codes, known: Sequence[int]) -> tuple[Codes, Floats]:
        """For each row its case, and for each case the weights of the codes that are not known."""
        wanted = [axis for axis in known if axis not in self.given]
        key = np.column_stack([self.cases, *(rows[:, axis] for axis in wanted)])
        different, which = _distinct(key)
        open_ = [axis for axis in self.clique if axis not in self.given]
        index: list[Codes | slice] = [different[:, 0]]
        index += [different[:, 1 + wanted.index(axis)] if axis in wanted else slice(None) for axis in open_]
        return which, _indexed(self.weights, index)


def _indexed(weights: Floats, index: list[Codes | slice]) -> Floats:
    """Picks along the axes that an array names; the first axis of the result numbers the cases."""
    picked = {place: part for place, part in enumerate(index) if not isinstance(part, slice)}
    return np.moveaxis(weights, list(picked), range(len(picked)))[tuple(picked.values())]


def _collected(tree: JunctionTree, tables: Sequence[Floats], given: frozenset[int], rows: Codes) -> list[_Table]:
    """Each clique's weights with the evidence of all cliques below it, for each different evidence."""
    out: list[_Table | None] = [None] * len(tables)
    for place in range(len(tables) - 1, -1, -1):
        clique = tree.cliques[place]
        fixed = [axis for axis in clique if axis in given]
        messages = [(child, _message(tree, child, out[child])) for child in tree.children[place]]
        key = np.column_stack([np.zeros(len(rows), np.int64), *(rows[:, axis] for axis in fixed),
                               *(cases for _, (cases, _) in messages)])  # fmt: skip
        different, which = _distinct(key)
        weights = np.moveaxis(tables[place], [clique.index(axis) for axis in fixed], range(len(fixed)))
        weights = weights[tuple(different[:, 1 + at] for at in range(len(fixed)))] if fixed else np.repeat(
            weights[None], len(different), axis=0)  # fmt: skip
        open_ = tuple(axis for axis in clique if axis not in given)
        for at, (child, (_, message)) in enumerate(messages):
            shared = tuple(axis for axis in tree.separators[child] if axis not in given)
            part = message[different[:, 1 + len(fixed) + at]]
            weights = weights * part[(slice(None), *(slice(None) if axis in shared else None for axis in open_))]
        out[place] = _Table(clique, fixed, which, weights)
    return [table for table in out if table is not None]


def _message(tree: JunctionTree, child: int, table: _Table | None) -> tuple[Codes, Floats]:
    """What a clique says to its parent: for each case, a weight for each open code of what they share."""
    assert table is not None
    open_ = [axis for axis in table.clique if axis not in table.given]
    gone = tuple(1 + place for place, axis in enumerate(open_) if axis not in tree.separators[child])
    message = np.asarray(table.weights.sum(axis=gone)) if gone else table.weights
    top = message.reshape(len(message), -1).max(axis=1)
    return table.cases, message / np.maximum(top, 1e-300).reshape(-1, *[1] * (message.ndim - 1))


def _distinct(key: Codes) -> tuple[Codes, Codes]:
    """The different rows of a key, and for each row which one it is."""
    flat = np.zeros(len(key), dtype=np.int64)
    for column in key.T:  # numbered step by step, so that no product overflows
        _, column = np.unique(column, return_inverse=True)
        _, flat = np.unique(flat * (int(column.max(initial=0)) + 1) + column, return_inverse=True)
    _, first = np.unique(flat, return_index=True)
    return key[first], flat.astype(np.int64)


def _picked(weights: Floats, cases: Codes, rng: np.random.Generator) -> Codes:
    """One place for each row, by the weights of its case."""
    cumulative = np.cumsum(np.maximum(weights, 1e-300), axis=1)
    cumulative /= cumulative[:, -1:]
    steps = (cumulative + np.arange(len(cumulative))[:, None]).ravel()
    found = np.searchsorted(steps, cases + rng.random(len(cases)), side="right") - cases * weights.shape[1]
    return np.minimum(found, weights.shape[1] - 1)
