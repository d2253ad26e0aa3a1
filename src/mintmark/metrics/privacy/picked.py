"""The attack on a few picked people, and who of all is unusual enough to be picked."""

import math
from dataclasses import dataclass

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.metrics.closest import closest
from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points
from mintmark.metrics.privacy.attacks import REFERENCE, TINY, pool
from mintmark.metrics.privacy.robust import Spread
from mintmark.metrics.privacy.search import Index
from mintmark.metrics.privacy.stage import SPANNING, Parties

AROUND = 1_000
"""Real people among whom it is judged how unusual somebody is."""

TARGETS = 2_000
"""About how many people are attacked."""

Picked = tuple[Floats, Floats]
"""Members and others that are attacked together."""


@dataclass(frozen=True)
class Ground:
    """The space in which people are unusual, and all that the attacker searches in it."""

    space: Spread
    published: Index
    people: tuple[Points, Points]
    """Other real people, for the targets of either half: the other half of the unseen ones."""

    @classmethod
    def of(
        cls, parties: Parties, synthetic: Dataset, members: Floats, others: Floats, rng: np.random.Generator
    ) -> "Ground":
        even = min(len(members), len(others), SPANNING)
        space = Spread.of(parties.space, np.concatenate([members[:even], others[:even]]))
        people = tuple(space.points(others[1 - half :: 2][:REFERENCE]) for half in (0, 1))
        published = Index.of(pool(parties, synthetic, rng), space.points, rng, queries=TARGETS)
        return cls(space, published, (people[0], people[1]))

    def unusual(self, rows: Floats, half: int, share: float) -> Floats:
        """The rows that are farthest from the nearest of the people around."""
        distance, _ = closest(self.space.points(rows), self.people[half][:AROUND])
        return rows[np.argsort(-distance, kind="stable")[: math.ceil(share * len(rows))]]

    def attacked(self, picked: list[Picked]) -> tuple[Floats, Floats]:
        """Scores of the members and of the others."""
        ours, theirs = zip(
            *([self._scores(rows, half) for rows in pair] for half, pair in enumerate(picked)), strict=True
        )
        return np.concatenate(ours), np.concatenate(theirs)

    def _scores(self, rows: Floats, half: int) -> Floats:
        if not len(rows):
            return np.empty(0)
        points = self.space.points(rows)
        to_people, to_published = closest(points, self.people[half])[0], self.published.near(points, 1.0).distance
        return np.log(to_people + TINY) - np.log(to_published + TINY)
