"""Is this table one of ours, come back under another name? Rows are compared with all that the ledger has published.

Neither the names of columns nor the order of rows, nor how many of either are left, hide a table: columns are matched
by the values that they hold, and rows by what stands in the matched columns, numbers to three digits. Only rows that
are nearly unique in the published table speak: where combinations are common, real rows show them too, and nothing can
be told. A bottom-k sketch of each column (Broder 1997) keeps the search short. Of a published mixture only the made
rows speak: its real rows came from elsewhere, and may come from there again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark import digest
from mintmark.data import arrays
from mintmark.data.origin import MADE
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected
from mintmark.ledger.versions import Version

KEPT = 256
"""Smallest hashes that a column's sketch keeps."""
ALIKE = 0.04
"""From this resemblance on two columns may be the same: of 256 hashes ten agree. A tenth of a table still shows it."""
CLEAR = 0.9
"""Of two published columns one is meant where the other resembles the incoming one by less than this part."""
ROWS = 200_000
"""Most rows of each table that are compared: the first ones that were published, and incoming ones at random."""
UNIQUE = 0.5
"""Rows speak where at least this share of the published ones has a combination of its own."""
FOUND = 0.3
"""From this share of incoming rows on, found among published ones, they are taken for the same."""
FEWEST = 20
"""Of fewer incoming rows nothing is told."""

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Recognised:
    """A published dataset that an incoming table was taken from."""

    entry: Entry
    share: float
    """Of the incoming rows, found among the published ones."""
    columns: Mapping[str, str]
    """Incoming columns, and what they were called."""

    @property
    def name(self) -> str:
        """What the ledger calls it."""
        return str(self.entry.body["name"])


def sketch(table: pa.Table) -> dict[str, list[int]]:
    """The smallest hashes of the distinct values of each column: what `publish` keeps of a dataset."""
    return {name: [int(h) for h in _smallest(_hashes(table[name]))] for name in table.column_names}


def recognise(table: pa.Table, record: Ledger, *, rng: np.random.Generator) -> Recognised | None:
    """The published dataset that holds most of these rows, if any holds enough: a cheap look at all, then a close one.

    LedgerError where a shard is damaged.
    """
    if table.num_rows < FEWEST:
        return None
    some = table.take(pa.array(np.sort(rng.permutation(table.num_rows)[:ROWS]))) if table.num_rows > ROWS else table
    hashed = {name: _hashes(some[name]) for name in some.column_names}
    mine = {name: _smallest(values) for name, values in hashed.items()}
    best: Recognised | None = None
    for entry in _published(record):
        theirs = _sketch_of(entry, record)
        pairs = _matched(mine, theirs)
        found = _same_rows(hashed, pairs, Version(record, entry)) if pairs else 0.0
        if found >= FOUND and (best is None or found > best.share):
            best = Recognised(entry, found, pairs)
    return best


def _published(record: Ledger) -> Sequence[Entry]:
    """The newest entry of each dataset whose rows are still there to be compared."""
    gone = collected(record)
    kept = [entry for entry in record.find(Act.DATASET) if entry.digest not in gone]
    return list({entry.subject: entry for entry in kept}.values())


def _sketch_of(entry: Entry, record: Ledger) -> dict[str, Hashes]:
    """The sketch that was kept, or one that is drawn now of what an older program published."""
    kept = entry.body.get("sketch")
    body = record.objects.get_json(kept["object"]) if kept else sketch(_first(Version(record, entry)))
    return {str(name): np.array(hashes, dtype=np.uint64) for name, hashes in body.items()}


def _first(version: Version) -> pa.Table:
    """The first made rows of a version's main table."""
    table = next(iter(version.rows()))
    origins = version.origins(table)
    parts, rows, start = [version.schema[table].arrow().empty_table()], 0, 0
    for shard in version.shards(table):
        part = shard
        if origins is not None:
            part = shard.filter(pa.array(origins.slice(start, shard.num_rows).mask(*MADE)))
        parts.append(part)
        start += shard.num_rows
        rows += part.num_rows
        if rows >= ROWS:
            break
    return pa.concat_tables(parts).slice(0, ROWS)


def _matched(mine: Mapping[str, Hashes], theirs: Mapping[str, Hashes]) -> dict[str, str]:
    """Which incoming column is which published one: by name where their values agree, else by values alone.

    A renamed column that resembles two published ones alike (yes and no, say) could be either, and is left out.
    """
    alike = {(one, other): _resemblance(a, b) for one, a in mine.items() for other, b in theirs.items()}
    out = {one: one for one in mine if alike.get((one, one), 0.0) >= ALIKE}
    rest = sorted((pair for pair in alike if alike[pair] >= ALIKE), key=lambda pair: (-alike[pair], pair))
    for one, other in rest:
        rivals = [alike[one, each] for each in theirs if each != other and each not in out.values()]
        clear = max(rivals, default=0.0) < CLEAR * alike[one, other]
        if clear and one not in out and other not in out.values():
            out[one] = other
    return out


def _resemblance(one: Hashes, other: Hashes) -> float:
    """The Jaccard resemblance of two sets of values, estimated from their smallest hashes."""
    union = np.union1d(one, other)[: max(1, min(KEPT, max(len(one), len(other))))]
    return float(np.isin(union, np.intersect1d(one, other)).sum() / len(union)) if len(union) else 0.0


def _same_rows(hashed: Mapping[str, Hashes], pairs: Mapping[str, str], version: Version) -> float:
    """The share of incoming rows whose combination stands in the published table; 0 where combinations are common."""
    published = _first(version)
    names = sorted(pairs)
    theirs = _rows([_hashes(published[pairs[name]]) for name in names])
    distinct, counts = np.unique(theirs, return_counts=True)
    alone = distinct[counts == 1]
    if len(alone) < UNIQUE * len(theirs):
        return 0.0
    return float(np.isin(_rows([hashed[name] for name in names]), alone).mean())


def _rows(columns: Sequence[Hashes]) -> Hashes:
    """One hash for each row, of the hashes of its cells."""
    out = np.zeros(len(columns[0]), dtype=np.uint64)
    for values in columns:
        out = _mixed(out * np.uint64(0x9E3779B97F4A7C15) ^ values)
    return out


def _smallest(values: Hashes) -> Hashes:
    return np.unique(values)[:KEPT]


def _hashes(column: pa.ChunkedArray) -> Hashes:
    """A hash of each cell: of a number to three digits, of a text without case and outer spaces; shape (n,)."""
    flat = column.combine_chunks()
    if pa.types.is_integer(flat.type) or pa.types.is_floating(flat.type) or pa.types.is_decimal(flat.type):
        values = flat.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        with np.errstate(divide="ignore", invalid="ignore"):
            unit = 10.0 ** (np.floor(np.log10(np.abs(values))) - 2)
            rounded = np.where(values == 0, 0.0, np.round(values / unit) * unit)
        return _mixed(np.nan_to_num(rounded, nan=np.inf).astype(np.float32).view(np.uint32).astype(np.uint64))
    try:
        words = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(arrays.text(flat), "")))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.zeros(len(flat), dtype=np.uint64)  # nested values say nothing here
    coded = words.dictionary_encode()
    known = np.array([_of_text(word) for word in coded.dictionary.to_pylist()] or [0], dtype=np.uint64)
    return known[coded.indices.to_numpy(zero_copy_only=False)]


def _of_text(word: str) -> int:
    return int(digest.of_bytes(word.encode())[7:23], 16)


def _mixed(values: Hashes) -> Hashes:
    """Spreads 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood 2014)."""
    values = values ^ (values >> np.uint64(30))
    values = values * np.uint64(0xBF58476D1CE4E5B9)
    values = values ^ (values >> np.uint64(27))
    values = values * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
