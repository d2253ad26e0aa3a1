"""Can an attacker tell who was in the training data?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, roc
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.attacks import ATTACKS, PUBLISHED, REFERENCE, SHOWN, Known
from mintmark.metrics.privacy.people_in_words import about, counted, unless_chance
from mintmark.metrics.privacy.scoring import by_turns, crossed
from mintmark.metrics.privacy.stage import Parties

FALSE_ALARMS = (0.1, 0.01, 0.001)


@dataclass(frozen=True)
class Membership:
    """Somebody holds a person's true record, all published rows and real rows of other people, and asks: was this
    person among those that the generator learnt from?

    Three attacks score training rows (members) and unseen real rows (non-members): a calibrated nearest neighbour, the
    ratio of two densities (DOMIAS), and a discriminator (LOGAN); see `attacks`. The value is that of the strongest: the
    share of members it names while falsely naming 1 % of the non-members. 0.01 is chance, 1 the worst. Real rows that
    calibrate the attacks are never among its targets: each half of the holdout serves as reference for scoring the
    other half, with the members dealt out alike. Where the schema says whose rows are whose, one row of each person is
    a target, or strangers' own rows would speak for them.

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
        synthetic, train = case.need(Role.SYNTHETIC), case.need(Role.TRAIN)
        enough(self.minimum, synthetic=len(synthetic))
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        members, others = parties.members[: self.targets], parties.others[: self.targets]
        known = Known.of(parties, synthetic, len(members) + len(others), rng)
        level = 1 - (1 - intervals.LEVEL) / len(ATTACKS)
        scores = crossed(ATTACKS, known, by_turns(members), by_turns(others), rng)
        found = {name: _attack(*each, level=level, rng=rng) for name, each in scores.items()}
        at_one = [each["tpr"]["0.01"] for each in found.values()]
        value = max(each["value"] for each in at_one)
        interval = max(each["interval"][0] for each in at_one), max(each["interval"][1] for each in at_one)
        details = {
            "attacks": found,
            "strongest": max(found, key=lambda name: found[name]["tpr"]["0.01"]["value"]),
            "members": len(members),
            "non_members": len(others),
            "chance": 0.01,
            "level": level,
            "caps": _caps(len(synthetic), len(train), len(members)),
            "words": _words(value, interval, counted(train)),
            **known.note,
        }
        return Reading(value, interval, len(members) + len(others), details)


def _attack(members: Floats, others: Floats, *, level: float, rng: np.random.Generator) -> dict[str, Any]:
    auc, variance = roc.auc(members, others)
    out: dict[str, Any] = {"auc": auc, "auc_interval": list(intervals.normal(auc, variance, (0, 1), level)), "tpr": {}}
    for fpr in FALSE_ALARMS:
        value, interval = roc.tpr_at(fpr, members, others, rng=rng, level=level)
        out["tpr"][f"{fpr:g}"] = {"value": value, "interval": list(interval)}
    return out


def _caps(synthetic: int, train: int, members: int) -> list[str]:
    """What was left out for the sake of time."""
    out = [f"at most {REFERENCE:,} real people calibrate an attack"]
    if synthetic > SHOWN:
        out.append(f"the discriminator learns from {SHOWN:,} of the synthetic rows")
    if synthetic > PUBLISHED:
        out.append(f"neighbours are sought among {PUBLISHED:,} of {synthetic:,} synthetic rows, drawn at random")
    if train > members:
        out.append(f"{members:,} of {train:,} training rows are attacked, drawn at random")
    return out


def _words(share: float, interval: Interval, people: int) -> str:
    return (
        f"The strongest attack that was tried, wrongly accusing 1 in 100 outsiders, recognises {about(share, people)} "
        f"(at worst {about(interval[1], people)}) of the {people:,} people whose records the generator saw; guessing "
        f"finds {about(0.01, people)}{unless_chance(interval, 0.01)}. It learns that they were in the data, and from "
        f"knowing their whole record; attacks that were not tried may recognise more."
    )
