"""Can an attacker tell which people were in the training data, where each has several rows?"""

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, roc
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.attacks import ATTACKS, NEAREST, Known
from mintmark.metrics.privacy.people_in_words import about, unless_chance
from mintmark.metrics.privacy.scoring import Rows, crossed
from mintmark.metrics.privacy.stage import Parties

FALSE_ALARMS = (0.1, 0.01, 0.001)

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """A person with forty purchases is forty times as exposed: somebody who knows them all asks for the person.

    Where the schema names the column that says whose row it is, the attacks on membership score every row that the
    attacker knows of a person, and the person's score is that of the row that gives most away (the maximum). The value
    is the share of people in the training data that are named while 1 % of the people outside are named falsely: 0.01
    is chance, 1 the worst. An attack on single rows treats a person's rows as strangers, and misses how they add up.

    Where several attacks are tried (`every`), it is the strongest, at a level raised for the choice (Bonferroni). Real
    rows that calibrate the attack are of other people than its targets. Interval: `roc.tpr_at`, with people, who are
    independent of each other, and not rows as its n. People in both training data and holdout are targets of neither.
    It cannot see attacks that join a person's rows in cleverer ways than by their maximum.
    """

    targets: int = Field(1_000, ge=50)
    """Most people of each kind."""
    rows: int = Field(20, ge=1)
    """Most rows that the attacker knows of a person."""
    every: bool = Field(False)
    """Whether all attacks on membership are tried, or only the nearest neighbour."""
    minimum: int = Field(50, ge=30)
    """Fewest people of each kind."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"targets": 10_000, "every": True},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of people that the strongest attack names.

        Raises CannotMeasure where no column says whose row it is, and with fewer than `minimum` people of a kind.
        """
        train, holdout = case.need(Role.TRAIN), case.need(Role.HOLDOUT)
        group = _group(train, holdout)
        parties = Parties.of(case, minimum=1, rng=rng, without=(group,))
        ours, theirs = _apart(train.table[group], holdout.table[group])
        members, others = self._known(parties, train, ours, rng), self._known(parties, holdout, theirs, rng)
        self._enough(members, others)
        attacks = ATTACKS if self.every else {NEAREST: ATTACKS[NEAREST]}
        level = 1 - (1 - intervals.LEVEL) / len(attacks)
        known = Known.of(parties, case.synthetic, len(members[0]) + len(others[0]), rng)
        scores = crossed(attacks, known, *_halved(members, others), rng)
        found = {name: _named(each, members, others, level, rng) for name, each in scores.items()}
        strongest = max(found, key=lambda name: found[name]["0.01"]["value"])
        ends = [each["0.01"]["interval"] for each in found.values()]
        people = _count(members), _count(others)
        value = found[strongest]["0.01"]["value"]
        interval = max(low for low, _ in ends), max(high for _, high in ends)
        details = {
            "attacks": found,
            "strongest": strongest,
            "people": {"members": people[0], "others": people[1]},
            "rows": {"members": len(members[0]), "others": len(others[0])},
            "group": group,
            "chance": 0.01,
            "level": level,
            "words": _words(value, interval, len(np.unique(ours[ours >= 0]))),
            **known.note,
        }
        return Reading(value, interval, sum(people), details)

    def _known(self, parties: Parties, data: Dataset, whose: Codes, rng: np.random.Generator) -> Rows:
        """Some people's rows and a number for whose each is, from 0; people whose code is negative are left out."""
        order = rng.permutation(len(whose))
        order = order[whose[order] >= 0]
        chosen = rng.permutation(np.unique(whose[order]))[: self.targets]
        order = order[np.isin(whose[order], chosen)]
        order = order[np.argsort(whose[order], kind="stable")]
        person = np.unique(whose[order], return_inverse=True)[1]
        starts = np.searchsorted(person, person, "left")
        kept = np.arange(len(person)) - starts < self.rows
        return parties.space.matrix(data.select(order[kept])), person[kept].astype(np.int64)

    def _enough(self, members: Rows, others: Rows) -> None:
        if min(_count(members), _count(others)) < self.minimum:
            raise CannotMeasure(
                f"an attack on people needs at least {self.minimum} of each kind",
                found=f"{_count(members)} in the training data alone, {_count(others)} in the unseen rows alone",
            )


def _words(share: float, interval: Interval, people: int) -> str:
    return (
        f"An attacker who knows all rows of a person, and wrongly accuses 1 in 100 outsiders, recognises "
        f"{about(share, people)} (at worst {about(interval[1], people)}) of the {people:,} people whose rows the "
        f"generator saw; guessing finds {about(0.01, people)}{unless_chance(interval, 0.01)}. It learns that they were "
        f"in the data. Cleverer ways to join rows may tell more."
    )


def _group(train: Dataset, holdout: Dataset) -> str:
    group = train.columns.group
    if group is None:
        raise CannotMeasure("no column says whose row it is", fix="name it as the group of the table's schema")
    if group not in holdout.columns.names:
        raise CannotMeasure("the unseen real rows do not say whose they are", found=f"no column {group}")
    return group


def _apart(train: pa.ChunkedArray, holdout: pa.ChunkedArray) -> tuple[Codes, Codes]:
    """A code for each row's person; −1 where nobody is named, or somebody who is on both sides."""
    words = pa.concat_arrays([arrays.text(train), arrays.text(holdout)])
    codes = pc.fill_null(words.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    ours, theirs = np.split(codes, [len(train)])
    both = np.intersect1d(ours, theirs)
    return np.where(np.isin(ours, both), -1, ours), np.where(np.isin(theirs, both), -1, theirs)


def _count(rows: Rows) -> int:
    return int(rows[1].max()) + 1 if len(rows[1]) else 0


def _named(
    scores: tuple[Floats, Floats], members: Rows, others: Rows, level: float, rng: np.random.Generator
) -> dict[str, Any]:
    """The share of people that are named at each rate of false alarms."""
    ours, theirs = (_highest(each, person) for each, (_, person) in zip(scores, (members, others), strict=True))
    out = {}
    for rate in FALSE_ALARMS:
        value, interval = roc.tpr_at(rate, ours, theirs, rng=rng, level=level)
        out[f"{rate:g}"] = {"value": value, "interval": list(interval)}
    return out


def _halved(members: Rows, others: Rows) -> tuple[Rows, Rows]:
    """No person stands in both halves."""
    return (members[0], members[1] % 2), (others[0], others[1] % 2)


def _highest(scores: Floats, person: Codes) -> Floats:
    """The highest score of each person, whose rows stand together."""
    return np.maximum.reduceat(scores, np.flatnonzero(np.diff(person, prepend=-1)))
