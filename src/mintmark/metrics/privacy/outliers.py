"""Can an attacker tell whether somebody unusual was in the training data?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import about, counted, unless_chance
from mintmark.metrics.privacy.picked import Ground, Picked
from mintmark.metrics.privacy.stage import Parties

FALSE_ALARMS = 0.1
GROUPS = 4
SMALL = 0.1
"""Levels of sensitive columns that at most this share of people have are small groups."""


@dataclass(frozen=True)
class Outliers:
    """People unlike all others have most to fear: averages over everybody hide that a generator copied just them.

    The attack on membership is put to the most unusual hundredth of the training rows against the most unusual
    hundredth of unseen real rows (at least fifty of each). Unusual is who is far from the nearest of a thousand other
    real people, of whom none is a target, in a space where extremes lie far out (`robust.Spread`). The attacker scores
    a person by how much nearer the nearest synthetic row is than the nearest of other real people. The value is the
    share of unusual members that are named while 10 % of the unusual others are named falsely: 0.1 is chance, 1 the
    worst. With so few people, lower rates have no threshold.

    Details tell the same of small groups (levels of the sensitive columns that at most a tenth of people have), each
    at a level raised for their number, and never of fewer than fifty people. Interval: exact binomial for the members
    with the uncertainty of the threshold joined to it (`roc.tpr_at`). It sees who stands apart in whole records only,
    and this one attack; others may find more (Carlini et al. 2022 on why the worst served people count).
    """

    share: float = Field(0.01, gt=0, lt=0.5)
    """The share of people that is most unusual."""
    fewest: int = Field(50, ge=10)
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
        ground = Ground.of(parties, case.synthetic, members, others, rng)
        ours, theirs = ground.attacked(
            [
                (ground.unusual(members[half::2], half, share), ground.unusual(others[half::2], half, share))
                for half in (0, 1)
            ]
        )
        value, interval = roc.tpr_at(FALSE_ALARMS, ours, theirs, rng=rng)
        auc, variance = roc.auc(ours, theirs)
        groups = self._groups(case, parties, (members, others), ground, rng)
        details = {
            "false_alarms": FALSE_ALARMS,
            "chance": FALSE_ALARMS,
            "share_of_people": share,
            "unusual_members": len(ours),
            "unusual_others": len(theirs),
            "auc": auc,
            "auc_interval": list(intervals.normal(auc, variance, (0, 1))),
            "groups": groups,
            "words": _words(value, interval, round(share * counted(case.need(Role.TRAIN))), groups),
            **parties.note,
            "synthetic_rows": ground.published.size,
        }
        return Reading(value, interval, len(ours) + len(theirs), details)

    def _groups(
        self, case: Case, parties: Parties, people: Picked, ground: Ground, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        members, others = people
        groups = sorted(_small(case, parties, members, others, self.fewest), key=lambda each: each[2])[:GROUPS]
        out = []
        for place, code, _ in groups:
            column = parties.space.columns[place]
            picked = [
                (_at_most(members[half::2], place, code), _at_most(others[half::2], place, code)) for half in (0, 1)
            ]
            ours, theirs = ground.attacked(picked)
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


def _words(value: float, interval: Interval, people: int, groups: list[dict[str, Any]]) -> str:
    hit = [each["group"] for each in groups if each["interval"][0] > FALSE_ALARMS]
    among = f" So it does, more than chance explains, in small groups: {', '.join(hit)}." if hit else ""
    return (
        f"Of the {people:,} most unusual people whose records the generator saw, an attacker who wrongly accuses 10 of "
        f"100 unusual outsiders recognises {about(value, people)} (at worst {about(interval[1], people)}); guessing "
        f"finds {about(FALSE_ALARMS, people)}{unless_chance(interval, FALSE_ALARMS)}. It learns that they were in the "
        f"data.{among} Of people who stand out in one column alone this says little."
    )


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
