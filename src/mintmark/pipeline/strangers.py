"""Does what an archive says agree with what it holds? Its bytes are as they were packed; a packer can still lie.

Rows are read and compared with the digest that their dataset is named after, releases with their signatures, and what
was found and decided is read as it will be read later. All of it where it lies, in bounded memory, and nothing is kept.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import digest
from mintmark.data.content import Content
from mintmark.data.schema import Schema
from mintmark.errors import LedgerError, MintmarkError
from mintmark.ledger.archive import Archive
from mintmark.ledger.entry import Act, Entry, is_digest
from mintmark.ledger.living import KEPT
from mintmark.ledger.naming import TAG
from mintmark.ledger.objects import ShardRef
from mintmark.ledger.signing import MAX_BYTES, verify_envelope
from mintmark.ledger.sketch import KEPT as SKETCHED
from mintmark.ledger.versions import MAKING, ROWS_AT_ONCE
from mintmark.pipeline.history import recalled, remembered
from mintmark.pipeline.release import SIGNER, STATEMENT
from mintmark.report.statement import MEDIA_TYPE

MOST_CELLS, MOST_UNPACKED = 100_000, 10_000
"""Of a shard, for each byte: cells that it may hold, and bytes that it may unpack to."""


def check(archive: Archive) -> None:
    """LedgerError names the first entry that does not agree with what is there, or cannot be understood."""
    for entry in archive.entries:
        where = f"{archive.tar.path}: entry {entry.number} ({entry.act})"
        try:
            _check(archive, entry, collected=entry.digest in archive.gone)
        except MintmarkError as error:
            raise LedgerError(error.wrong, where=where, found=error.found, fix=error.fix) from error
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            OSError,
            RecursionError,
            TypeError,
            ValueError,
            pa.ArrowException,
        ) as error:
            found = f"{type(error).__name__}: {error}"[:300]
            raise LedgerError("this entry cannot be understood", where=where, found=found) from error


def _check(archive: Archive, entry: Entry, *, collected: bool) -> None:
    _text(entry.body["at"])
    if not all(map(is_digest, (entry.subject, *entry.inputs.values()))):
        raise LedgerError("this entry names something that is no digest", found=ascii(dict(entry.inputs))[:200])
    for part in entry.inputs:
        _text(part)
    match entry.act:
        case Act.DATASET if "name" in entry.body:
            _check_dataset(archive, entry, collected=collected)
        case Act.ASSAY:
            recalled(entry.body)
        case Act.DECISION:
            remembered(entry.body)
        case Act.RELEASE:
            _check_release(archive, entry)
        case Act.COLLECT:
            _text(entry.body["policy"])
        case Act.TAG:
            _text(entry.body["name"])
            if not TAG.fullmatch(entry.body["tag"]):
                raise LedgerError("this cannot be a tag", found=ascii(entry.body["tag"])[:80])


def _check_dataset(archive: Archive, entry: Entry, *, collected: bool) -> None:
    body = entry.body
    _text(body["name"])
    if missing := MAKING - set(body):
        raise LedgerError("this dataset does not say how it was made", found=", ".join(sorted(missing)))
    for step in (body["steps"] or {}).values():
        _text(step["generator"])
    if digest.of_json({"tables": body["contents"], "assets": []}) != entry.subject:
        raise LedgerError("this dataset is not named after its content", found=entry.subject)
    if kept := body.get(KEPT):
        _check_sketch(json.loads(archive.read_object(kept["object"], MAX_BYTES)))
    schema = Schema.from_json(body["schema"])
    if set(schema.tables) != set(body["contents"]) or set(schema.tables) != set(body["shards"]):
        raise LedgerError("this dataset does not hold the tables of its schema", found=", ".join(schema.tables))
    for table, told in body["shards"].items():
        refs = [ShardRef.from_json(ref) for ref in told]
        content = Content(schema[table].arrow())
        for ref in [] if collected else refs:
            _read(archive, ref, schema[table].arrow(), content)
        if not collected and content.digest() != body["contents"][table]:
            raise LedgerError("these are not the rows of this dataset", found=f"table {table}")


def _check_sketch(body: Any) -> None:
    """It is compared with whatever is learnt from later, so that a strange one would stop every run."""
    for name, hashes in body.items():
        np.array([int(each) for each in hashes], dtype=np.uint64)
        if not (isinstance(name, str) and len(hashes) <= SKETCHED):
            raise LedgerError("this is no sketch of a dataset")


def _read(archive: Archive, ref: ShardRef, wanted: pa.Schema, content: Content) -> None:
    """Adds a shard's rows; LedgerError where they are not as they are told, or would burst."""
    with archive.open_object(ref.object) as file, pq.ParquetFile(pa.PythonFile(file, "r")) as rows:
        told, size = rows.metadata, archive.tar.files[f"objects/{ref.object[7:9]}/{ref.object[9:]}"].size
        unpacked = sum(told.row_group(group).total_byte_size for group in range(told.num_row_groups))
        if told.num_rows * told.num_columns > MOST_CELLS * size or unpacked > MOST_UNPACKED * size:
            raise LedgerError("these rows would burst: they are packed too closely to be data",
                              found=f"{told.num_rows:,} rows, {unpacked:,} bytes, in {size:,} bytes")  # fmt: skip
        own = Content(rows.schema_arrow)
        for batch in rows.iter_batches(batch_size=ROWS_AT_ONCE):
            table = pa.Table.from_batches([batch])
            own.add(table)
            content.add(table.cast(wanted))
        if (told.num_rows, own.digest()) != (ref.rows, ref.content):
            raise LedgerError("these are not the rows of this shard", found=f"{told.num_rows:,} rows")


def _check_release(archive: Archive, entry: Entry) -> None:
    """Of a release whose papers are there: does its signature hold, and is it of this dataset?"""
    papers = [entry.inputs.get(name) for name in (STATEMENT, SIGNER)]
    held = [archive.read_object(name, MAX_BYTES) for name in papers if name in archive.objects and name is not None]
    if len(held) == len(papers):
        signed = verify_envelope(held[0], MEDIA_TYPE, public=held[1])
        told: Mapping[str, Any] = json.loads(signed.payload)
        if told["predicate"]["dataset"]["digest"] != entry.subject:
            raise LedgerError("the statement of this release is of another dataset")


def _text(value: Any) -> None:
    """What is shown to a person must not act upon a terminal."""
    if not (isinstance(value, str) and value.isprintable() and len(value) <= 500):
        raise LedgerError("this is no text that can be shown", found=ascii(value)[:80])
