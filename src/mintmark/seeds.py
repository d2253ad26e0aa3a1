"""Named random streams: every draw has a path, so adding one changes no other."""

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Seed:
    """A place in the tree of random streams."""

    root: int
    path: tuple[str, ...] = ()

    def child(self, *names: str | int) -> "Seed":
        """The stream below this one that bears these names."""
        return Seed(self.root, (*self.path, *(str(name) for name in names)))

    def rng(self) -> np.random.Generator:
        """A fresh generator: asked twice, it draws the same numbers twice."""
        # Lengths precede names, so that ("ab", "c") and ("a", "bc") are different streams.
        text = "".join(f"{len(name)}:{name}" for name in self.path)
        words = hashlib.sha256(f"{self.root}/{text}".encode()).digest()
        return np.random.Generator(np.random.PCG64DXSM(int.from_bytes(words, "big")))

    def __str__(self) -> str:
        return "/".join((str(self.root), *self.path))


def integer(rng: np.random.Generator) -> int:
    """A 31-bit seed for a library that takes an integer rather than a stream."""
    return int(rng.integers(2**31 - 1))
