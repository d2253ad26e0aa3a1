"""Is the nearest real row of a synthetic one a training row more often than chance has it?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals, neighbours
from mintmark.metrics.closest import affordable, closest
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import unless_chance
from mintmark.metrics.privacy.stage import Parties, owners


@dataclass(frozen=True)
class Distance:
    """A smoke alarm, and no evidence of privacy: synthetic rows crowd around the rows that the generator saw.

    All real rows, seen and unseen, lie in one pool, and each synthetic row points at its nearest ("distance to the
    closest record", DCR). Had the generator learnt nothing of its training rows in particular, these would be pointed
    at in their true share of the pool, n_train/(n_train + n_holdout), and not half the time. The value is the excess
    over that share on a scale where 0 is the share itself and 1 says that every row points at a training row, as exact
    copies do; below 0, at unseen ones. The pool is never thinned: dropping training rows drops the ones that leaked.

    Interval: exact binomial (Clopper & Pearson) at the effective number of rows (Σc)²/Σc², with c synthetic rows
    pointing at the same real one (or at rows of the same person, where these are named): whether that one was seen is a
    single draw, which plain intervals count c times.
    One synthetic row gives an interval that says almost nothing. Ties fall to either side at random.

    A good value proves nothing: models that leak whom they saw to a membership attack keep this share at chance (Yao et
    al. 2025, arXiv:2505.01524). A bad one is worth looking into.
    """

    queries: int = Field(1_500, ge=100)
    """Most synthetic rows whose nearest real row is sought."""
    minimum: int = Field(30, ge=1)
    """Fewest training rows, and fewest unseen ones."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"queries": 25_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess; details hold the share and the share that chance would give."""
        parties = Parties.of(case, minimum=self.minimum, rng=rng, most=None)
        train, holdout = case.need(Role.TRAIN), case.need(Role.HOLDOUT)
        real = np.concatenate([parties.space.matrix(train), parties.space.matrix(holdout)])
        order = rng.permutation(len(real))
        place = neighbours.Map.of(parties.space, real)
        made = place.points(parties.published[: affordable(self.queries, len(real))])
        far, winners = closest(made, real[order], place.points)
        share, null = float((order[winners] < len(train)).mean()), len(train) / len(real)
        crowds = np.unique(np.concatenate(owners(train, holdout))[order[winners]], return_counts=True)[1]
        effective = int(len(winners) ** 2 // (crowds**2).sum())
        low, high = intervals.proportion(share * effective, effective)
        details = {
            "share": share,
            "share_interval": [low, high],
            "null": null,
            "effective_rows": effective,
            "median_distance": float(np.median(far)),
            "queries": len(winners),
            "train_rows": len(train),
            "holdout_rows": len(holdout),
            "is": "a smoke alarm: a good value is no evidence of privacy (arXiv:2505.01524)",
            "words": f"{100 * share:.1f} of 100 synthetic rows have a record that the generator saw as their nearest "
            f"real one; by chance it would be {100 * null:.1f}{unless_chance((low, high), null)}. A good value here is "
            f"no proof of privacy.",
            **parties.note,
        }
        value, *ends = ((each - null) / (1 - null) for each in (share, low, high))
        return Reading(value, (min(value, ends[0]), max(value, ends[1])), len(winners), details)
