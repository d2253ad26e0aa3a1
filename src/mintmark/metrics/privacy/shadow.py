"""Can an attacker who knows how each person would look without leaking tell who was learnt from?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Points
from mintmark.metrics.privacy.attacks import REFERENCE, TINY, Known, Scene
from mintmark.metrics.privacy.people_in_words import about, counted, unless_chance
from mintmark.metrics.privacy.scoring import by_turns, crossed
from mintmark.metrics.privacy.stage import Parties

FALSE_ALARMS = (0.1, 0.01, 0.001)
BLOCK = 1 << 22
"""Distances held at once: 16 MB."""


@dataclass(frozen=True)
class Shadow:
    """An attacker imagines many worlds in which a person was not learnt from, and asks whether this world is like them.

    Some people always lie near some synthetic row, others never do; one threshold for all of them wastes what is known
    of each. So for every target a score is kept of how near the synthetic rows come, ln of the distance to the nearest,
    and the same score is taken in worlds without the target: samples of other real people in the synthetic rows' place.
    The target's score is how many standard deviations nearer the synthetic rows lie than that person's own worlds have
    it. This is the offline form of the likelihood-ratio attack (LiRA, Carlini et al. 2022), with **resampled real
    people instead of retrained generators** as its shadow models: nothing is fitted, so what the generator itself does
    to everybody alike (its smoothing) shifts all scores together, which the unseen people at the threshold have too.
    An attacker who retrains the generator may find more.

    The value is the share of training rows named while 1 % of unseen rows are named falsely: 0.01 is chance, 1 the
    worst. Real rows that make up a target's worlds are never targets with it. Interval: `roc.tpr_at`.
    """

    targets: int = Field(2_000, ge=100)
    """Most members, and most others, that are attacked."""
    worlds: int = Field(32, ge=4, le=256)
    """Samples of other people, each of half of them."""
    minimum: int = Field(100, ge=60)
    """Fewest members, and fewest others."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "default": None,
        "thorough": {"targets": 10_000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of members that are named; details hold other rates and the AUC."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        members, others = by_turns(parties.members[: self.targets]), by_turns(parties.others[: self.targets])
        known = Known.of(parties, case.synthetic, 2 * self.targets, rng)
        ours, theirs = crossed({"shadow": self._scores}, known, members, others, rng)["shadow"]
        auc, variance = roc.auc(ours, theirs)
        found = {rate: roc.tpr_at(rate, ours, theirs, rng=rng) for rate in FALSE_ALARMS}
        value, interval = found[0.01]
        details = {
            "tpr": {f"{rate:g}": {"value": each, "interval": list(ends)} for rate, (each, ends) in found.items()},
            "auc": auc,
            "auc_interval": list(intervals.normal(auc, variance, (0, 1))),
            "worlds": self.worlds,
            "shadows": "samples of other real people; no generator was trained anew",
            "members": len(ours),
            "others": len(theirs),
            "chance": 0.01,
            "words": _words(value, interval, counted(case.need(Role.TRAIN))),
            **known.note,
        }
        return Reading(value, interval, len(ours) + len(theirs), details)

    def _scores(self, scene: Scene, rng: np.random.Generator) -> Floats:
        """Standard deviations by which the synthetic rows lie nearer than the people of the other worlds."""
        people = scene.known.parties.place.points(scene.people.drawn(REFERENCE, rng))
        inside = rng.permuted(np.tile(np.arange(len(people)) % 2 == 0, (self.worlds, 1)), axis=1)
        without = _log_nearest(scene.points, people, inside)
        made = np.log(scene.to_published.distance + TINY)
        return (without.mean(axis=0) - made) / np.sqrt(without.var(axis=0, ddof=1) + _LEAST**2)


def _words(share: float, interval: Interval, people: int) -> str:
    return (
        f"An attacker who judges each person by how that person would look if never learnt from, and wrongly accuses "
        f"1 in 100 outsiders, recognises {about(share, people)} (at worst {about(interval[1], people)}) of the "
        f"{people:,} people whose records the generator saw; guessing finds "
        f"{about(0.01, people)}{unless_chance(interval, 0.01)}. One who trains the generator anew may recognise more."
    )


_LEAST = 0.1
"""A tenth in distance: no fewer worlds than these can know a smaller standard deviation."""


def _log_nearest(queries: Points, pool: Points, inside: NDArray[np.bool_]) -> Floats:
    """ln of the distance to the nearest point of each part of the pool, shape (parts, queries)."""
    norms, out = np.einsum("ij,ij->i", pool, pool), np.empty((len(inside), len(queries)))
    step = max(1, BLOCK // len(pool))
    for start in range(0, len(queries), step):
        block = queries[start : start + step]
        squared = norms - 2 * (block @ pool.T) + np.einsum("ij,ij->i", block, block)[:, None]
        for row, part in enumerate(inside):
            nearest = squared[:, part].min(axis=1)
            out[row, start : start + step] = np.log(np.sqrt(np.maximum(nearest, 0)) + TINY)
    return out
