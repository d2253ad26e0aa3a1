"""How many synthetic rows lie nearer to a training row than fresh real rows do?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, neighbours
from mintmark.metrics.closest import affordable, closest
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.stage import Parties


@dataclass(frozen=True)
class NearCopies:
    """A generator that adds a little noise to real records passes a look-up: somebody looks for rows that lie too near.

    How near is too near, fresh real people say: the radius is that within which only 1 % of the holdout rows have a
    training row (the first percentile of their nearest distances; in a table where people repeat each other it is 0).
    The value is the share of synthetic rows within that radius of a training row, less the share of the holdout's. 0 is
    best, 0.99 the worst; below 0, the synthetic rows keep farther off than people do. All training rows are searched.

    Distances: numbers by their rank, levels apart by a fixed step (`neighbours.Map`). Interval: Newcombe 1998, for the
    difference of two shares; that the radius is itself an order statistic of the holdout is the same binomial noise.
    What it cannot see: a leak that is spread thinly over many rows, as in rates or models; the attacks look for those.
    """

    radius: float = Field(0.01, gt=0, lt=0.5)
    """The share of fresh real rows that lie within the radius."""
    queries: int = Field(1_500, ge=100)
    """Most synthetic, and most fresh, rows whose nearest training row is sought."""
    minimum: int = Field(100, ge=30)
    """Fewest fresh real rows."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"queries": 25_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share; details hold the radius and both shares."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng, most=None)
        everybody = parties.space.matrix(case.need(Role.TRAIN))
        cap = affordable(self.queries, len(everybody))
        place = neighbours.Map.of(parties.space, everybody)
        asked = np.concatenate([parties.published[:cap], parties.others[:cap]])
        distance, _ = closest(place.points(asked), everybody, place.points)
        far, usual = np.split(distance, [min(cap, len(parties.published))])
        radius = float(np.quantile(usual, self.radius, method="inverted_cdf"))
        limit = radius * (1 + _ROUNDING)
        hits, chance = int((far <= limit).sum()), int((usual <= limit).sum())
        value = hits / len(far) - chance / len(usual)
        interval = intervals.difference(hits, len(far), chance, len(usual))
        details = {
            "radius": radius,
            "share": hits / len(far),
            "share_of_fresh_rows": chance / len(usual),
            "queries": len(far),
            "fresh_rows": len(usual),
            "train_rows": len(everybody),
            "median_distance": float(np.median(far)),
            "median_distance_of_fresh_rows": float(np.median(usual)),
            "words": _words(value, interval, self.radius),
            **parties.note,
        }
        return Reading(value, interval, len(far), details)


_ROUNDING = 1e-6


def _words(value: float, interval: Interval, radius: float) -> str:
    worst = f"at worst {1000 * max(0.0, interval[1]):.0f}"
    if interval[0] <= 0:
        return (
            f"Synthetic rows come no nearer to a real person’s record than other people’s records do, as far as chance "
            f"lets one see ({worst} of every 1,000 more than should)."
        )
    return (
        f"About {1000 * value:.0f} ({worst}) of every 1,000 synthetic rows lie nearer to a real person’s record than "
        f"chance has it: as near as only {100 * radius:.2g} in 100 other people lie."
    )
