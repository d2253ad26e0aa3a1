"""The entries as files, one each, named after their number and digest: they are the truth of the ledger."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mintmark import disk
from mintmark.errors import LedgerError
from mintmark.ledger.entry import MAX_BYTES, Entry
from mintmark.ledger.index import Index
from mintmark.ledger.marks import difference


@dataclass(frozen=True)
class Manifests:
    """The folder of entries. The index is asked only to say which byte of a damaged manifest is wrong."""

    folder: Path
    witness: Index

    def files(self) -> list[str]:
        """The names of all manifests, in order of their numbers."""
        return sorted(path.name for path in self.folder.glob("*.json"))

    def last(self) -> Entry | None:
        """The newest entry."""
        files = self.files()
        return self.read(files[-1]) if files else None

    def add(self, entry: Entry, *, drafts: Path) -> str:
        """Publishes an entry in one atomic act; returns its file's name."""
        file = name_of(entry)
        disk.write(self.folder / file, entry.to_bytes(), drafts=drafts)
        return file

    def adopt(self, entries: Iterable[Entry], *, drafts: Path) -> None:
        """Publishes a whole chain where there was no entry, in one atomic act."""
        with disk.storage(self.folder):
            disk.make_folder(drafts)
            folder = drafts / f".{uuid4().hex}.draft"
            try:
                folder.mkdir()
                for entry in entries:
                    (folder / name_of(entry)).write_bytes(entry.to_bytes())
                    disk.sync(folder / name_of(entry))
                disk.sync(folder)
                folder.replace(self.folder)  # an empty folder gives way, and one that holds an entry does not
                disk.sync(self.folder.parent)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def read(self, file: str) -> Entry:
        """Reads one entry; LedgerError names the first byte that does not fit."""
        path = self.folder / file
        with disk.storage(path):
            if path.stat().st_size > MAX_BYTES:
                raise LedgerError("this manifest is too large to be one", where=str(path))
            data = path.read_bytes()
        published = self._published(file)
        if published is not None and published != data:
            raise _altered(path, f"byte {difference(data, published):,}")
        entry = Entry.from_bytes(data, where=str(path))
        if entry.to_bytes() != data:
            raise _altered(path, f"byte {difference(data, entry.to_bytes()):,}")
        if name_of(entry) != file:
            raise _altered(path, f"within bytes 0–{len(data) - 1:,} (the index, which knew them, is lost)")
        return entry

    def _published(self, file: str) -> bytes | None:
        """The bytes that were published, if the index remembers them and they bear out the file's name."""
        with suppress(sqlite3.DatabaseError, LedgerError):
            data = self.witness.manifest(file)
            if data is not None and name_of(Entry.from_bytes(data)) == file:
                return data
        return None


def name_of(entry: Entry) -> str:
    """The name of an entry's file."""
    return f"{entry.number:012}-{entry.digest.removeprefix('sha256:')}.json"


def _altered(path: Path, place: str) -> LedgerError:
    return LedgerError("this manifest was altered", where=f"{path}: {place}", fix="restore this file from a copy")
