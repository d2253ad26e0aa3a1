"""How many of the rows are different rows?"""

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, rows
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role

Counts = NDArray[np.integer]


@dataclass(frozen=True)
class Distinct:
    """Somebody strikes out every row that was there before: how much is left, and how much is left of real rows?

    The share of distinct rows is taken on both sides at equal n (distinct-n of whole rows), and r is the synthetic one
    over the real one. The value is min(r, 1 / r): 1 is best. Where r is below 1 the generator repeats itself, as one
    does that has collapsed to a few prototypes, however different these are from each other; where it is above 1, real
    people share more records than its rows do. Rows that differ in the last digit of one number are distinct: for those
    see `coverage.diversity`. In a table with a fine number in every row nearly all rows are distinct, copies or not.

    Interval: each share has the jackknife's variance p (1 − p) / (n − 1), with p the share of rows that are the only
    ones of their kind, for striking out any other row leaves the count as it is (Efron & Stein 1981: too large rather
    than too small); of the ratio on the log scale, by the delta method.
    """

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the two shares are; details hold both."""
        real, synthetic = case.reference, case.need(Role.SYNTHETIC)
        enough(synthetic=len(synthetic), real=len(real))
        n = min(len(real), len(synthetic))
        space = Space.of(real, synthetic)
        prints = (each.sum(axis=1) for each in rows.parts(space, real, synthetic))
        theirs, ours = (np.unique(rng.permutation(each)[:n], return_counts=True)[1] for each in prints)
        ratio = len(ours) / len(theirs)
        variance = _variance(theirs) + _variance(ours)
        low, high = (float(np.exp(end)) for end in intervals.normal(float(np.log(ratio)), variance, (-50.0, 50.0)))
        details = {
            "ratio": ratio,
            "ratio_interval": [low, high],
            "distinct_rows": {"real": len(theirs) / n, "synthetic": len(ours) / n},
            **space.note(),
        }
        return Reading(balance(ratio), balances(low, high), n, details)


def _variance(times: Counts) -> float:
    """Of ln(distinct / n), from how often each distinct row is there; never 0, for no sample is that sure."""
    n = int(times.sum())
    single = (np.count_nonzero(times == 1) + 1) / (n + 2)
    return single * (1 - single) / (n - 1) / (len(times) / n) ** 2
