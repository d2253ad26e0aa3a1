"""How many people stand out by a few facts that others may know of them, and stand so in the synthetic data too?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column
from mintmark.metrics.cells import Cut, Places, evenly
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import about, beyond_chance
from mintmark.metrics.privacy.stage import Parties, entropy, one_of_each, owners
from mintmark.metrics.privacy.trial import Outcome

BINS = 20
"""Numbers are known to the twentieth of people that they lie in."""
FEW = 10
"""Counts below this are not told."""


@dataclass(frozen=True)
class Uniqueness:
    """The privacy officer's view: neighbours know a few facts of a person, and these make the person one of a kind.

    The facts (quasi-identifiers) are the sensitive columns and the columns that tell people apart best, numbers to
    about a twentieth. A person is one of a kind where no other real person, seen or unseen, shares the combination.
    The value is the share of training people who are, and whose combination stands in the synthetic data, less the
    same share of unseen people: 0 is best. Where it is above, synthetic rows carry combinations of single people.

    Details hold the facts, the share of training people who are alone, and how many real people, seen or unseen, share
    the facts of each synthetic row (k-map, Sweeney 2002: the smallest such number is k): none, one, 2 to 4, 5 to 9, or
    10 and more. The real rows stand for the population: who is alone among them (sample unique) may have doubles
    outside, so that all of this overstates how many are alone in the world (Skinner & Elliot 2002). Counts below ten
    are not told.
    Interval: Newcombe 1998, for the difference of two shares. It cannot see what an attacker with other facts knows.
    """

    facts: int = Field(5, ge=1, le=20)
    """How many columns others know, the sensitive ones included."""
    minimum: int = Field(100, ge=30)
    """Fewest real people on each side."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share of people who are one of a kind and stand in the synthetic data."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        facts = self._facts(case, parties)
        train, holdout = case.need(Role.TRAIN), case.need(Role.HOLDOUT)
        ours, theirs = (one_of_each(codes, rng) for codes in owners(train, holdout))
        parts = [each.only(facts) for each in (train.select(ours), holdout.select(theirs), case.synthetic)]
        group, made_group = _groups(*parts)
        count = len(ours)
        alone = np.bincount(group)[group] == 1
        exposed = alone & np.isin(group, made_group)
        outcome = Outcome.of(exposed[:count], exposed[count:], 0.0)
        sharing = np.bincount(group, minlength=int(max(group.max(), made_group.max())) + 1)[made_group]
        details = {
            "facts": facts,
            "one_of_a_kind": _careful(int(alone[:count].sum()), count),
            "one_of_a_kind_and_released": _careful(int(exposed[:count].sum()), count),
            "the_same_of_unseen_people": _careful(int(exposed[count:].sum()), len(theirs)),
            "synthetic_rows_by_people_who_share_their_facts": _k_map(sharing),
            "train_rows": count,
            "holdout_rows": len(theirs),
            "words": _words(outcome),
            **parties.note,
        }
        return Reading(outcome.excess, outcome.interval(), len(group), details)

    def _facts(self, case: Case, parties: Parties) -> list[str]:
        names = parties.space.names
        cells = [
            _cut(column, parties.members[:, place]).place(parties.members[:, place])
            for place, column in enumerate(parties.space.columns)
        ]
        telling = sorted(names, key=lambda name: -entropy(cells[names.index(name)].astype(np.float64)))
        named = [name for name in case.sensitive if name in names]
        return list(dict.fromkeys([*named, *telling]))[: max(self.facts, len(named))]


def _cut(column: Column, values: Floats) -> Cut:
    return Cut.of(column, values, at=evenly(BINS), levels=len(column.levels))


def _groups(train: Dataset, holdout: Dataset, synthetic: Dataset) -> tuple[Places, Places]:
    """A number for each real row, and for each synthetic one: equal where all facts are."""
    space = Space.of(train, synthetic, holdout)
    real = np.concatenate([space.matrix(train), space.matrix(holdout)])
    made = space.matrix(synthetic)
    found = np.zeros(len(real) + len(made), dtype=np.int64)
    for place, column in enumerate(space.columns):
        cut = _cut(column, real[:, place])
        cells = np.concatenate([cut.place(real[:, place]), cut.place(made[:, place])])
        found = np.unique(found * cut.size + cells, return_inverse=True)[1].astype(np.int64)
    return found[: len(real)], found[len(real) :]


def _k_map(sharing: Places) -> dict[str, float]:
    bands = {"none": (0, 0), "1": (1, 1), "2 to 4": (2, 4), "5 to 9": (5, 9), "10 and more": (10, np.inf)}
    return {name: float(((sharing >= low) & (sharing <= high)).mean()) for name, (low, high) in bands.items()}


def _careful(count: int, total: int) -> dict[str, Any]:
    if 0 < count < FEW:
        return {"people": f"under {FEW}", "share": f"under {FEW / total:.2g}"}
    return {"people": count, "share": count / total}


def _words(outcome: Outcome) -> str:
    seen, unseen = outcome.hits / outcome.targets, outcome.control_hits / outcome.controls
    return (
        f"Of the {outcome.targets:,} people whose records the generator saw, {about(seen, outcome.targets)} are one of "
        f"a kind by a few facts that a synthetic row shows; of as many people that it never saw, it would be "
        f"{about(unseen, outcome.targets)}. Having been in the data so exposes "
        f"{beyond_chance(outcome.excess, outcome.interval(), outcome.targets)}. Who knows these facts "
        f"of a person may take that row for theirs; people outside the real data may share them, and other facts may "
        f"single out others."
    )
