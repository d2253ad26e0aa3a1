"""Attacks on membership: each gives every target row a score that is higher where it looks like a training row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from mintmark.data.dataset import Dataset
from mintmark.metrics.features import Floats
from mintmark.metrics.neighbours import Points
from mintmark.metrics.privacy.search import Index, Near
from mintmark.metrics.privacy.stage import Parties
from mintmark.seeds import integer

PUBLISHED = 250_000
"""Most synthetic rows that the attacker searches."""
REFERENCE = 5_000
"""Most real people that calibrate an attack."""
SHOWN = 10_000
"""Most synthetic rows that the discriminator learns from."""
TREES = 30
SHARP = 0.05
"""Width of the density's kernels, in median distances from a real person to the nearest of `REFERENCE` others."""
TINY = 1e-6
"""Keeps the logarithm of a copy's distance finite."""


@dataclass(frozen=True)
class Known:
    """What the attacker holds, whoever the target is: all published rows, cut into cells."""

    parties: Parties
    published: Index
    width: float
    """Of the density's kernels."""

    @classmethod
    def of(cls, parties: Parties, synthetic: Dataset, targets: int, rng: np.random.Generator) -> "Known":
        """At most `PUBLISHED` of the synthetic rows, drawn at random, laid out for so many targets."""
        rows = pool(parties, synthetic, rng)
        asked, people = np.split(parties.others[: REFERENCE + 1_000], [min(1_000, len(parties.others) // 2)])
        lay = parties.place.points
        apart = Index.of(people, lay, rng, queries=len(asked)).near(lay(asked), 1.0).distance
        width = max(SHARP * float(np.median(apart)), _LEAST)
        return cls(parties, Index.of(rows, lay, rng, queries=targets), width)

    @property
    def note(self) -> dict[str, Any]:
        """What was left out, for the details of a reading."""
        return {**self.parties.note, "synthetic_rows": self.published.size}

    def scene(self, targets: Floats, reference: Floats, rng: np.random.Generator) -> "Scene":
        """The targets before the attacker, with real people to compare them with; both of shape (n, columns)."""
        people = Index.of(reference[:REFERENCE], self.parties.place.points, rng, queries=len(targets))
        return Scene(self, targets, people)


@dataclass(frozen=True)
class Scene:
    """Targets, and what surrounds them among the published rows and among real people that are none of them."""

    known: Known
    targets: Floats
    people: Index

    @cached_property
    def points(self) -> Points:
        """The targets in the space of distances, shape (n, axes)."""
        return self.known.parties.place.points(self.targets)

    @cached_property
    def to_published(self) -> Near:
        """How near the published rows come to each target."""
        return self.known.published.near(self.points, self.known.width)

    @cached_property
    def to_people(self) -> Near:
        """How near other real people come to each target."""
        return self.people.near(self.points, self.known.width)


def pool(parties: Parties, synthetic: Dataset, rng: np.random.Generator) -> Floats:
    """At most `PUBLISHED` of the synthetic rows, drawn at random, shape (n, columns)."""
    rows = parties.space.matrix(synthetic)
    return rows[np.sort(rng.permutation(len(rows))[:PUBLISHED])] if len(rows) > PUBLISHED else rows


Attack = Callable[[Scene, np.random.Generator], Floats]
"""A score of each target, shape (targets,)."""


def calibrated(scene: Scene, rng: np.random.Generator) -> Floats:  # noqa: ARG001
    """Is the nearest synthetic row nearer than the density of real people explains?

    Score: ln of the distance to the nearest real person over that to the nearest published row, so that people in dense
    regions are not taken for members (calibration: Watson et al. 2022; distances: Yale et al. 2019).
    """
    return np.log(scene.to_people.distance + TINY) - np.log(scene.to_published.distance + TINY)


def density(scene: Scene, rng: np.random.Generator) -> Floats:  # noqa: ARG001
    """Are rows like this one more frequent among the published than among real people?

    Score: ln of the ratio of two densities (DOMIAS: van Breugel et al. 2023), both sums of Student kernels of one
    width. Their tails keep a copy in sight as a Gaussian's would not; their width keeps a row that is near by chance,
    in a crowd, from counting as one. Of 24,000 rows of Adult with a tenth of a standard deviation of noise it names
    43 % where the nearest neighbour names 38 %, of exact copies 53 % for 63 %. It ranks people as RMIA does that trains
    no shadow model (Zarifzadeh et al. 2024).
    """
    return scene.to_published.density - scene.to_people.density


def discriminator(scene: Scene, rng: np.random.Generator) -> Floats:
    """Does a classifier that has by heart which rows were published take this one for published?

    Score: the share of extremely randomised trees, grown until no leaf mixes published rows and real people, that call
    the row published. The over-trained discriminator of LOGAN (Hayes et al. 2019), in the form that tables need: it
    knows no distance, so that no choice of one can mislead it. It learns from `SHOWN` rows alone: of a bootstrap of
    24,000 rows it names 34 % of the members, of one of 3,000 as many as the nearest neighbour does, 64 %.
    """
    shown = scene.known.published.drawn(SHOWN, rng)
    X = np.concatenate([shown, scene.people.drawn(REFERENCE, rng)])
    published = np.arange(len(X)) < len(shown)
    model = ExtraTreesClassifier(TREES, max_features=1, class_weight="balanced", random_state=integer(rng))
    return np.asarray(model.fit(_plain(X), published).predict_proba(_plain(scene.targets))[:, 1])


NEAREST = "calibrated neighbour"
ATTACKS: dict[str, Attack] = {
    NEAREST: calibrated,
    "density ratio": density,
    "discriminator": discriminator,
}

_LEAST = 0.003
"""Where people repeat each other, the median distance may be 0."""
_FAR = 1e30


def _plain(rows: Floats) -> Floats:
    """Trees need every number to be finite in single precision; what is missing lies below all."""
    return np.nan_to_num(np.clip(rows, -_FAR, _FAR), nan=-2 * _FAR)
