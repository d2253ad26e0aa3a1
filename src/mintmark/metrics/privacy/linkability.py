"""Can two tables about the same people be joined through the synthetic data?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Points
from mintmark.metrics.privacy.people_in_words import beyond_chance, counted
from mintmark.metrics.privacy.stage import Parties, entropy
from mintmark.metrics.privacy.trial import Outcome


@dataclass(frozen=True)
class Linkability:
    """A hospital knows one half of the columns about people, a bank the other: do the synthetic rows join the two?

    For each person the attacker looks for the synthetic rows nearest in the one half of the columns, and for those
    nearest in the other half. Where a row is among both, the two records are held to be one person's. The columns are
    dealt to the halves in turn, from the one whose values tell most downwards, so that both can tell people apart.
    The value is the share of members that are linked so, less the share of people that the generator never saw: 0 is
    best, 1 the worst. All rows that are equally near count as nearest, for members as for others.

    Interval: Newcombe 1998, for the difference of two shares. After Giomi et al. 2023 (anonymeter), with one neighbour
    and its ties. It cannot see links that need another split of the columns, or more than two tables.
    """

    targets: int = Field(1_000, ge=100)
    """Most members, and most others, that are attacked."""
    minimum: int = Field(50, ge=10)
    """Fewest members, and fewest others."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"targets": 5_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share of links; details hold success, control and the naive attacker.

        Raises CannotMeasure with fewer than `minimum` real rows on a side, or with a single column.
        """
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        if len(parties.space.columns) < 2:
            raise CannotMeasure("there is nothing to link", found="one column that can be compared")
        members, others = parties.members[: self.targets], parties.others[: self.targets]
        targets = np.concatenate([members, others])
        halves = _halves(parties)
        linked = _linked(*(_seen_in(part, parties, targets) for part in halves))
        outcome = Outcome.of(linked[: len(members)], linked[len(members) :], 1 / len(parties.published))
        people = counted(case.need(Role.TRAIN))
        details = {
            **outcome.to_json(),
            "targets": len(members),
            "controls": len(others),
            "halves": [[parties.space.names[place] for place in part] for part in halves],
            "words": f"Two tables that hold different facts about the same person can be joined through the synthetic "
            f"rows for {100 * outcome.hits / outcome.targets:.1f} of 100 people whose records the generator saw, and "
            f"for {100 * outcome.control_hits / outcome.controls:.1f} of 100 others. Of {people:,} people, "
            f"having been in the data links {beyond_chance(outcome.excess, outcome.interval(), people)}. Only one way "
            f"to halve the columns was tried.",
            **parties.note,
        }
        return Reading(outcome.excess, outcome.interval(), len(targets), details)


_BLOCK = 1 << 22
_ROUNDING = 1e-5


def _halves(parties: Parties) -> tuple[list[int], list[int]]:
    """Positions of columns: the most telling one, the second and third, the fourth and fifth, … by turns."""
    order = sorted(range(len(parties.space.columns)), key=lambda place: -entropy(parties.members[:5_000, place]))
    first = sorted(place for rank, place in enumerate(order) if rank % 4 in (0, 3))
    return first, sorted(set(order) - set(first))


def _seen_in(part: list[int], parties: Parties, targets: Floats) -> tuple[Points, Points]:
    """Targets and published rows as points of these columns alone."""
    place = parties.place_of(part)
    return place.points(targets[:, part]), place.points(parties.published[:, part])


def _linked(one: tuple[Points, Points], two: tuple[Points, Points]) -> NDArray[np.bool_]:
    """For which targets some published row is among the nearest in both halves; each half is (targets, published)."""
    count, pool = len(one[0]), len(one[1])
    step = max(1, _BLOCK // pool)
    out = np.zeros(count, dtype=bool)
    for start in range(0, count, step):
        part = slice(start, start + step)
        out[part] = (_among_nearest(one[0][part], one[1]) & _among_nearest(two[0][part], two[1])).any(axis=1)
    return out


def _among_nearest(targets: Points, pool: Points) -> NDArray[np.bool_]:
    """Which points of the pool lie nearest to each target, ties included; shape (targets, pool)."""
    nearness = targets @ pool.T - np.einsum("ij,ij->i", pool, pool) / 2
    return nearness >= nearness.max(axis=1, keepdims=True) - _ROUNDING
