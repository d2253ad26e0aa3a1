"""Columns of every kind as blocks that a network can learn: a class, and a place within the class.

A class is one token that many rows share (a level, an exact value, a special code, what is missing), or a run of
tokens; the place, between 0 and 1, is the rank of a row among the rows of its class. This is the mode-specific
normalisation of Xu, Skoularidou, Cuesta-Infante, Veeramachaneni 2019 (CTGAN), with runs of equal mass in place of
Gaussian modes: an exact value stays exact, and a place has a known distribution, which is the uniform one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.tabular.tokens import Alphabet, Tokens

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPIKE = 0.02
"""A value of this share of the rows is a class of its own, also among many values."""
FEW = 24
"""A column of numbers with at most this many tokens is learnt like one of levels."""
MOST_LEVELS = 128
"""Of more levels, the less frequent ones are one class together and drawn by their shares."""


@dataclass(frozen=True)
class Block:
    """One column: which class each token belongs to."""

    alphabet: Alphabet
    owner: Ints
    """(size + 1,) class of each token; tokens without mass are −1."""

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.owner.max()) + 1

    @cached_property
    def share(self) -> Floats:
        """(classes,) share of the training rows."""
        kept = self.owner >= 0
        found = np.bincount(self.owner[kept], self.alphabet.mass[kept], minlength=self.classes)
        return found / found.sum()

    @cached_property
    def wide(self) -> NDArray[np.bool_]:
        """(classes,) has the class more than one token, so that the place within it means something?"""
        return np.bincount(self.owner[self.owner >= 0], minlength=self.classes) > 1

    @cached_property
    def _ends(self) -> tuple[Ints, Floats]:
        """Tokens by class and order, and where each ends on the line on which class c lies between c and c + 1."""
        order = np.argsort(self.owner, kind="stable")
        order = order[self.owner[order] >= 0]
        owner, mass = self.owner[order], self.alphabet.mass[order]
        total = np.bincount(owner, mass, minlength=self.classes)
        before = np.concatenate([[0.0], np.cumsum(total)])[owner]
        return order, owner + np.minimum((np.cumsum(mass) - before) / total[owner], 1.0)

    def encode(self, tokens: Tokens, where: Floats) -> tuple[Ints, Floats]:
        """Class and place of each token, shapes (n,); `where` in [0, 1) says where within the token's own share."""
        order, ends = self._ends
        found = self._known[tokens]
        classes = self.owner[order[found]]
        start = np.where(found > 0, ends[found - 1], 0.0)
        start = np.maximum(start, classes)
        return classes, np.clip(start + where * (ends[found] - start) - classes, 0.0, 1.0)

    def decode(self, classes: Ints, places: Floats) -> Tokens:
        """The inverse of `encode`."""
        order, ends = self._ends
        found = np.searchsorted(ends, classes + np.clip(places, 0.0, 1 - 1e-9), side="right")
        # Rounding may carry a place to the neighbouring class.
        low, high = self._bounds
        return order[np.clip(found, low[classes], high[classes])].astype(np.int32)

    @cached_property
    def _bounds(self) -> tuple[Ints, Ints]:
        many = np.bincount(self.owner[self.owner >= 0], minlength=self.classes)
        high = np.cumsum(many)
        return high - many, high - 1

    @cached_property
    def _known(self) -> Ints:
        """(size + 1,) where each token stands in the order of `_ends`; one never seen stands with its neighbour."""
        order, _ = self._ends
        by_token = np.argsort(order)
        near = np.searchsorted(order[by_token], np.arange(len(self.owner)))
        return by_token[np.minimum(near, len(order) - 1)]


@dataclass(frozen=True)
class Coded:
    """Rows as classes and places, both (n, columns)."""

    classes: Ints
    places: Floats

    def __len__(self) -> int:
        return len(self.classes)


def learn(alphabets: Mapping[str, Alphabet], *, runs: int) -> dict[str, Block]:
    """A block for each column; what lies between the frequent values of a column of numbers is cut into `runs`."""
    return {name: Block(alphabet, _owners(alphabet, runs)) for name, alphabet in alphabets.items()}


def encode(blocks: Mapping[str, Block], tokens: Mapping[str, Tokens], count: int, rng: np.random.Generator) -> Coded:
    """Rows of tokens as classes and places; columns without tokens are left at 0."""
    classes, places = np.zeros((count, len(blocks)), np.int64), np.zeros((count, len(blocks)))
    for column, (name, block) in enumerate(blocks.items()):
        if name in tokens:
            classes[:, column], places[:, column] = block.encode(tokens[name], rng.random(count))
    return Coded(classes, places)


def decode(blocks: Mapping[str, Block], rows: Coded) -> dict[str, Tokens]:
    """Tokens of rows."""
    return {name: block.decode(rows.classes[:, column], rows.places[:, column])
            for column, (name, block) in enumerate(blocks.items())}  # fmt: skip


def _owners(alphabet: Alphabet, runs: int) -> Ints:
    """Frequent tokens stand alone, in order; the others are in runs of about equal mass, or of levels: together."""
    kept = alphabet.mass > 0
    alone = kept & _alone(alphabet)
    rest = kept & ~alone
    owner = np.full(len(kept), -1, np.int64)
    if rest.any():
        runs = 1 if alphabet.column.discrete else runs
        mass = np.where(rest, alphabet.mass, 0.0)
        middle = (np.cumsum(mass) - mass / 2) / mass.sum()
        owner[rest] = np.unique(np.floor(middle[rest] * runs), return_inverse=True)[1].ravel()
    owner[alone] = np.arange(int(alone.sum())) + owner.max() + 1
    return owner


def _alone(alphabet: Alphabet) -> NDArray[np.bool_]:
    share = alphabet.mass / alphabet.mass.sum()
    missing = np.arange(len(share)) == alphabet.size
    if alphabet.column.discrete:
        if int((share > 0).sum()) <= MOST_LEVELS:
            return np.ones(len(share), dtype=bool)
        return (share >= np.sort(share)[::-1][MOST_LEVELS - 1]) | missing
    if int((share > 0).sum()) <= FEW:
        return np.ones(len(share), dtype=bool)
    point = np.append(alphabet.knots[:, 0] == alphabet.knots[:, -1], True)
    special = np.append(np.isin(alphabet.knots[:, 0], alphabet.column.specials), False)
    return (point & ((share >= SPIKE) | special)) | missing
