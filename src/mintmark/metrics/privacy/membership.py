"""Can an attacker tell who was in the training data?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space, dealt
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.attacks import ATTACKS, Knowledge

FALSE_ALARMS = (0.1, 0.01, 0.001)


@dataclass(frozen=True)
class Membership:
    """Somebody holds a person's true record, all published rows and real rows of other people, and asks: was this
    person among those that the generator learnt from?

    Several attacks score training rows (members) and unseen real rows (non-members). The value is that of the strongest
    one: the share of members it names while falsely naming 1 % of the non-members. 0.01 is chance, 1 the worst. Real
    rows that calibrate the attacks are never among its targets: each half of the holdout serves as reference for
    scoring the other half, with the members dealt out alike; rows of one group are in one half, or strangers' own rows
    would speak for them.

    Interval: exact for the members, with the uncertainty of the threshold joined to it (`roc.tpr_at`), at a level
    raised for taking the strongest of several attacks (Bonferroni). With few non-members it is wide, as it should be.
    Details hold AUC and the shares at 10 %, 1 % and 0.1 % false alarms. What these attacks do not find may still be
    found by others: this is a lower bound of the risk (Carlini et al. 2022; Houssiau et al. 2022).

    A leak of few people is missed, for the value is a share of all members: of 3,000, thirty outliers published with
    1 % of noise give 0.02, while 5 % of the rows copied give 0.06 and all rows with noise in one number 0.1 to 1. And
    where few were asked the innocent are refused: the interval of a perfect generator ends at about 0.043, 0.026 and
    0.014 with 300, 1,000 and 10,000 members and as many non-members; 92 %, 23 % and none of these are above 0.03.
    """

    targets: int = Field(10_000, ge=100)
    """Most members, and most non-members, that are attacked."""
    published: int = Field(50_000, ge=100)
    """Most synthetic rows that the attacker searches."""
    minimum: int = Field(50, ge=30)
    """Fewest non-members; 1,000 give a threshold at 1 % that rests on ten of them."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"targets": 25_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The strongest attack's share; details hold every attack.

        Raises CannotMeasure with fewer than `minimum` members, non-members or synthetic rows.
        """
        synthetic, train, holdout = (case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT))
        self._enough(len(synthetic), len(train), len(holdout))
        space = Space.of(train, synthetic, holdout)
        published, members = (
            _some(space.matrix(data), cap, rng) for data, cap in ((synthetic, self.published), (train, self.targets))
        )
        picked = rng.permutation(len(holdout))[: self.targets]
        others = space.matrix(holdout)[picked]
        side = dealt(holdout, 2, rng)[picked] if holdout.columns.group else np.arange(len(others)) % 2
        level = 1 - (1 - intervals.LEVEL) / len(ATTACKS)
        found = {}
        for name in ATTACKS:
            scores = _scores(name, space, published, members, others, side, rng)
            found[name] = _attack(*scores, level=level, rng=rng)
        at_one = [each["tpr"]["0.01"] for each in found.values()]
        value = max(each["value"] for each in at_one)
        interval = max(each["interval"][0] for each in at_one), max(each["interval"][1] for each in at_one)
        details = {
            "attacks": found,
            "strongest": max(found, key=lambda name: found[name]["tpr"]["0.01"]["value"]),
            "members": len(members),
            "non_members": len(others),
            "published": len(published),
            "chance": 0.01,
            "level": level,
            **space.note(),
        }
        return Reading(value, interval, len(members) + len(others), details)

    def _enough(self, synthetic: int, train: int, holdout: int) -> None:
        if min(synthetic, train, holdout) < self.minimum:
            raise CannotMeasure(
                f"an attack at 1 % false alarms needs at least {self.minimum} rows of each kind",
                found=f"{synthetic} synthetic, {train} training and {holdout} unseen real rows",
            )


def _some(rows: Floats, cap: int, rng: np.random.Generator) -> Floats:
    """At most `cap` rows in random order, so that a cut anywhere is a random one."""
    return rows[rng.permutation(len(rows))[:cap]]


def _scores(
    name: str,
    space: Space,
    published: Floats,
    members: Floats,
    others: Floats,
    side: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Scores of members and of non-members, each scored with the side of the non-members that they are not in."""
    ours, theirs = np.empty(len(members)), np.empty(len(others))
    for half in (0, 1):
        inside = side == half
        known = Knowledge(space, published, others[~inside])
        targets = np.concatenate([members[half::2], others[inside]])
        scores = ATTACKS[name](known, targets, rng)
        ours[half::2], theirs[inside] = np.split(scores, [len(members[half::2])])
    return ours, theirs


def _attack(members: Floats, others: Floats, *, level: float, rng: np.random.Generator) -> dict[str, Any]:
    auc, variance = roc.auc(members, others)
    out: dict[str, Any] = {"auc": auc, "auc_interval": list(intervals.normal(auc, variance, (0, 1), level)), "tpr": {}}
    for fpr in FALSE_ALARMS:
        value, interval = roc.tpr_at(fpr, members, others, rng=rng, level=level)
        out["tpr"][f"{fpr:g}"] = {"value": value, "interval": list(interval)}
    return out
