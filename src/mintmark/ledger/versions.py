"""Dataset versions: rows in shards, with all that is needed to say how they came about and to make them again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mintmark import digest
from mintmark.data import content, origin
from mintmark.data.dataset import Dataset
from mintmark.data.origin import Origins
from mintmark.data.schema import Schema
from mintmark.digest import Digest
from mintmark.errors import LedgerError, UnknownName
from mintmark.ledger import naming
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected, words
from mintmark.ledger.objects import ShardRef

ROWS_AT_ONCE = 65_536

MAKING = frozenset({"recipe", "recipe_digest", "seed", "steps", "versions", "depth", "real_share"})
"""What the body of a version must say of its making; None where that is not known.

`steps` holds for each step its generator, parameters, assumptions, seed path and, as objects, what it learnt.
"""


@dataclass(frozen=True)
class Version:
    """A published dataset, read shard by shard."""

    ledger: Ledger
    entry: Entry

    @property
    def name(self) -> str:
        """What the recipe calls it."""
        return str(self.entry.body["name"])

    @property
    def schema(self) -> Schema:
        """What its columns mean."""
        return Schema.from_json(self.entry.body["schema"])

    def refs(self, table: str) -> list[ShardRef]:
        """The shards of a table, in order."""
        shards = self.entry.body["shards"]
        if table not in shards:
            raise UnknownName("table", table, shards)
        return [ShardRef.from_json(ref) for ref in shards[table]]

    def rows(self) -> dict[str, int]:
        """Rows of each table."""
        return {table: sum(ref.rows for ref in self.refs(table)) for table in self.entry.body["shards"]}

    def shards(self, table: str) -> Iterator[pa.Table]:
        """The rows of a table, in order and in bounded memory. LedgerError where a shard is missing or altered."""
        wanted = self.schema[table].arrow()
        self.check_kept()
        for ref in self.refs(table):
            yield from read(self.ledger, ref, wanted)

    def origins(self, table: str) -> Origins | None:
        """Where the rows of a table came from; None where that was not recorded. LedgerError where it was altered."""
        kept = self.entry.body.get("origin")
        if not kept:
            return None
        path = self.ledger.objects.open(kept["object"], check=True)
        return origin.unpacked(path.read_bytes(), where=str(path)).get(table)

    def check_kept(self) -> None:
        """LedgerError where `gc` collected the rows, saying when and why."""
        gone = collected(self.ledger).get(self.entry.digest)
        if gone is not None:
            fix = f"make them again: mintmark reproduce {self.name}@{self.entry.digest[7:19]}"
            raise LedgerError("the rows of this dataset are gone", where=self.name, found=words(gone), fix=fix)

    def sample(self, most: int, *, rng: np.random.Generator) -> Dataset:
        """Up to `most` rows of each table, drawn without replacement and kept in order."""
        picked = {
            table: np.sort(rng.choice(count, min(most, count), replace=False)) for table, count in self.rows().items()
        }
        known = {table: origins for table in picked if (origins := self.origins(table)) is not None}
        tables = {table: self.taken(table, places) for table, places in picked.items()}
        return Dataset(self.schema, tables, origins={table: known[table].take(picked[table]) for table in known})

    def taken(self, table: str, picked: NDArray[np.int64]) -> pa.Table:
        """These rows of a table, named in rising order."""
        parts, start = [self.schema[table].arrow().empty_table()], 0
        for shard in self.shards(table):
            low, high = np.searchsorted(picked, [start, start + shard.num_rows])
            parts.append(shard.take(pa.array(picked[low:high] - start, pa.int64())))
            start += shard.num_rows
        return pa.concat_tables(parts)


def publish_dataset(
    ledger: Ledger,
    *,
    name: str,
    schema: Schema,
    shards: Mapping[str, Sequence[ShardRef]],
    body: Mapping[str, Any],
    inputs: Mapping[str, Digest] | None = None,
    origins: Mapping[str, Origins] | None = None,
) -> Entry:
    """Records a dataset whose shards, by table, are kept already; the entry's subject is the digest of `Dataset`.

    `body` says all of MAKING, and whatever else is worth keeping; ValueError where it does not. `origins` say where the
    rows of each table came from: they are kept beside the rows, and change no digest of these.
    """
    if MAKING - set(body):
        raise ValueError(f"the body does not say: {', '.join(sorted(MAKING - set(body)))}")
    contents = {table: _content(ledger, refs, schema[table].arrow()) for table, refs in shards.items()}
    listed = {table: [ref.to_json() for ref in refs] for table, refs in shards.items()}
    facts: dict[str, Any] = {"name": name, "schema": schema.to_json(), "shards": listed, "contents": contents}
    subject = digest.of_json({"tables": contents, "assets": []})
    if origins:
        facts["origin"] = {"object": ledger.objects.put_file(origin.packed(origins))}
    return ledger.append(Act.DATASET, subject, inputs=inputs, body={**body, **facts})


def open_dataset(ledger: Ledger, ref: int | str) -> Version:
    """The version that is meant: `wine` (the newest), `wine@2`, `wine@gold` (by its tag), its digest or the beginning
    of it, or the number of its entry."""
    return Version(ledger, naming.meant(ledger, ref).entry)


def read(ledger: Ledger, ref: ShardRef, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of one shard with the types of `schema`, some at a time."""
    path = ledger.objects.open(ref.object, check=True)
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
            yield pa.Table.from_batches([batch]).cast(schema)


def _content(ledger: Ledger, refs: Sequence[ShardRef], schema: pa.Schema) -> Digest:
    return content.of_tables((table for ref in refs for table in read(ledger, ref, schema)), schema)
