"""Scores of members and of others under attacks, where no real row that calibrates an attack is among its targets."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mintmark.metrics.features import Floats
from mintmark.metrics.privacy.attacks import Attack, Known

Rows = tuple[Floats, NDArray[np.int64]]
"""Rows, shape (n, d), and for each 0 or 1: the half of the people that it belongs to."""
Scores = dict[str, tuple[Floats, Floats]]
"""For each attack the scores of members and of others, shape (n,) each."""


def crossed(
    attacks: Mapping[str, Attack], known: Known, members: Rows, others: Rows, rng: np.random.Generator
) -> Scores:
    """Each half of members and others is scored with the other half of the others as reference."""
    out = {name: (np.empty(len(members[0])), np.empty(len(others[0]))) for name in attacks}
    for half in (0, 1):
        mine, yours = members[1] == half, others[1] == half
        scene = known.scene(np.concatenate([members[0][mine], others[0][yours]]), others[0][~yours], rng)
        for name, attack in attacks.items():
            out[name][0][mine], out[name][1][yours] = np.split(attack(scene, rng), [int(mine.sum())])
    return out


def by_turns(rows: Floats) -> Rows:
    """Rows, which stand in random order, with every second in the same half."""
    return rows, np.arange(len(rows)) % 2
