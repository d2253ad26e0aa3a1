"""Typical rows and odd ones: the balls about the centre of a cloud that hold a share of its rows (Alaa et al. 2022).

Their paper learns a sphere that encloses the real rows; here the cloud is that of the standardised principal components
of ranks and levels, and its centre is the mean.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.metrics.embedding import Embedding
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case
from mintmark.metrics.neighbours import Points
from mintmark.metrics.sides import AXES, Sides, sides

SHARES = (np.arange(30) + 0.5) / 30
"""The levels at which supports are compared: the middles of equal steps, so that no curve falls below 0."""


@dataclass(frozen=True)
class Supports:
    """Both tables as points of one space, n of each, shape (n, d)."""

    both: Sides
    real: Points
    made: Points
    space: dict[str, Any]

    @classmethod
    def of(cls, case: Case, most: int, rng: np.random.Generator) -> "Supports":
        """At most `most` rows of each side."""
        both = sides(case, most, rng, axes=AXES)
        embedding = Embedding.of(both.space, both.real, both.made)
        real, made = (embedding.points(rows).astype(np.float32) for rows in (both.real, both.made))
        return cls(both, real, made, embedding.note())

    def note(self) -> dict[str, Any]:
        """What a reading's details say of the space and of rows left out."""
        return {**self.space, **self.both.note()}


def oddity(points: Points, of: Points) -> Floats:
    """The share of the cloud `of` that lies as near to its centre as each point does, from 0 to 1; shape (points,).

    A point is in the α-support of the cloud exactly where this is at most α.
    """
    centre = of.mean(axis=0)
    reach = np.sort(np.linalg.norm(of - centre, axis=1))
    return np.searchsorted(reach, np.linalg.norm(points - centre, axis=1), side="left") / len(of)


def curve(inside: Floats) -> Floats:
    """The share of rows inside each support, from their oddity, shape (…, n) to (…, levels)."""
    return (inside[..., None, :] <= SHARES[:, None]).mean(axis=-1)


def agreement(shares: Floats) -> Floats:
    """1 − 2 ∫ |share − α| dα: 1 where each support holds just its share, shape (…, levels) to (…)."""
    return np.clip(1 - 2 * np.abs(shares - SHARES).mean(axis=-1), 0, 1)  # rounding may step over the ends


def points(shares: Floats) -> list[list[float]]:
    """Every fifth point of a curve of shares, for the details of a reading: the level and the share."""
    return [[round(float(level), 3), float(share)] for level, share in zip(SHARES[4::5], shares[4::5], strict=True)]
