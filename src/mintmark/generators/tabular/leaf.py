"""Distributions at the leaves of a tree, coarse enough that no leaf can recite its rows.

A leaf holds blocks. Of numbers, a block is a run of neighbouring tokens that together hold at least `rare` of the
leaf's rows, or one value that is common in the leaf or in the whole table; a token is drawn by choosing a block by its
share of the leaf, and then a token of the block by its share of the whole table; but no value that is common there, for
if the leaf showed it, it would be a block of its own. Categories have no neighbours: each is
a block of its own, but the ones that are rare in the whole table are never drawn.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.tokens import Alphabet, Floats, Tokens

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Leaves:
    """Blocks of tokens for each leaf."""

    starts: Ints
    """(leaves + 1,) where each leaf's blocks start."""
    first: Tokens
    """(blocks,) first token of a block, rising within a leaf."""
    last: Tokens
    """(blocks,) last token, included."""
    weight: Floats
    """(blocks,) share of the leaf's rows, summing to 1 in each leaf."""

    @cached_property
    def _cumulative(self) -> Floats:
        """(blocks,) leaf number plus the share of the leaf up to and with each block."""
        total = np.cumsum(self.weight)
        before = np.concatenate([[0.0], total])[self.starts[:-1]]
        leaf = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        return leaf + (total - before[leaf])

    @cached_property
    def _guide(self) -> Ints:
        """(blocks,) a leaf of b blocks has b equal steps of its share: the first block that reaches beyond each."""
        blocks = np.diff(self.starts)
        leaf = np.repeat(np.arange(len(blocks)), blocks)
        step = (np.arange(len(leaf)) - self.starts[leaf]) / blocks[leaf]
        return np.searchsorted(self._cumulative, leaf + step, side="right")

    def draw(self, leaf: Ints, alphabet: Alphabet, rng: np.random.Generator) -> Tokens:
        """A token for each row, shape (n,); a block is found by a guide table (Chen, Asau 1974), in a step or two."""
        start, share = self.starts[leaf], rng.random(len(leaf))
        size = self.starts[leaf + 1] - start
        block, place = self._guide[start + (share * size).astype(np.int64)], leaf + share
        behind = np.flatnonzero(self._cumulative[block] <= place)
        while len(behind):
            block[behind] += 1
            behind = behind[self._cumulative.take(block[behind], mode="clip") <= place[behind]]
            behind = behind[block[behind] < start[behind] + size[behind]]
        block = np.minimum(block, start + size - 1)
        out = self.first[block]
        wide = np.flatnonzero(out != self.last[block])
        if len(wide):
            inside = block[wide]
            out[wide] = alphabet.apart(self.first[inside], self.last[inside], rng.random(len(wide)))
        return out

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        return {f"{prefix}.{part}": getattr(self, part) for part in ("starts", "first", "last", "weight")}

    @classmethod
    def from_arrays(cls, stored: Arrays, prefix: str, *, leaves: int, size: int) -> "Leaves":
        """The inverse of `to_arrays`; LedgerError where the arrays cannot belong to these leaves."""
        starts, first, last = (stored[f"{prefix}.{part}"].astype(np.int64) for part in ("starts", "first", "last"))
        weight = stored[f"{prefix}.weight"].astype(np.float64)
        need(starts.shape == (leaves + 1,) and starts[0] == 0 and bool(np.all(np.diff(starts) > 0)), "leaves")
        need(first.shape == last.shape == weight.shape == (starts[-1],), "blocks")
        need(bool(np.all((first >= 0) & (first <= last) & (last <= size))), "tokens of blocks")
        sums = np.add.reduceat(weight, starts[:-1])
        need(bool(np.all(weight >= 0)) and bool(np.allclose(sums, 1)), "weights of blocks")
        return cls(starts, first.astype(np.int32), last.astype(np.int32), weight)


def learn(leaf: Ints, tokens: Tokens, alphabet: Alphabet, *, leaves: int, rare: int) -> Leaves:
    """Blocks from the leaf and token of each training row, shapes (n,)."""
    base = alphabet.size + 1
    pairs, counts = np.unique(leaf * base + tokens, return_counts=True)
    owner, token = pairs // base, (pairs % base).astype(np.int32)
    if alphabet.column.discrete:
        return _levels(owner, token, counts, alphabet, leaves)
    return _blocks(owner, token, counts, alphabet, leaves, rare)


def _blocks(owner: Ints, token: Tokens, counts: Ints, alphabet: Alphabet, leaves: int, rare: int) -> Leaves:
    """Cuts each leaf's tokens into runs of at least `rare` rows; a common token and the missing one stand alone."""
    alone = (counts >= rare) | (token == alphabet.size) | alphabet.common[token]
    fresh = alone.copy()
    fresh[1:] |= alone[:-1]
    fresh[0] = True
    fresh[1:] |= owner[1:] != owner[:-1]
    start = _cut_runs(fresh, counts, rare)
    block = np.cumsum(start) - 1
    head = np.flatnonzero(start)
    tail = np.append(head[1:], len(token)) - 1
    rows = np.bincount(block, counts)
    return _weighed(owner[head], token[head], token[tail], rows.astype(float), leaves)


def _cut_runs(fresh: NDArray[np.bool_], counts: Ints, rare: int) -> NDArray[np.bool_]:
    """Cuts runs after each `rare` rows; the last piece of a run joins the one before it."""
    run = np.cumsum(fresh) - 1
    head = np.flatnonzero(fresh)
    before = np.cumsum(counts) - counts
    within = before - before[head][run]
    total = np.bincount(run, counts)[run]
    piece = np.minimum(within // rare, np.maximum(0, total // rare - 1))
    start = fresh.copy()
    start[1:] |= piece[1:] != piece[:-1]
    return start


def _levels(owner: Ints, token: Tokens, counts: Ints, alphabet: Alphabet, leaves: int) -> Leaves:
    """Categories by their count in the leaf; the ones that are rare in the whole table give way."""
    keep = alphabet.mass[token] > 0
    lost = np.setdiff1d(np.arange(leaves), owner[keep])
    owner, token, counts = owner[keep], token[keep], counts[keep]
    if len(lost):  # a leaf that shows nothing common draws from the whole table
        owner = np.append(owner, lost)
        token = np.append(token, np.zeros(len(lost), np.int32))
        last = np.append(token[: len(counts)], np.full(len(lost), alphabet.size, np.int32))
        counts = np.append(counts, np.ones(len(lost), np.int64))
        order = np.argsort(owner, kind="stable")
        return _weighed(owner[order], token[order], last[order], counts[order].astype(float), leaves)
    return _weighed(owner, token, token, counts.astype(float), leaves)


def _weighed(owner: Ints, first: Tokens, last: Tokens, rows: Floats, leaves: int) -> Leaves:
    starts = np.searchsorted(owner, np.arange(leaves + 1))
    total = np.add.reduceat(rows, starts[:-1])
    return Leaves(starts, first.astype(np.int32), last.astype(np.int32), rows / total[owner])
