"""Who attacks whom with what: the published rows, the people that were learnt from, and people that were not."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.metrics import neighbours
from mintmark.metrics.enough import enough
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Points

Codes = NDArray[np.int64]

WIDTH = 600
"""Most coordinates in which an attacker compares rows: two for a number, one for each of at most fifty levels."""
PUBLISHED = 50_000
"""Most synthetic rows that an attacker searches."""
PEOPLE = 25_000
"""Most real people of either kind, where an attack does not need all of them."""
SPANNING = 5_000
"""Most members, and most others, that say how far apart values are."""


@dataclass(frozen=True)
class Parties:
    """Rows in random order, as matrices of one space, shape (n, columns).

    Where the schema says whose rows are whose, there is one row of each real person: several would speak for each
    other, an unseen person's own rows among them, and count as more people than they are.
    """

    space: Space
    published: Floats
    members: Floats
    """Real people that the generator learnt from."""
    others: Floats
    """Real people that it did not."""
    note: dict[str, Any]
    """What was left out, for the details of a reading."""

    @classmethod
    def of(
        cls,
        case: Case,
        *,
        minimum: int,
        rng: np.random.Generator,
        most: int | None = PEOPLE,
        without: tuple[str, ...] = (),
    ) -> "Parties":
        """All three, with the columns that they share; CannotMeasure with fewer than `minimum` real people of a kind.

        Nor with fewer than 30 published rows: they harm nobody to speak of, and say as little of what their sampler
        would give away.

        `most` bounds the real people of either kind, and `without` names columns that nobody compares.
        """
        synthetic, train, holdout = (case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT))
        enough(synthetic=len(synthetic))
        ours, theirs = (one_of_each(codes, rng) for codes in owners(train, holdout))
        enough(minimum, train=len(ours), holdout=len(theirs))
        alone = len(ours) == len(train) and len(theirs) == len(holdout)
        members, others = train.select(ours[:most]), holdout.select(theirs[:most])
        published = synthetic.select(rng.permutation(len(synthetic))[:PUBLISHED])
        space = Space.of(members, published, others)
        known = space.matrix(members)
        kept = _telling(space, known, without)
        narrow = replace(space, columns=tuple(space.columns[place] for place in kept))
        note = {
            "synthetic_rows": len(published),
            "columns_compared": len(kept),
            **({"columns_not_compared": len(space.columns) - len(kept)} if len(kept) < len(space.columns) else {}),
            **({} if alone else {"one_row_of_each": train.columns.group}),
            **narrow.note(),
        }
        return cls(narrow, narrow.matrix(published), known[:, kept], narrow.matrix(others), note)

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
        return neighbours.Map(tuple(self.place.columns[place] for place in columns))


def owners(*datasets: Dataset) -> list[Codes]:
    """Whose each row is, shape (n,) each, in common codes; every row is its own where nobody says whose it is."""
    ends = np.cumsum([len(each) for each in datasets])[:-1]
    count = sum(map(len, datasets))
    group = datasets[0].columns.group
    if group is None or any(group not in each.columns.names for each in datasets):
        return np.split(np.arange(count), ends)
    words = pa.concat_arrays([arrays.text(each.table[group]) for each in datasets])
    codes = pc.fill_null(words.dictionary_encode().indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.split(np.where(codes < 0, count + np.arange(count), codes), ends)


def one_of_each(codes: Codes, rng: np.random.Generator) -> Codes:
    """Positions of one random row of each owner, in random order."""
    order = rng.permutation(len(codes))
    first = np.unique(codes[order], return_index=True)[1]
    return order if len(first) == len(order) else order[np.sort(first)]


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
