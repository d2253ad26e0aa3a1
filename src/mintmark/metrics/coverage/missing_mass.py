"""How large a share of reality lies in combinations that the synthetic data never shows?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.data.schema import Column
from mintmark.metrics import cells, combos, intervals, jackknife
from mintmark.metrics.cells import Cut
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role


@dataclass(frozen=True)
class MissingMass:
    """The next person comes in by the door: how likely is it that the synthetic data never showed anybody like that?

    "Like that" means the same cell of a combination of `ways` columns, numbers cut into `bins`. The value is the
    probability of a real row to lie in a cell without any synthetic row, averaged over combinations of columns; 0 is
    best. T rows of the very distribution p miss Σ p (1 − p)^T of it on average (Good 1953), and the ceiling shows that.

    Details hold the Good–Turing estimate of both tables, the share of cells' rows that were seen once: what as many
    rows of the same kind would leave out. A value above the real table's is mass that the generator lost; a synthetic
    estimate below the real one means that it repeats itself. It does not see what lies within a cell.

    Interval: the variance over real rows, plus the jackknife over blocks of synthetic rows. It holds for the
    combinations of columns that were drawn.
    """

    ways: int = Field(4, ge=1, le=8)
    bins: int = Field(5, ge=2, le=64)
    combinations: int = Field(100, ge=1)
    """Most combinations of columns; of more, that many are drawn at random."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"combinations": 1000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The mass that is missing; details set the Good–Turing estimates of both tables beside it."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        cuts = [self._cut(column, X[:, j], Y[:, j]) for j, column in enumerate(space.columns)]
        block = intervals.blocks(len(Y), rng)
        lost, missed, asked = np.zeros(int(block.max()) + 1), np.zeros(len(X)), 0
        once = np.zeros(2)
        for combo in combos.combos(cuts, (X, Y), self.ways, self.combinations):
            ours, theirs = combo.counts(0), combo.counts(1)
            missed += theirs[combo.tables[0]] == 0
            alone = combos.sole(combo.tables[1], block, combo.size)
            lost += np.bincount(alone[alone >= 0], weights=ours[alone >= 0], minlength=len(lost))
            once += [np.mean(ours == 1) * combo.size / len(X), np.mean(theirs == 1) * combo.size / len(Y)]
            asked += 1
        missed, lost, once = missed / asked, lost / asked / len(X), once / asked
        variance = float(missed.var(ddof=1)) / len(X) + jackknife.variance(lost)
        value = float(missed.mean())
        details = {
            "good_turing_real": float(once[0]),
            "good_turing_synthetic": float(once[1]),
            "ways": min(self.ways, len(cuts)),
            "combinations": asked,
            **space.note(),
        }
        return Reading(value, _interval(value, variance, len(X)), min(len(X), len(Y)), details)

    def _cut(self, column: Column, real: Floats, made: Floats) -> Cut:
        """Levels that only the synthetic data has are cells too: its Good–Turing estimate would take them for one."""
        both = np.concatenate([real, made]) if column.discrete else real
        return Cut.of(column, both, at=cells.evenly(self.bins), levels=200)


def _interval(value: float, variance: float, n: int) -> tuple[float, float]:
    """No n rows are so sure of nothing that the mass they did not see could not be three in n."""
    low, high = intervals.normal(value, variance, (0.0, 1.0))
    return low, max(high, min(1.0, intervals.proportion(0, n)[1]) if value == 0 else high)
