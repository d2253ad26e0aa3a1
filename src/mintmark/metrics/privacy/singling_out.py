"""Can an attacker describe exactly one real person from the synthetic data alone?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics.cells import Cut, Places, evenly
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import unless_chance
from mintmark.metrics.privacy.stage import Parties
from mintmark.metrics.privacy.trial import Outcome

BINS = 50
"""Numbers are described by the fiftieth of the synthetic values that they lie in."""
COMMON = 10
"""Synthetic rows that each part of a description must fit."""


@dataclass(frozen=True)
class SinglingOut:
    """Somebody who holds nothing but the synthetic table writes descriptions that each fit exactly one real person.

    "A widow, in the top fiftieth by wage, who works in farming": a description takes three to six columns of one
    synthetic row, levels as they are and numbers by the fiftieth that they lie in, and fits no other synthetic row. It
    succeeds where exactly one training row fits it. Some fit one person by chance, so the same descriptions are held
    against as many unseen people; the value is the share of successes less that control: 0 is best. Each synthetic row
    is described once at most, and the attacker keeps only descriptions of which every part fits ten synthetic rows or
    more: that a single value is rare or copied is a matter of its column alone, which independent columns reveal as
    well. Such values are told apart, in the details ("univariate": values that stand once in the synthetic column and
    once among the people), as is what descriptions by random values achieve ("naive").

    Interval: Newcombe 1998, for the difference of two shares. After Giomi et al. 2023 (anonymeter); the notion is that
    of Cohen & Nissim 2020. Only descriptions of this form are tried: others may do better.
    """

    attempts: int = Field(1_000, ge=100)
    """Most descriptions."""
    combinations: int = Field(40, ge=1)
    """How many sets of columns they are made from."""
    minimum: int = Field(100, ge=30)
    """Fewest rows of each kind; and fewest descriptions, a third of it."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"attempts": 5_000, "combinations": 200},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share of descriptions that fit exactly one member.

        Raises CannotMeasure with fewer than `minimum` rows of any kind, or where hardly any description is unique.
        """
        parties = Parties.of(case, minimum=self.minimum, rng=rng)
        people = min(len(parties.members), len(parties.others))
        members, others = parties.members[:people], parties.others[:people]
        cuts = [
            Cut.of(column, parties.published[:, place], at=evenly(BINS), levels=BINS)
            for place, column in enumerate(parties.space.columns)
        ]
        published, ours, theirs = (_cells(cuts, rows) for rows in (parties.published, members, others))
        found, control, naive = self._tried(published, ours, theirs, rng)
        if 3 * len(found) < self.minimum:
            raise CannotMeasure(
                f"hardly any synthetic row can be described alone: at least {self.minimum // 3} are needed",
                found=f"{len(found)} among {len(published)} rows",
            )
        outcome = Outcome.of(found, control, float(naive.mean()))
        details = {
            **outcome.to_json(),
            "descriptions": len(found),
            "people": people,
            "univariate": _univariate(parties.published, members, others),
            "words": f"Of 100 descriptions written from the synthetic rows alone, {100 * found.mean():.0f} fit exactly "
            f"one of {people:,} people whose records the generator saw, and {100 * control.mean():.0f} exactly one of "
            f"as many others{unless_chance(outcome.interval(), 0)}. Who holds nothing but the data learns that "
            f"somebody of that description exists, and only as much more often as the first number is above the "
            f"second.",
            **parties.note,
        }
        return Reading(outcome.excess, outcome.interval(), len(found), details)

    def _tried(
        self, published: Places, members: Places, others: Places, rng: np.random.Generator
    ) -> tuple[NDArray[np.bool_], ...]:
        """For each description whether it fits one member, one other; and for each naive one whether one member."""
        common = np.column_stack([np.bincount(cells)[cells] >= COMMON for cells in published.T])
        shuffled = np.column_stack([rng.permutation(cells) for cells in published.T])
        each = -(-self.attempts // self.combinations)
        turn = rng.permutation(len(published)) % self.combinations
        answers: list[list[NDArray[np.bool_]]] = [[], [], []]
        for number in range(self.combinations):
            width = published.shape[1]
            columns = rng.permutation(width)[: rng.integers(min(3, width), min(6, width) + 1)]
            made, naive, ours, theirs = (_prints(rows[:, columns]) for rows in (published, shuffled, members, others))
            mine = np.flatnonzero(turn == number)
            usable = mine[common[mine][:, columns].all(axis=1) & (_count(made[mine], made) == 1)][:each]
            answers[0].append(_count(made[usable], ours) == 1)
            answers[1].append(_count(made[usable], theirs) == 1)
            answers[2].append(_count(naive[:each], ours) == 1)
        found, control, chance = (np.concatenate(parts) for parts in answers)
        return found, control, chance


def _cells(cuts: list[Cut], rows: Floats) -> Places:
    return np.column_stack([cut.place(rows[:, place]) for place, cut in enumerate(cuts)])


def _prints(cells: Places) -> NDArray[np.uint64]:
    """A number for each combination of cells, shape (n,): at most 52 cells in six columns leave no two alike."""
    weights = np.uint64(BINS + 2) ** np.arange(cells.shape[1], dtype=np.uint64)
    return cells.astype(np.uint64) @ weights


def _count(wanted: NDArray[Any], pool: NDArray[Any]) -> NDArray[np.int64]:
    """How often each wanted number stands in the pool."""
    ordered = np.sort(pool)
    return np.searchsorted(ordered, wanted, "right") - np.searchsorted(ordered, wanted, "left")


def _univariate(published: Floats, members: Floats, others: Floats) -> dict[str, Any]:
    """Values that stand once in their synthetic column: how many stand once among members, and among others?"""
    hits, control, tried = 0, 0, 0
    for made, ours, theirs in zip(published.T, members.T, others.T, strict=True):
        values, counts = np.unique(made[~np.isnan(made)], return_counts=True)
        single = values[counts == 1]
        tried += len(single)
        hits += int((_count(single, ours) == 1).sum())
        control += int((_count(single, theirs) == 1).sum())
    if not tried:
        return {"success": None, "control": None, "values": 0}
    return {"success": hits / tried, "control": control / tried, "values": tried}
