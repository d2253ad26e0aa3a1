"""How many synthetic rows are exact copies of training rows, beyond what fresh real rows show?"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow.compute as pc
from pydantic.dataclasses import dataclass

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.metrics import intervals, rows
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Space
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.privacy.people_in_words import about


@dataclass(frozen=True)
class Copies:
    """Somebody who holds one person's true record looks it up in the published table: is it there, word for word?

    In a table with few columns people repeat each other, and a synthetic row may equal a training row by honest chance.
    So the value is a difference: the share of synthetic rows that equal some training row in every column, less the
    share of unseen real rows (the holdout) that do. 0 is best; below 0, the synthetic rows repeat less than people do.
    Details also tell near copies, equal in all columns but one, and which share of the synthetic keys are keys of
    training rows: keys are not compared, since rows that are numbered from 1 share them all, but a key may be a name or
    an address. Interval: Newcombe 1998, for the difference of shares.
    """

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """The excess share; details hold both shares, and the same of near copies."""
        synthetic, train, holdout = (case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT))
        enough(1, synthetic=len(synthetic), train=len(train), holdout=len(holdout))
        space = Space.of(train, synthetic, holdout)
        made, seen, fresh = rows.parts(space, synthetic, train, holdout)
        both = np.concatenate([made, fresh])
        exact, near = (
            [int(part.sum()) for part in np.split(find(both, seen), [len(made)])]
            for find in (rows.copied, rows.nearly_copied)
        )
        sizes = len(made), len(fresh)
        value = exact[0] / sizes[0] - exact[1] / sizes[1]
        interval = intervals.difference(exact[0], sizes[0], exact[1], sizes[1])
        repeated = float(rows.copied(seen, made).mean())
        keys = _keys(synthetic, train)
        details = {
            "copies": exact[0],
            "synthetic_share": exact[0] / sizes[0],
            "holdout_share": exact[1] / sizes[1],
            "near_copies": near[0],
            "near_synthetic_share": near[0] / sizes[0],
            "near_holdout_share": near[1] / sizes[1],
            "holdout_rows": sizes[1],
            "train_rows": len(seen),
            "keys_of_train_rows": keys,
            "words": _words(value, interval, sizes[0], repeated, len(seen)) + _words_on_keys(keys),
            "left_out": dict(space.left_out),
        }
        return Reading(value, interval, sizes[0], details)


def _keys(synthetic: Dataset, train: Dataset) -> dict[str, float]:
    """For each key the share of the synthetic values that training rows bear."""
    shares = {}
    for name in (column.name for column in train.columns.columns if column.kind == Kind.KEY):
        if name in synthetic.columns:
            made, seen = (arrays.text(data.table[name]).drop_null() for data in (synthetic, train))
            shares[name] = (pc.sum(pc.is_in(made, value_set=seen)).as_py() or 0) / max(1, len(made))
    return shares


def _words_on_keys(keys: dict[str, float]) -> str:
    real = [f"“{name}” of {100 * share:.2g} of 100 rows" for name, share in keys.items() if share > 0]
    if not real:
        return ""
    return (
        f" Keys of real records stand in it ({', '.join(real)}): harmless where rows are merely numbered, but a key "
        f"that is a name, an address or an account names the person."
    )


def _words(excess: float, interval: Interval, made: int, repeated: float, seen: int) -> str:
    shown = f"The records of {about(repeated, seen)} of {seen:,} people can be read off it word for word"
    if interval[0] <= 0:
        return (
            f"The data repeats real records no more often than fresh real rows do, as far as chance lets one see. "
            f"{shown}, which chance may explain."
        )
    return (
        f"Of {made:,} synthetic rows, {about(excess, made)} (at worst {about(interval[1], made)}) more than chance "
        f"makes repeat a real person’s record. {shown}, all that it holds of them; that no row is repeated would not "
        f"say that nobody is recognised."
    )
