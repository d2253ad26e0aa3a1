"""A binary code: an ordered alphabet halved by mass, again and again, until one token is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.storage import Arrays, need
from mintmark.generators.tabular.tokens import Floats, Tokens

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Code:
    """Nodes of the halving; the first is the whole alphabet, and children come after their parents."""

    kids: Ints
    """(nodes, 2) the lower and the upper half of a node; −1 where one token is left."""
    token: Tokens
    """(nodes,) the token that is left; −1 within."""
    upper: Floats
    """(nodes,) the share of the node's training rows in its upper half."""
    rank: NDArray[np.float32]
    """(nodes,) the middle rank of the node's rows among all, which tells the nodes of one depth apart."""

    @cached_property
    def depth(self) -> int:
        """How many questions the longest code asks."""
        deep = np.zeros(len(self.kids), np.int64)
        for node, kids in enumerate(self.kids):
            if kids[0] >= 0:
                deep[kids] = deep[node] + 1
        return int(deep.max())

    @cached_property
    def paths(self) -> Mapping[int, tuple[tuple[int, int], ...]]:
        """For each token that is ever drawn, its nodes from the root and which half was taken there."""
        way: dict[int, tuple[tuple[int, int], ...]] = {0: ()}
        for node, kids in enumerate(self.kids.tolist()):
            for half, kid in enumerate(kids):
                if kid >= 0:
                    way[kid] = (*way[node], (node, half))
        return {int(self.token[node]): path for node, path in way.items() if self.token[node] >= 0}

    def log_odds(self, nodes: Ints) -> Floats:
        """The log-odds of the upper half that the whole table has."""
        share = self.upper[nodes]
        return np.log(share) - np.log1p(-share)

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads."""
        return {f"{prefix}.{part}": getattr(self, part) for part in ("kids", "token", "upper", "rank")}

    @classmethod
    def from_arrays(cls, stored: Arrays, prefix: str, *, size: int) -> "Code":
        """The inverse; LedgerError where a walk could go round in circles or leave the alphabet."""
        kids, token = (stored[f"{prefix}.{part}"].astype(np.int64) for part in ("kids", "token"))
        upper, rank = (stored[f"{prefix}.{part}"].astype(np.float64) for part in ("upper", "rank"))
        nodes = np.arange(len(kids))
        need(kids.shape == (len(kids), 2) and len(kids) > 0, "halves of a code")
        need(token.shape == upper.shape == rank.shape == nodes.shape, "nodes of a code")
        inner = kids[:, 0] >= 0
        need(bool(np.all(kids[~inner] == -1)), "ends of a code")
        need(bool(np.all((kids[inner] > nodes[inner, None]) & (kids[inner] < len(kids)))), "halves of a code")
        # A sound code holds each node once, which also bounds how deep it is.
        need(bool(np.array_equal(np.sort(kids[inner], axis=None), nodes[1:])), "halves of a code")
        need(bool(np.all((token[~inner] >= 0) & (token[~inner] <= size))), "tokens of a code")
        need(
            bool(np.all((upper[inner] > 0) & (upper[inner] < 1))) and bool(np.isfinite(rank).all()), "shares of a code"
        )
        return cls(kids, token.astype(np.int32), upper, rank.astype(np.float32))


def halve(order: NDArray[Any], mass: Floats) -> Code:
    """The code of tokens in that order; `mass` of each is above 0."""
    total = np.concatenate([[0.0], np.cumsum(mass[order])])
    spans, kids, token, upper, rank = [(0, len(order))], [], [], [], []
    for low, high in spans:  # grows while it is walked
        rank.append((total[low] + total[high]) / 2 / total[-1])
        if high - low == 1:
            kids.append((-1, -1))
            token.append(int(order[low]))
            upper.append(0.5)
            continue
        middle = _middle(total, low, high)
        kids.append((len(spans), len(spans) + 1))
        spans += [(low, middle), (middle, high)]
        token.append(-1)
        upper.append((total[high] - total[middle]) / (total[high] - total[low]))
    return Code(np.array(kids, np.int64), np.array(token, np.int32), np.array(upper), np.array(rank, np.float32))


def _middle(total: Floats, low: int, high: int) -> int:
    """Where the mass between two places is nearest to being halved; neither half is empty."""
    half = (total[low] + total[high]) / 2
    at = int(np.clip(np.searchsorted(total, half), low + 1, high - 1))
    return at - 1 if at - 1 > low and half - total[at - 1] < total[at] - half else at
