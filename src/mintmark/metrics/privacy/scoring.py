"""Scores of members and of others under an attack, where no real row that calibrates it is among its targets."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.closest import closest
from mintmark.metrics.features import Floats
from mintmark.metrics.privacy.attacks import ATTACKS, Knowledge
from mintmark.metrics.privacy.stage import Parties

Attack = Callable[[Parties, Floats, Floats, np.random.Generator], Floats]
"""From the targets and the reference, real rows that are none of them, to a score of each target."""
Rows = tuple[Floats, NDArray[np.int64]]
"""Rows, shape (n, d), and for each 0 or 1: the half of the people that it belongs to."""

REFERENCE = 5_000
"""Most real rows that calibrate the nearest neighbour."""
TINY = 1e-6
"""Keeps the logarithm of a copy's distance finite."""


def nearness(parties: Parties, targets: Floats, reference: Floats, rng: np.random.Generator) -> Floats:  # noqa: ARG001
    """Is the nearest synthetic row nearer than the density of real people explains?

    Score: ln of the distance to the nearest of at most `REFERENCE` real rows over that to the nearest synthetic one.
    """
    points, people = parties.place.points(targets), parties.place.points(reference[:REFERENCE])
    return np.log(closest(points, people)[0] + TINY) - np.log(closest(points, parties.published_points)[0] + TINY)


def attack_named(name: str) -> Attack:
    """One of the attacks on membership, in this form."""

    def attack(parties: Parties, targets: Floats, reference: Floats, rng: np.random.Generator) -> Floats:
        return ATTACKS[name](Knowledge(parties.space, parties.published, reference), targets, rng)

    return attack


def crossed(
    attack: Attack, parties: Parties, members: Rows, others: Rows, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Scores of members and others, shape (n,) each: each half with the other half of the others as reference."""
    ours, theirs = np.empty(len(members[0])), np.empty(len(others[0]))
    for half in (0, 1):
        mine, yours = members[1] == half, others[1] == half
        targets = np.concatenate([members[0][mine], others[0][yours]])
        scores = attack(parties, targets, others[0][~yours], rng)
        ours[mine], theirs[yours] = np.split(scores, [int(mine.sum())])
    return ours, theirs


def by_turns(rows: Floats) -> Rows:
    """Rows, which stand in random order, with every second in the same half."""
    return rows, np.arange(len(rows)) % 2
