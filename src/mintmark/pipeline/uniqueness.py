"""Keeps `unique(…)` across the shards of a step, which are made without knowledge of each other."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mintmark.data import constraints
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TableSchema
from mintmark.errors import ConditionError
from mintmark.generators.generator import Sampler
from mintmark.ledger.objects import Objects, ShardRef
from mintmark.seeds import Seed

TRIES = 24
MOST = 64
"""Candidates for each row in one try, at most."""

Slice = Callable[[int], Dataset | None]
"""What is given of a shard's rows."""


def renewed(
    shards: Sequence[ShardRef], schema: TableSchema, sampler: Sampler, objects: Objects, seed: Seed, *, given: Slice
) -> tuple[ShardRef, ...]:
    """The shards, with a fresh row for each that repeats an earlier one of another shard; its key stays.

    The same rows are renewed in the same way for any number of workers. Raises ConditionError where the sampler finds
    no other values.
    """
    wanted = wanted_of(schema)
    if not wanted or len(shards) < 2:
        return tuple(shards)
    named = list(dict.fromkeys(name for columns in wanted for name in columns))
    shown = [pq.read_table(objects.open(ref.object), columns=named).select(named) for ref in shards]
    stale = _repeated(shown, wanted)
    starts = np.cumsum([0, *(table.num_rows for table in shown)])
    kept = pa.concat_tables(shown).filter(pa.array(~stale))
    out = []
    for index, ref in enumerate(shards):
        rows = np.flatnonzero(stale[starts[index] : starts[index + 1]])
        if len(rows):
            fresh = _fresh(rows, kept, wanted, sampler, seed.child("unique", index), given(index))
            kept = pa.concat_tables([kept, fresh.select(named).cast(kept.schema)])
            ref = _replaced(ref, rows, fresh, schema.key, objects)
        out.append(ref)
    return tuple(out)


def wanted_of(schema: TableSchema) -> list[tuple[str, ...]]:
    """The columns that are unique together, for each constraint that says so."""
    read = [constraints.parse(text) for text in schema.constraints]
    return [each.columns for each in read if each.form == constraints.UNIQUE]


def _repeated(tables: Sequence[pa.Table], wanted: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Rows of the tables, one below the other, that repeat an earlier one in any of the wanted ways."""
    whole = pa.concat_tables([table.cast(tables[0].schema) for table in tables])
    out = np.zeros(whole.num_rows, dtype=bool)
    for columns in wanted:
        out |= constraints.repeats(whole, columns)
    return out


def _fresh(
    rows: NDArray[np.int64], kept: pa.Table, wanted: Sequence[tuple[str, ...]], sampler: Sampler, seed: Seed,
    given: Dataset | None,
) -> pa.Table:  # fmt: skip
    """One whole row for each of these, in their order, that repeats none of those that are kept."""
    names = kept.column_names
    found: dict[int, pa.Table] = {}
    for attempt in range(TRIES):
        waiting = np.array([row for row in rows.tolist() if row not in found], np.int64)
        if not len(waiting):
            break
        asked = np.repeat(waiting, min(MOST, 2 ** (attempt + 1)))
        part = None if given is None else given.select(asked)
        made = sampler.sample(len(asked), rng=seed.child(attempt).rng(), given=part).table
        good = ~_repeated([kept, made.select(names)], wanted)[kept.num_rows :]
        places = np.flatnonzero(good)
        _, first = np.unique(asked[places], return_index=True)
        picked = places[first]
        for place in picked.tolist():
            found[int(asked[place])] = made.slice(place, 1)
        kept = pa.concat_tables([kept, made.select(names).take(pa.array(picked)).cast(kept.schema)])
    if len(found) < len(rows):
        raise ConditionError("there are not enough different values for all rows to be unique",
                             where="; ".join(f"unique({', '.join(columns)})" for columns in wanted),
                             found=f"{len(rows) - len(found):,} rows repeat others after {TRIES} tries",
                             fix="ask for fewer rows, or name more columns that are unique together")  # fmt: skip
    return pa.concat_tables([found[row] for row in rows.tolist()])


def _replaced(ref: ShardRef, rows: NDArray[np.int64], fresh: pa.Table, key: str | None, objects: Objects) -> ShardRef:
    table = pq.read_table(objects.open(ref.object))
    source = np.arange(table.num_rows)
    source[rows] = table.num_rows + np.arange(len(rows))
    both = pa.concat_tables([table, fresh.cast(table.schema)]).unify_dictionaries().combine_chunks()
    made = both.take(pa.array(source))
    if key is not None:
        made = made.set_column(made.schema.get_field_index(key), made.schema.field(key), table[key])
    return objects.put_table([made], made.schema)
