"""Marks of a file, block by block, which find the first byte that no longer fits.

A digest says that a file differs, but not where. For each block of 16 KiB a mark keeps a short digest, the sum of its
bytes, and their sum weighted by place. The first block whose digest differs bounds the place. If one byte b at place i
changed by d, the sums changed by d and i·d: their quotient is i. The digest of the block with that byte put back
proves the guess. So one altered byte is named exactly, in a file of any length; of several, the first block is named.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 16_384
"""Bytes of a block: 1 GB has 61,000 marks, about 3 MB of JSON."""

Mark = tuple[str, int, int]
"""The first 16 digits of a block's SHA-256, the sum of its bytes, and their sum weighted by place (from 1)."""


@dataclass(frozen=True)
class Misfit:
    """Where a file stops being what it was: the first wrong byte lies within first … last (from 0, both included)."""

    first: int
    last: int
    why: str = ""

    @property
    def exact(self) -> bool:
        """Is the very byte known?"""
        return self.first == self.last

    def __str__(self) -> str:
        place = f"byte {self.first:,}" if self.exact else f"within bytes {self.first:,}–{self.last:,}"
        return f"{place}{self.why and f' ({self.why})'}"


@dataclass(frozen=True)
class Marks:
    """The marks of one file."""

    size: int
    blocks: tuple[Mark, ...]

    @classmethod
    def of(cls, path: Path) -> "Marks":
        """Marks a file, in bounded memory."""
        blocks = []
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                blocks.append(_mark(block))
        return cls(path.stat().st_size, tuple(blocks))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"bytes": self.size, "block": BLOCK, "blocks": [list(mark) for mark in self.blocks]}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Marks":
        """The inverse of `to_json`; ValueError, KeyError or TypeError where it is none."""
        if body["block"] != BLOCK:
            raise ValueError("marks of another block size")
        return cls(int(body["bytes"]), tuple((str(a), int(b), int(c)) for a, b, c in body["blocks"]))

    def misfit(self, path: Path) -> Misfit | None:
        """The first place where a file differs from the one that was marked, or None."""
        size = path.stat().st_size
        with path.open("rb") as file:
            for number, mark in enumerate(self.blocks):
                block = file.read(BLOCK)
                start, wanted = number * BLOCK, min(BLOCK, self.size - number * BLOCK)
                if len(block) < wanted:
                    return Misfit(start, size, f"the file ends there, and had {self.size:,} bytes")
                if _mark(block[:wanted]) != mark:
                    return _within(block[:wanted], mark, start)
        if size > self.size:
            return Misfit(self.size, self.size, f"the file goes on there, and had {self.size:,} bytes")
        return None


def first_difference(left: Path, right: Path) -> int | None:
    """The first byte (from 0) in which two files differ, or None; both are read block by block."""
    place = 0
    with left.open("rb") as one, right.open("rb") as two:
        while True:
            ours, theirs = one.read(BLOCK), two.read(BLOCK)
            if ours != theirs:
                return place + difference(ours, theirs)
            if not ours:
                return None
            place += len(ours)


def difference(ours: bytes, theirs: bytes) -> int:
    """The first byte (from 0) in which two different byte strings differ."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(ours), len(theirs)))


def _mark(block: bytes) -> Mark:
    values = np.frombuffer(block, np.uint8).astype(np.int64)
    weighted = int(values @ np.arange(1, len(values) + 1))  # at most 2^36: exact
    return hashlib.sha256(block).hexdigest()[:16], int(values.sum()), weighted


def _within(block: bytes, mark: Mark, start: int) -> Misfit:
    _, total, weighted = _mark(block)
    by = total - mark[1]
    place = (weighted - mark[2]) // by - 1 if by else -1
    if 0 <= place < len(block) and 0 <= block[place] - by <= 255:
        repaired = block[:place] + bytes([block[place] - by]) + block[place + 1 :]
        if _mark(repaired) == mark:
            return Misfit(start + place, start + place)
    return Misfit(start, start + len(block) - 1)
