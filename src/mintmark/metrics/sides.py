"""Equal numbers of real and synthetic rows, in common codes: what two-sample questions are put to."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mintmark.data.dataset import Dataset
from mintmark.metrics.enough import MINIMUM, enough
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class Sides:
    """Two tables of `n` rows each, shape (n, columns); missing is NaN."""

    space: Space
    real: Floats
    made: Floats
    capped: str
    """Which rows were left out, in words; empty where none were."""

    @property
    def n(self) -> int:
        """Rows on each side."""
        return len(self.real)

    def note(self) -> dict[str, Any]:
        """What a reading's details say of rows and columns that were not compared."""
        return {**({"capped": self.capped} if self.capped else {}), **self.space.note()}


def sides(case: Case, most: int, rng: np.random.Generator, *, minimum: int = MINIMUM) -> Sides:
    """At most `most` rows of the reference and as many synthetic ones, drawn at random; CannotMeasure where few."""
    real, synthetic = case.reference, case.need(Role.SYNTHETIC)
    enough(minimum, synthetic=len(synthetic), real=len(real))
    n = min(len(real), len(synthetic), most)
    kept = [_some(data, n, rng) for data in (real, synthetic)]
    space = Space.of(*kept)
    left_out = max(len(real), len(synthetic)) > 1.01 * n
    capped = f"{n:,} of {len(real):,} real and {len(synthetic):,} synthetic rows, drawn at random" if left_out else ""
    return Sides(space, space.matrix(kept[0]), space.matrix(kept[1]), capped)


def _some(data: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    return data if len(data) == n else data.select(np.sort(rng.permutation(len(data))[:n]))
