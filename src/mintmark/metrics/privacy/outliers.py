"""Can an attacker tell whether somebody unusual was in the training data?"""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, roc
from mintmark.metrics.closest import closest
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.scoring import nearness
from mintmark.metrics.privacy.stage import Parties

FALSE_ALARMS = 0.1
AROUND = 1_000
"""Real people among whom it is judged how unusual somebody is."""
GROUPS = 4
SMALL = 0.1
"""Levels of sensitive columns that at most this share of people have are small groups."""


@dataclass(frozen=True)
class Outliers:
    """People unlike all others have most to fear: averages over everybody hide that a generator copied just them.

    The attack on membership is put to the most unusual hundredth of the training rows against the most unusual
    hundredth of unseen real rows (at least thirty of each). Unusual is who is far from the nearest of a thousand other
    real people, of whom none is a target. The attacker scores a person by how much nearer the nearest synthetic row is
    than the nearest of other real people. The value is the share of unusual members that are named while 10 % of the
    unusual others are named falsely: 0.1 is chance, 1 the worst. With so few people, lower rates have no threshold.

    Details tell the same of small groups (levels of the sensitive columns that at most a tenth of people have), each
    at a level raised for their number, and never of fewer than thirty people. Interval: exact binomial for the members
    with the uncertainty of the threshold joined to it (`roc.tpr_at`). It sees who stands apart in whole records only,
    and this one attack; others may find more (Carlini et al. 2022 on why the worst served people count).
    """

    share: float = Field(0.01, gt=0, lt=0.5)
    """The share of people that is most unusual."""
    fewest: int = Field(30, ge=10)
    """Fewest unusual people, and fewest of a small group, on each side."""
    people: int = Field(25_000, ge=100)
    """Most members, and most others, among whom the unusual are sought."""
    minimum: int = Field(100, ge=60)
    """Fewest members, and fewest others."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of unusual members that are named; details hold small groups."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        members, others = parties.members[: self.people], parties.others[: self.people]
        share = max(self.share, self.fewest / min(len(members), len(others)))
        picked = [_unusual(parties, members[half::2], others, half, share) for half in (0, 1)]
        ours, theirs = _attacked(parties, picked, others, rng)
        value, interval = roc.tpr_at(FALSE_ALARMS, ours, theirs, rng=rng)
        auc, variance = roc.auc(ours, theirs)
        details = {
            "false_alarms": FALSE_ALARMS,
            "chance": FALSE_ALARMS,
            "share_of_people": share,
            "unusual_members": len(ours),
            "unusual_others": len(theirs),
            "auc": auc,
            "auc_interval": list(intervals.normal(auc, variance, (0, 1))),
            "groups": self._groups(case, parties, members, others, rng),
            "words": f"An attacker who wrongly accuses 10 of 100 outsiders would recognise {100 * value:.0f} of every "
            f"100 unusual people whose records the generator saw; guessing finds 10.",
            **parties.note,
        }
        return Reading(value, interval, len(ours) + len(theirs), details)

    def _groups(
        self, case: Case, parties: Parties, members: Floats, others: Floats, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        groups = sorted(_small(case, parties, members, others, self.fewest), key=lambda each: each[2])[:GROUPS]
        out = []
        for place, code, _ in groups:
            column = parties.space.columns[place]
            picked = [
                (_at_most(members[half::2], place, code), _at_most(others[half::2], place, code)) for half in (0, 1)
            ]
            ours, theirs = _attacked(parties, picked, others, rng)
            level = 1 - (1 - intervals.LEVEL) / len(groups)
            value, interval = roc.tpr_at(FALSE_ALARMS, ours, theirs, rng=rng, level=level)
            out.append(
                {
                    "group": f"{column.name}: {column.levels[int(code)]}",
                    "value": value,
                    "interval": list(interval),
                    "members": len(ours),
                    "others": len(theirs),
                }
            )
        return out


Picked = tuple[Floats, Floats]
"""Members and others that are attacked together."""


def _unusual(parties: Parties, members: Floats, others: Floats, half: int, share: float) -> Picked:
    """The most unusual members and others of one half, judged by people of the other."""
    place = parties.place
    around = place.points(others[1 - half :: 2][:AROUND])
    return _farthest(members, closest(place.points(members), around)[0], share), _farthest(
        others[half::2], closest(place.points(others[half::2]), around)[0], share
    )


def _farthest(rows: Floats, distance: Floats, share: float) -> Floats:
    return rows[np.argsort(-distance, kind="stable")[: math.ceil(share * len(rows))]]


def _attacked(
    parties: Parties, picked: list[Picked], others: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    ours, theirs = [], []
    for half, (members, outsiders) in enumerate(picked):
        scores = nearness(parties, np.concatenate([members, outsiders]), others[1 - half :: 2], rng)
        ours.append(scores[: len(members)])
        theirs.append(scores[len(members) :])
    return np.concatenate(ours), np.concatenate(theirs)


def _small(case: Case, parties: Parties, members: Floats, others: Floats, fewest: int) -> list[tuple[int, float, int]]:
    """Column, level and number of the members of each small group that is large enough to be measured."""
    out = []
    for name in case.sensitive:
        if name not in parties.space.names or parties.space.names.index(name) not in parties.space.categorical:
            continue
        place = parties.space.names.index(name)
        for code in np.unique(members[~np.isnan(members[:, place]), place]):
            count, outside = int((members[:, place] == code).sum()), int((others[:, place] == code).sum())
            if min(count, outside) >= fewest and count <= SMALL * len(members):
                out.append((place, float(code), count))
    return out


def _at_most(rows: Floats, place: int, code: float) -> Floats:
    return rows[rows[:, place] == code][:_HALF_GROUP]


_HALF_GROUP = 150
"""Most members, and most others, of one half that are attacked in a group."""
