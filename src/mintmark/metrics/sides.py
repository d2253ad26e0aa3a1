"""Equal numbers of real and synthetic rows, in common codes: what two-sample questions are put to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.metrics.enough import MINIMUM, enough
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import LEVELS

COLUMNS = 500
"""Most columns that are compared."""
AXES = 512
"""Most axes of a space of distances: the work on some questions grows with their square or cube."""


@dataclass(frozen=True)
class Sides:
    """Two tables of `n` rows each, shape (n, columns); missing is NaN."""

    space: Space
    real: Floats
    made: Floats
    caps: Mapping[str, str]
    """Which rows and columns were left out, in words, for the details of a reading."""

    @property
    def n(self) -> int:
        """Rows on each side."""
        return len(self.real)

    def note(self) -> dict[str, Any]:
        """What a reading's details say of rows and columns that were not compared."""
        return {**self.caps, **self.space.note()}


def sides(
    case: Case,
    most: int,
    rng: np.random.Generator,
    *,
    minimum: int = MINIMUM,
    columns: int = COLUMNS,
    axes: int | None = None,
) -> Sides:
    """At most `most` rows of the reference and as many synthetic ones, drawn at random; CannotMeasure where few.

    Of more than `columns` columns that many are drawn too, the target among them; of more than `axes` axes in the space
    of distances (see `neighbours.Map`), as many columns as they allow.
    """
    real, synthetic = case.reference, case.need(Role.SYNTHETIC)
    enough(minimum, synthetic=len(synthetic), real=len(real))
    n = min(len(real), len(synthetic), most)
    kept = [_some(data, n, rng) for data in (real, synthetic)]
    space = narrowed(Space.of(*kept), columns, axes, case.target, rng)
    caps = {}
    if max(len(real), len(synthetic)) > 1.01 * n:
        caps["capped"] = f"{n:,} of {len(real):,} real and {len(synthetic):,} synthetic rows, drawn at random"
    return Sides(space, space.matrix(kept[0]), space.matrix(kept[1]), caps)


def shared(case: Case, *data: Dataset, rng: np.random.Generator) -> Space:
    """The columns that all hold, the real data first; of more than `COLUMNS` that many, drawn at random.

    The target and the sensitive columns are always among them. CannotMeasure where there are none.
    """
    return narrowed(Space.of(*data), COLUMNS, None, case.target, rng, also=case.sensitive)


def narrowed(
    space: Space,
    columns: int,
    axes: int | None,
    target: str | None,
    rng: np.random.Generator,
    *,
    also: Sequence[str] = (),
) -> Space:
    """At most so many columns, and as many of them as so many axes allow; drawn at random, the target first."""
    widths = [min(len(column.levels), LEVELS) + 2 if column.discrete else 2 for column in space.columns]
    if len(widths) <= columns and (axes is None or sum(widths) <= axes):
        return space
    order = rng.permutation(len(widths)).tolist()
    first = [target, *also]
    order.sort(key=lambda j: first.index(name) if (name := space.columns[j].name) in first else len(first))
    room = np.cumsum([widths[j] for j in order]) <= (axes or np.inf)
    kept = sorted(order[: max(1, min(columns, int(room.sum())))])
    return replace(space, columns=tuple(space.columns[j] for j in kept), whole=len(widths))


def _some(data: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    return data if len(data) == n else data.select(np.sort(rng.permutation(len(data))[:n]))
