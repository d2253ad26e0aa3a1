"""Makes rows until so many have passed the filters of a step, and keeps what did not, with its reason."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mintmark.data import constraints
from mintmark.data.dataset import Dataset
from mintmark.errors import GenerationError, InputError
from mintmark.filters.filter import Filter, Sieve, Sifted, opened
from mintmark.filters.tails import pruned
from mintmark.ledger.objects import Objects, ShardRef
from mintmark.models.means import NOTHING, Means
from mintmark.seeds import Seed

MOST = 50
"""So many candidates are made for each row that is wanted, at most."""
SPARE = 1.1
"""So many times what is missing, by the yield so far, is made in a further round."""
LOOKED_AT = 100_000
"""Candidates that are looked at for tails that the filters prune: the first ones."""
BY, REASON, SHOWN = "left_out_by", "left_out_because", "left_out_shown"
"""Columns beside those of the rows that were left out."""

Draw = Callable[[int], Iterable[ShardRef]]
"""Makes the next candidates, so many, as shards."""
Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Harvest:
    """What the filters let through, and what they did not."""

    shards: tuple[ShardRef, ...]
    places: NDArray[np.int64]
    """Shape (rows,): which candidate each row is, counted over all that were made."""
    made: int
    left: tuple[ShardRef, ...]
    reasons: Mapping[str, Mapping[str, int]]
    """By filter and reason, how many rows were left out."""
    tails: tuple[str, ...]
    """Parts of the candidates that the filters thinned out far more than the rest."""
    said: tuple[str, ...] = ()
    """What the filters have to say of themselves."""

    @property
    def rows(self) -> int:
        """Rows that were let through."""
        return sum(ref.rows for ref in self.shards)

    def to_json(self) -> dict[str, Any]:
        """What the record says of it."""
        reasons = {name: dict(each) for name, each in self.reasons.items()}
        left = [ref.to_json() for ref in self.left]
        return {"made": self.made, "kept": self.rows, "reasons": reasons, "tails": list(self.tails),
                "said": list(self.said), "left_out": left}  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """The same in words."""
        total = sum(sum(each.values()) for each in self.reasons.values())
        if not total:
            return (f"the filters let all {self.made:,} rows through", *self.said)
        why = ", ".join(f"{count:,} {reason}" for each in self.reasons.values() for reason, count in each.items())
        spare = self.made - total - self.rows
        more = f", and {spare:,} passed that were not needed" if spare else ""
        return (f"of {self.made:,} rows the filters left out {total:,}: {why}{more}", *self.tails, *self.said)


class Sieves:
    """The filters of a step, opened; each sees what those before it let through."""

    def __init__(
        self,
        filters: Mapping[str, Filter],
        real: Dataset | None,
        seed: Seed,
        means: Means = NOTHING,
        *,
        unique: Sequence[tuple[str, ...]] = (),
    ) -> None:
        """`means` are for filters that ask language models; rows that repeat `unique` columns are left out first."""
        self.whole = not all(one.streams for one in filters.values())
        """Is there one that judges all rows together?"""
        first: dict[str, Sieve] = {"unique": _Unrepeated(unique)} if unique else {}
        self.sieves: Mapping[str, Sieve] = first | {
            name: opened(one, real, rng=seed.child(name).rng(), workshop=means) for name, one in filters.items()
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What the filters have to say of themselves: how well they judge, as far as they know."""
        return tuple(note for sieve in self.sieves.values() for note in getattr(sieve, "notes", ()))

    def sift(self, rows: pa.Table) -> tuple[NDArray[np.int64], pa.Table, dict[str, Counter[str]]]:
        """The places of rows that pass, the rows that do not with their reasons, and the reasons counted."""
        places = np.arange(rows.num_rows)
        left, counted = [], {}
        for name, sieve in self.sieves.items():
            seen = rows.take(pa.array(places, pa.int64()))
            found = sieve.sift(seen)
            out = np.flatnonzero(~found.keep)
            reasons, shown = ([told[place] for place in out.tolist()] for told in (found.reasons, found.shown))
            told = {BY: [name] * len(out), REASON: reasons, SHOWN: shown}
            part = seen.take(pa.array(out, pa.int64()))
            for column, values in told.items():
                part = part.append_column(column, pa.array(values, pa.string()))
            left.append(part)
            counted[name] = Counter(str(reason) for reason in reasons)
            places = places[found.keep]
        return places, pa.concat_tables(left), counted


class _Unrepeated:
    """Leaves out rows that repeat what must be unique: one made anew in their place would have passed no filter."""

    def __init__(self, unique: Sequence[tuple[str, ...]]) -> None:
        self._unique = unique
        self._names = list(dict.fromkeys(name for columns in unique for name in columns))
        self._seen: pa.Table | None = None

    def sift(self, rows: pa.Table) -> Sifted:
        """Compares rows with all before them, whatever became of those afterwards."""
        shown = rows.select(self._names)
        before = 0 if self._seen is None else self._seen.num_rows
        whole = shown if self._seen is None else pa.concat_tables([self._seen, shown.cast(self._seen.schema)])
        again = np.zeros(rows.num_rows, bool)
        for columns in self._unique:
            again |= constraints.repeats(whole, columns)[before:]
        self._seen = whole
        return Sifted.of(rows.num_rows, dict.fromkeys(np.flatnonzero(again).tolist(), ("repeats what is unique", "")))


def harvest(
    count: int | None,
    sieves: Sieves,
    draw: Draw,
    objects: Objects,
    *,
    candidates: int | None,
    where: str,
    say: Say,
    most: int | None = None,
) -> Harvest:
    """Draws candidates and sifts them until `count` have passed; without a count, all candidates of one round.

    `candidates` are made at once, and no others; left out, `count` are, and then as many more as it takes, up to `most`
    in all. The same candidates give the same rows, however many processes make them.

    Raises GenerationError, with the reasons counted, where too few pass.
    """
    if sieves.whole and candidates is None:
        raise InputError("a filter that judges all rows together needs to know how many there are", where=where,
                         fix="say how many are made before it judges: candidates: 5000")  # fmt: skip
    gathered = _Gathered(count, sieves, objects)
    limit = most if most is not None else candidates or MOST * (count or 0)
    wanted = min(candidates or count or 0, limit)
    while True:
        for table in _runs(draw(wanted), objects, whole=sieves.whole):
            gathered.add(table)
            say(gathered.told, gathered.kept, count or gathered.kept)
        if candidates or count is None or gathered.kept >= count:
            break
        share = max(gathered.kept / gathered.made, 1 / MOST)
        wanted = min(int(SPARE * (count - gathered.kept) / share) + 1, limit - gathered.made)
        if wanted <= 0:
            break
    if count is not None and gathered.kept < count:
        raise GenerationError(
            f"the filters let {gathered.kept:,} of {count:,} rows through", where=where,
            found=f"{gathered.made:,} made; {gathered.told}",
            fix="loosen the filters, make more `candidates`, or ask for fewer rows")  # fmt: skip
    return gathered.harvest()


class _Gathered:
    def __init__(self, count: int | None, sieves: Sieves, objects: Objects) -> None:
        self._count, self._sieves, self._objects = count, sieves, objects
        self.kept = self.made = 0
        self._reasons: dict[str, Counter[str]] = {name: Counter() for name in sieves.sieves}
        self._shards: list[ShardRef] = []
        self._left: list[ShardRef] = []
        self._places: list[NDArray[np.int64]] = []
        self._looked: list[tuple[pa.Table, NDArray[np.bool_]]] = []

    @property
    def told(self) -> str:
        """What was left out so far."""
        reasons = sum(self._reasons.values(), Counter())
        return f"{reasons.total():,} left out" + "".join(f", {many:,} {why}" for why, many in reasons.most_common(3))

    def add(self, table: pa.Table) -> None:
        """Sifts a run of candidates; what passes beyond the count is not taken, and is no row that was left out."""
        if self._count is not None and self.kept >= self._count:
            return
        places, left, counted = self._sieves.sift(table)
        if self.made < LOOKED_AT:
            passed = np.zeros(table.num_rows, bool)
            passed[places] = True
            self._looked.append((table, passed))
        if self._count is not None:
            places = places[: self._count - self.kept]
        if len(places):
            taken = table.take(pa.array(places, pa.int64()))
            self._shards.append(self._objects.put_table([taken], taken.schema))
        if left.num_rows:
            self._left.append(self._objects.put_table([left], left.schema))
        self._places.append(self.made + places)
        self.made, self.kept = self.made + table.num_rows, self.kept + len(places)
        for name, reasons in counted.items():
            self._reasons[name] += reasons

    def harvest(self) -> Harvest:
        """All of it."""
        places = np.concatenate(self._places) if self._places else np.empty(0, np.int64)
        return Harvest(tuple(self._shards), places, self.made, tuple(self._left), self._reasons, self._tails(),
                       self._sieves.notes)  # fmt: skip

    def _tails(self) -> tuple[str, ...]:
        if not self._looked:
            return ()
        rows = pa.concat_tables([table for table, _ in self._looked])
        keep = np.concatenate([passed for _, passed in self._looked])
        return tuple(
            f"the filters thin out {tail.column} {tail.part}: {tail.before:.1%} of what was made, "
            f"{tail.after:.1%} of what is kept"
            for tail in pruned(rows, keep)
        )


def _runs(shards: Iterable[ShardRef], objects: Objects, *, whole: bool) -> Iterator[pa.Table]:
    """The candidates, shard by shard, or all together."""
    tables = (pq.read_table(objects.open(ref.object)) for ref in shards)
    if whole:
        yield pa.concat_tables(tables)
    else:
        yield from tables


def named(keep: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The filters of a step by name; one that stands twice is told apart by its place."""
    out: dict[str, Mapping[str, Any]] = {}
    for one in keep:
        ((name, parameters),) = one.items()
        out[name if name not in out else f"{name}#{len(out) + 1}"] = parameters
    return out
