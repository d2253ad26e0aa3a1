"""Do the training data and the holdout share rows, keys or groups, beyond what chance explains?

Real tables repeat themselves: of any two random parts of a census some rows are equal. So rows that both hold are
refused only where a random split would hardly ever share so many. Let m of N rows be drawn into the holdout. Were each
row dealt by a coin of its own with q = m/N, a kind of row that stands s times in both files together would be parted,
and lie in both, with probability 1 − qˢ − (1 − q)ˢ, independently of other kinds. Chernoff's inequality bounds the
chance that so many kinds are parted. That exactly m rows were drawn can raise it at most by the greatest probability of
Bin(a, q), where a rows are alone of their kind, over the probability of m under Bin(N, q).

Below `FALSE_ALARM` the overlap is refused; above, it is a note beside the evidence. Files that were each rid of
repeated rows on their own are no random split, and are refused too: such rows are to be dropped before splitting.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import binom

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure, DataError
from mintmark.metrics import rows
from mintmark.metrics.cells import told
from mintmark.metrics.features import Space

FALSE_ALARM = 1e-6
"""At most so often is a random split refused."""
NAMED = 5
"""Most pairs of rows that an error names."""

Places = NDArray[np.int64]


def refuse(train: Dataset, holdout: Dataset, *, where: str = "holdout") -> None:
    """DataError, with the rows, where the holdout is not unseen; both have the same columns and types.

    Refused are: the same data twice; a group of which both hold rows; more rows that are equal and bear the same key
    than keys agree by chance; and more equal rows than a random split shares. Keys that are equal while all else
    differs are no ground: where both files number their rows, each number stands in both.
    """
    if train.digest == holdout.digest:
        fix = "give real rows that the generator did not see, or leave the holdout out"
        raise DataError("these are the training data again", where=where, found=f"{len(train):,} equal rows", fix=fix)
    _refuse_groups(train, holdout, where)
    # Copies, so that what is worked out here does not stay in the memory of the data.
    equal = Equal.of(replace(train), replace(holdout))
    if equal is None:
        return
    _refuse_keys(train, holdout, equal, where)
    if equal.chance < FALSE_ALARM:
        wrong = f"{len(equal.shared):,} of the {len(holdout):,} holdout rows equal a training row, more than by chance"
        fix = (
            "take them out of the holdout; where repeated rows were dropped from each file on its own, "
            "drop them from both together"
        )
        raise DataError(wrong, where=where, found=_pairs(*equal.rarest()), fix=fix)


def notes(train: Dataset, holdout: Dataset) -> list[str]:
    """What evidence that stands on both must say of them; where their columns cannot be compared, nothing."""
    equal = Equal.of(train, holdout)
    if equal is None:
        return []
    out = []
    if len(equal.shared):
        out.append(f"{len(equal.shared) / len(holdout):.2%} of the holdout rows equal a training row")
    if equal.chance < FALSE_ALARM:
        out.append("training data and holdout share more rows than a random split would")
    for name in _keys(train, holdout):
        seen, unseen = _in_both(train, holdout, name)
        if len(unseen):
            rest = "some of them for equal rows" if equal.agreeing(seen, unseen).any() else "for other rows"
            out.append(f"{told(len(unseen))} values of {name} stand in training data and holdout, {rest}")
    return out


@dataclass(frozen=True)
class Equal:
    """Which rows of two tables are equal in all columns that are no keys."""

    seen: rows.Prints
    unseen: rows.Prints
    sizes: Places
    """How often each kind of row stands in both tables together, shape (kinds,)."""
    counts: Places
    """How often in the holdout, shape (kinds,)."""
    kind: Places
    """The kind of each holdout row, shape (n,)."""

    @classmethod
    def of(cls, train: Dataset, holdout: Dataset) -> "Equal | None":
        """None where there is nothing to compare."""
        if not len(train) or not len(holdout):
            return None
        try:
            space = Space.of(train, holdout)
        except CannotMeasure:
            return None
        seen, unseen = rows.prints(space, train, holdout)
        _, kind, sizes = np.unique(np.concatenate([seen, unseen]), return_inverse=True, return_counts=True)
        return cls(seen, unseen, sizes, np.bincount(kind[len(seen) :], minlength=len(sizes)), kind[len(seen) :])

    @property
    def shared(self) -> Places:
        """The holdout rows that equal a training row, those of rare kinds first."""
        found = np.flatnonzero((self.counts < self.sizes)[self.kind])
        return found[np.argsort(self.sizes[self.kind[found]], kind="stable")]

    @property
    def chance(self) -> float:
        """At most how often a random split parts so many kinds."""
        parted = int(((self.counts > 0) & (self.counts < self.sizes)).sum())
        return chance(self.sizes, parted, len(self.unseen))

    def agreeing(self, seen: Places, unseen: Places) -> NDArray[np.bool_]:
        """Which of these pairs of rows are equal."""
        return self.seen[seen] == self.unseen[unseen]

    def chance_of_keys(self, agreeing: int, both: int) -> float:
        """A bound on the probability that so many of the keys that both hold stand at equal rows, dealt at random.

        Markov's inequality for the r-th factorial moment of their number: at most (k)ᵣ pʳ / ((n)ᵣ (m)ᵣ), where k keys
        stand in both and p of all n · m pairs of rows are equal; r = what exceeds the mean is near the best.
        """
        n, m = len(self.seen), len(self.unseen)
        pairs = float(((self.sizes - self.counts) * self.counts).sum())
        mean = both * pairs / n / m
        if agreeing <= mean:
            return 1.0
        r = max(1, int(agreeing - mean))
        above, *below = (gammaln(size + 1) - gammaln(size - r + 1) for size in (both, n, m, agreeing))
        return float(np.exp(min(0.0, above + r * np.log(pairs) - sum(below))))

    def rarest(self) -> tuple[Places, Places]:
        """Pairs of equal rows, of training data and holdout, those of rare kinds first."""
        unseen = self.shared
        order = np.argsort(self.seen, kind="stable")
        return order[np.searchsorted(self.seen[order], self.unseen[unseen])], unseen


def chance(sizes: Places, parted: int, unseen: int) -> float:
    """A bound on the probability that a random split parts so many kinds of rows; see the head of this file.

    `sizes`, shape (kinds,), are the rows of each kind in all, `parted` the kinds with rows on both sides, and `unseen`
    the rows of the holdout.
    """
    total = int(sizes.sum())
    q = unseen / total
    size, kinds = np.unique(sizes[sizes > 1], return_counts=True)
    p = 1 - q**size - (1 - q) ** size
    if parted <= float((kinds * p).sum()):
        return 1.0

    def bound(t: float) -> float:
        return float((kinds * np.log1p(p * np.expm1(t))).sum() - t * parted)

    tail = minimize_scalar(bound, bounds=(0, 50), method="bounded").fun
    alone = total - int((size * kinds).sum())
    fixing = binom.logpmf(int((alone + 1) * q), alone, q) - binom.logpmf(unseen, total, q)
    return float(np.exp(min(0.0, tail + fixing)))


def _refuse_groups(train: Dataset, holdout: Dataset, where: str) -> None:
    name = train.columns.group or holdout.columns.group
    if name is None:
        return
    seen, unseen = _in_both(train, holdout, name)
    if len(unseen):
        whose = f"{len(unseen):,} groups of {name} have" if len(unseen) > 1 else f"a group of {name} has"
        fix = f"keep all rows of one {name} on one side; where the values mean others, rename them"
        raise DataError(
            f"{whose} rows in both training data and holdout", where=where, found=_pairs(seen, unseen), fix=fix
        )


def _refuse_keys(train: Dataset, holdout: Dataset, equal: Equal, where: str) -> None:
    """Keys say that equal rows are the same row, where they agree more often than keys dealt at random would."""
    for name in _keys(train, holdout):
        seen, unseen = _in_both(train, holdout, name)
        same = equal.agreeing(seen, unseen)
        if equal.chance_of_keys(int(same.sum()), len(seen)) < FALSE_ALARM:
            wrong = f"{int(same.sum()):,} of the {len(holdout):,} holdout rows are training rows, their {name} included"
            fix = "take them out of the holdout"
            raise DataError(wrong, where=where, found=_pairs(seen[same], unseen[same]), fix=fix)


def _keys(train: Dataset, holdout: Dataset) -> list[str]:
    """Columns that name rows: keys of which no value stands twice in either table."""
    found = [column.name for column in train.columns.columns if column.kind == Kind.KEY]
    return [name for name in found if all(_names_rows(data, name) for data in (train, holdout))]


def _names_rows(data: Dataset, name: str) -> bool:
    if name not in data.columns.names:
        return False
    present = arrays.text(data.table[name]).drop_null()
    return len(present) > 0 and pc.count_distinct(present).as_py() == len(present)


def _in_both(train: Dataset, holdout: Dataset, name: str) -> tuple[Places, Places]:
    """For each value that both hold, its first row in the training data and in the holdout."""
    seen, unseen = (arrays.text(data.table[name]) for data in (train, holdout))
    both = pc.unique(unseen).drop_null()
    both = both.filter(pc.is_in(both, value_set=seen))
    first_seen, first_unseen = (
        pc.index_in(both, value_set=each).to_numpy().astype(np.int64) for each in (seen, unseen)
    )
    return first_seen, first_unseen


def _pairs(seen: Places, unseen: Places) -> str:
    """Some equal rows in words, counted from 1 as in a file below its header."""
    some = list(zip(unseen[:NAMED].tolist(), seen[:NAMED].tolist(), strict=True))
    named = ", ".join(f"holdout row {theirs + 1} and training row {ours + 1}" for theirs, ours in some)
    return named + (f", and {len(unseen) - NAMED:,} more" if len(unseen) > NAMED else "")
