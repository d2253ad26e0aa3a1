"""Is a synthetic row nearer to the real row that it resembles most than any other real row is?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import balls
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.neighbours import Map, Points
from mintmark.metrics.privacy.people_in_words import about
from mintmark.metrics.sides import AXES, COLUMNS, narrowed


@dataclass(frozen=True)
class Authenticity:
    """Somebody finds the training row that a synthetic one resembles most, and asks whether it was merely blurred.

    The value is the share of synthetic rows that lie farther from their nearest training row than that row does from
    its own nearest other one (Alaa et al. 2022), among ranks of numbers and levels; the rest pass for noisy copies.
    Copies score 0. Fresh real rows are far from 1: two of three of them are "copies" with one column, and half or so
    with many (two rows are each other's nearest by chance), so that only the distance from the ceiling speaks.

    Here real-to-real distances belong to the training row in question; a widely copied implementation looks them up
    under the number of the synthetic row. No training row is left out, for a subset hides what was copied from the
    rest. Like all average distances this is a smoke alarm and no proof of privacy (Ganev & De Cristofaro 2025): a
    generator that gives away one person in a hundred passes. See `privacy.membership`.

    Interval: exact binomial, widened for rows that share a neighbour (see `balls.share`).
    """

    rows: int = Field(5000, ge=30)
    """Most synthetic rows."""

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "default": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share of authentic rows; details name the space and what was left out."""
        synthetic, train = case.need(Role.SYNTHETIC), case.need(Role.TRAIN)
        enough(synthetic=len(synthetic), train=len(train))
        whole = Space.of(train, synthetic)
        space = narrowed(whole, COLUMNS, AXES, case.target, rng)
        made, seen = space.matrix(synthetic), space.matrix(train)
        made = made[np.sort(rng.permutation(len(made))[: self.rows])]
        map_ = Map.of(space, seen)
        originals = map_.points(seen)
        value, interval = balls.share(authentic(map_.points(made), originals))
        rows_left = {"capped": f"{len(made):,} of {len(synthetic):,} synthetic rows, drawn at random"}
        columns_left = {"columns_compared": f"{len(space.columns):,} of {len(whole.columns):,}, drawn at random"}
        details = {
            "space": f"ranks and levels, {originals.shape[1]} axes",
            "train_rows": len(seen),
            "words": f"Of {len(synthetic):,} synthetic rows, {about(1 - value, len(synthetic))} lie nearer to a real "
            f"person’s record than that of any other person does. Fresh people do so too, half or more of them: only "
            f"more than at the ceiling would point to blurred copies, and less is no proof that nobody is recognised.",
            **(rows_left if len(made) < len(synthetic) else {}),
            **(columns_left if len(space.columns) < len(whole.columns) else {}),
            **space.note(),
        }
        return Reading(value, interval, len(made), details)


def authentic(made: Points, originals: Points) -> NDArray[np.bool_]:
    """Which synthetic points lie farther from their nearest original than that lies from its own nearest other one."""
    place, squares = balls.nearest(made, originals)
    used, back = np.unique(place, return_inverse=True)
    return squares > balls.radii(originals, 1, of=used)[back]
