"""Keeps the keys of a table unique across its shards, which are made without knowledge of each other."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mintmark.errors import GenerationError
from mintmark.generators.generator import Sampler
from mintmark.ledger.objects import Objects, ShardRef
from mintmark.seeds import Seed

TRIES = 20


def renewed(
    shards: Sequence[ShardRef], key: str, sampler: Sampler, objects: Objects, seed: Seed, *, name: str
) -> tuple[ShardRef, ...]:
    """The shards, with a fresh key for each row whose key an earlier row bears already.

    Whole numbers count on from shard to shard and never meet; other keys are drawn, and meet by chance. The same rows
    are renewed in the same way for any number of workers. Raises GenerationError where the sampler runs out of keys.
    """
    columns = [pq.read_table(objects.open(ref.object), columns=[key])[key].combine_chunks() for ref in shards]
    taken = pa.concat_arrays(columns)
    twice = _repeated(taken)
    if not len(twice):
        return tuple(shards)
    out, seen = [], pa.array([], taken.type)
    for index, (ref, column) in enumerate(zip(shards, columns, strict=True)):
        suspects = np.flatnonzero(pc.is_in(column, value_set=twice).to_numpy(zero_copy_only=False))
        stale = _stale(column, suspects, seen)
        seen = pa.concat_arrays([seen, column.take(pa.array(suspects))])
        if len(stale):
            fresh = _fresh(len(stale), key, sampler, taken, seed.child("keys", index), name)
            taken = pa.concat_arrays([taken, fresh])
            ref = _replaced(ref, key, stale, fresh, objects)
        out.append(ref)
    return tuple(out)


def _repeated(keys: pa.Array) -> pa.Array:
    counted = keys.drop_null().value_counts()
    return counted.field(0).filter(pc.greater(counted.field(1), 1))


def _stale(column: pa.Array, suspects: np.ndarray, seen: pa.Array) -> np.ndarray:
    """Of the suspects, the rows whose key stands earlier, in another shard or in this one."""
    known = set(seen.to_pylist())
    stale = []
    for row in suspects.tolist():
        value = column[row].as_py()
        if value in known:
            stale.append(row)
        known.add(value)
    return np.array(stale, dtype=np.int64)


def _fresh(count: int, key: str, sampler: Sampler, taken: pa.Array, seed: Seed, name: str) -> pa.Array:
    found = pa.array([], taken.type)
    for attempt in range(TRIES):
        drawn = sampler.sample(2 * count + 8, rng=seed.child(attempt).rng()).table[key].combine_chunks().drop_null()
        drawn = pc.unique(drawn)
        drawn = drawn.filter(pc.invert(pc.is_in(drawn, value_set=taken)))
        found = pc.unique(pa.concat_arrays([found, drawn]))
        if len(found) >= count:
            return found.slice(0, count)
    raise GenerationError(f"there are not enough different keys for {name}", where=key, fix="allow longer keys")


def _replaced(ref: ShardRef, key: str, rows: np.ndarray, fresh: pa.Array, objects: Objects) -> ShardRef:
    table = pq.read_table(objects.open(ref.object))
    mask = np.zeros(table.num_rows, dtype=bool)
    mask[rows] = True
    column = pc.replace_with_mask(table[key].combine_chunks(), pa.array(mask), fresh)
    table = table.set_column(table.schema.get_field_index(key), table.schema.field(key), column)
    return objects.put_table([table], table.schema)
