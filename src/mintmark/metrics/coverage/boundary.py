"""Do numbers keep within the bounds of the real ones?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic.dataclasses import dataclass

from mintmark.data.schema import Column
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Floats, Space
from mintmark.metrics.metric import Case, Role

SHOWN = 20


@dataclass(frozen=True)
class Boundary:
    """A warehouse has no shelf for a parcel of minus two kilograms: how many numbers lie where no real one lies?

    For each column of numbers, the share of synthetic values that lie between the smallest and the largest real one,
    both included ("boundary adherence"); codes that are no quantities and missing values are left aside. The value is
    the mean over columns; 1 is best. Of fresh real rows one in (n + 1) / 2 lies beyond the bounds of n others: the
    ceiling shows it. Columns drawn independently keep their bounds, so the floor is as good. Whether values reach the
    bounds is another question: a constant keeps within them all (see `coverage.tails` and `coverage.extremes`).

    Interval: each row has the mean share of its own values, between 0 and 1, and no such mean varies more than a coin
    of the same chance: the exact interval of a share (Clopper & Pearson 1934) therefore covers at least as often as it
    says. Where values are missing, n is that of the emptiest column. It holds for the real rows at hand, which set the
    bounds.
    """

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """The mean share; details hold the columns that leave their bounds most, and to which side, but no bound.

        Raises CannotMeasure where no column of numbers has a value on both sides.
        """
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        space = Space.of(real, synthetic)
        X, Y = space.matrix(real), space.matrix(synthetic)
        columns = [
            found
            for j, column in enumerate(space.columns)
            if column.numeric and (found := _sides(column, X[:, j], Y[:, j])) is not None
        ]
        if not columns:
            raise CannotMeasure("no column of numbers has values on both sides")
        value = float(np.mean([1 - found["below"] - found["above"] for found in columns]))
        leaving = [found for found in columns if found["below"] + found["above"] > 0]
        leaving.sort(key=lambda found: -(found["below"] + found["above"]))
        n = min(found["values"] for found in columns)
        details = {"leaving": leaving[:SHOWN], "columns": len(columns), **space.note()}
        return Reading(value, intervals.proportion(value * n, n), n, details)


def _sides(column: Column, real: Floats, made: Floats) -> dict[str, Any] | None:
    """The shares of synthetic values below and above all real ones; None where either side has no value."""
    known, asked = (values[~np.isnan(values) & ~np.isin(values, column.specials)] for values in (real, made))
    known = known[np.isfinite(known)]
    if not len(known) or not len(asked):
        return None
    below, above = float((asked < known.min()).mean()), float((asked > known.max()).mean())
    return {"column": column.name, "below": below, "above": above, "values": len(asked)}
