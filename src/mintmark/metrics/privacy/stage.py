"""Who attacks whom with what: the published rows, the people that were learnt from, and people that were not."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mintmark.metrics import neighbours
from mintmark.metrics.enough import enough
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Points

WIDTH = 600
"""Most coordinates in which an attacker compares rows: two for a number, one for each of at most fifty levels."""
PUBLISHED = 50_000
"""Most synthetic rows that an attacker searches."""
SPANNING = 5_000
"""Most members, and most others, that say how far apart values are."""


@dataclass(frozen=True)
class Parties:
    """Rows in random order, as matrices of one space, shape (n, columns)."""

    space: Space
    published: Floats
    members: Floats
    """Real people that the generator learnt from."""
    others: Floats
    """Real people that it did not."""
    note: dict[str, Any]
    """What was left out, for the details of a reading."""

    @classmethod
    def of(cls, case: Case, *, minimum: int, rng: np.random.Generator, without: tuple[str, ...] = ()) -> "Parties":
        """All three, with the columns that they share; CannotMeasure with fewer than `minimum` rows of any.

        `without` names columns that nobody compares.
        """
        synthetic, train, holdout = (case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT))
        enough(1, synthetic=len(synthetic))
        enough(minimum, train=len(train), holdout=len(holdout))
        space = Space.of(train, synthetic, holdout)
        published, members, others = (space.matrix(data) for data in (synthetic, train, holdout))
        kept = _telling(space, members, without)
        narrow = replace(space, columns=tuple(space.columns[place] for place in kept))
        published, members, others = (
            rows[rng.permutation(len(rows))][:, kept] for rows in (published, members, others)
        )
        note = {
            "synthetic_rows": min(len(published), PUBLISHED),
            "columns_compared": len(kept),
            **({"columns_not_compared": len(space.columns) - len(kept)} if len(kept) < len(space.columns) else {}),
            **narrow.note(),
        }
        return cls(narrow, published[:PUBLISHED], members, others, note)

    @cached_property
    def place(self) -> neighbours.Map:
        """The space of distances, spanned by as many members as others, so that it favours neither."""
        count = min(len(self.members), len(self.others), SPANNING)
        return neighbours.Map.of(self.space, np.concatenate([self.members[:count], self.others[:count]]))

    @cached_property
    def published_points(self) -> Points:
        """The published rows in that space, shape (n, width)."""
        return self.place.points(self.published)

    def place_of(self, columns: list[int]) -> neighbours.Map:
        """The same of some columns alone, given by their positions."""
        levels = frozenset(columns.index(place) for place in self.space.categorical if place in columns)
        return neighbours.Map(levels, tuple(self.place.known[place] for place in columns))


def entropy(values: Floats) -> float:
    """How widely values are spread, in nats: at most ln n."""
    _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    shares = counts / max(1, counts.sum())
    return float(-(shares * np.log(shares)).sum())


def _telling(space: Space, rows: Floats, without: tuple[str, ...]) -> list[int]:
    """Positions of the columns that tell most about who somebody is and fit into `WIDTH`, in their old order."""
    usable = [place for place, column in enumerate(space.columns) if column.name not in without]
    width = {place: _width(space, place) for place in usable}
    if sum(width.values()) <= WIDTH:
        return usable
    kept: list[int] = []
    for place in sorted(usable, key=lambda each: -entropy(rows[:SPANNING, each])):
        if sum(width[each] for each in kept) + width[place] <= WIDTH:
            kept.append(place)
    return sorted(kept)


def _width(space: Space, place: int) -> int:
    column = space.columns[place]
    return min(len(column.levels), neighbours.LEVELS) + 2 if column.discrete else 2
