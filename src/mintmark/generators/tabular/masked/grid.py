"""An alphabet told in one token, or in two: a coarse one, and a fine one within it.

So a column of 250 quantile bins takes two choices among 16, and one of 10,000 categories two among 100: no column costs
the network more than the root of its size, and neighbouring values share what is learnt of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mintmark.generators.storage import need
from mintmark.generators.tabular.tokens import Alphabet, Tokens

Ints = NDArray[np.int64]

ALONE = 128
"""Up to this many tokens are told as they are."""


@dataclass(frozen=True)
class Grid:
    """Runs of neighbouring tokens: the coarse token is the run, the fine one the place within it."""

    starts: Ints
    """(coarse + 1,) the first token of each run, and the number of tokens."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many classes each choice has: one choice, or a coarse and a fine one."""
        longest = int(np.diff(self.starts).max())
        return (len(self.starts) - 1,) if longest == 1 else (len(self.starts) - 1, longest)

    def split(self, tokens: Tokens) -> list[Ints]:
        """The choices that tell these tokens, each of shape (n,)."""
        coarse = np.searchsorted(self.starts, tokens, side="right") - 1
        return [coarse, tokens - self.starts[coarse]][: len(self.sizes)]

    def join(self, choices: list[Ints]) -> Tokens:
        """The inverse of `split`."""
        found = self.starts[choices[0]] + (choices[1] if len(choices) > 1 else 0)
        return found.astype(np.int32)

    def allowed(self, makeable: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
        """What may be chosen: (1, coarse), and (coarse, fine) for each coarse choice.

        `makeable` (tokens,) says which tokens may be made at all.
        """
        width = int(np.diff(self.starts).max())
        places = self.starts[:-1, None] + np.arange(width)
        within = places < self.starts[1:, None]
        fine = within & makeable[np.minimum(places, self.starts[-1] - 1)]
        return [fine.any(axis=1)[None, :], fine][: len(self.sizes)]

    @classmethod
    def checked(cls, starts: NDArray[Any], alphabet: Alphabet) -> "Grid":
        """A grid from a file; LedgerError where it cannot belong to the alphabet."""
        found = starts.astype(np.int64)
        need(found.ndim == 1 and len(found) > 1 and found[0] == 0 and found[-1] == alphabet.size + 1, "runs of tokens")
        need(bool(np.all(np.diff(found) > 0)), "runs of tokens")
        return cls(found)


def learn(alphabet: Alphabet) -> Grid:
    """Runs of about equal mass, about as many as each is long; what is missing is a run of its own."""
    size = alphabet.size
    if size < ALONE:
        return Grid(np.arange(size + 2, dtype=np.int64))
    wanted = round(size**0.5)
    # Half by mass and half by number, so that no run of rare tokens is much longer than the others.
    mass = alphabet.mass[:-1] / max(float(alphabet.mass[:-1].sum()), 1.0)
    place = np.cumsum((mass + 1 / size) / 2)
    run = np.minimum((place * wanted - 1e-9).astype(np.int64), wanted - 1)
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    return Grid(np.concatenate([starts, [size, size + 1]]).astype(np.int64))
