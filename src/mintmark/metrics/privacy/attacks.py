"""Attacks on membership: each gives every target row a score that is higher where it looks like a training row."""

from dataclasses import dataclass

import numpy as np

from mintmark.metrics import boosting, neighbours
from mintmark.metrics.features import Floats, Space


@dataclass(frozen=True)
class Knowledge:
    """What the attacker holds: all published rows, and other real rows of the same population."""

    space: Space
    published: Floats
    """Synthetic rows, shape (n, d)."""
    reference: Floats
    """Real rows that are neither members nor targets, shape (m, d)."""


def calibrated(known: Knowledge, targets: Floats, rng: np.random.Generator) -> Floats:  # noqa: ARG001
    """Is the nearest synthetic row nearer than the density of real people explains?

    Score: ln of the distance to the nearest reference row over that to the nearest published one, so that people in
    dense regions are not taken for members (calibration: Watson et al. 2022; distances: Yale et al. 2019).
    """
    place = neighbours.Map.of(known.space, known.reference)
    points, published, reference = (place.points(rows) for rows in (targets, known.published, known.reference))
    return np.log(neighbours.nearest(points, reference) + _TINY) - np.log(neighbours.nearest(points, published) + _TINY)


def density(known: Knowledge, targets: Floats, rng: np.random.Generator) -> Floats:
    """Are rows like this one more frequent among the published than among real people?

    Score: the log-odds of gradient-boosted trees that tell published from reference rows, which estimates the density
    ratio of DOMIAS (van Breugel et al. 2023).
    """
    X = np.concatenate([known.published, known.reference])
    y = np.repeat([1.0, 0.0], [len(known.published), len(known.reference)])
    model = boosting.fit(X, y, categorical=known.space.categorical, task="binary", rng=rng)
    return boosting.scores(model, targets)


ATTACKS = {"calibrated neighbour": calibrated, "density ratio": density}

_TINY = 1e-6
"""Keeps the logarithm of a copy's distance finite."""
