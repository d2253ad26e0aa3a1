"""Files kept under the digest of their bytes: equal files are kept once, and none ever changes."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import digest, disk
from mintmark.data.content import Content
from mintmark.digest import Digest
from mintmark.errors import LedgerError
from mintmark.ledger.entry import is_digest
from mintmark.ledger.marks import Marks, Misfit


@dataclass(frozen=True)
class ShardRef:
    """Rows that are kept as one object."""

    object: Digest
    rows: int
    content: Digest
    """The logical digest of the rows, which no version of Parquet changes."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, in which `object` refers to the object."""
        return {"object": self.object, "rows": self.rows, "content": self.content}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "ShardRef":
        """The inverse of `to_json`."""
        return cls(body["object"], body["rows"], body["content"])


@dataclass(frozen=True)
class Objects:
    """The store, in three folders: objects, their marks (a mere help in finding damage), and drafts."""

    folder: Path

    def put_file(self, content: Path | bytes | IO[bytes]) -> Digest:
        """Keeps a file's or a string's bytes; StorageError where that fails, and then nothing is kept."""
        with disk.draft(self._drafts) as draft:
            if isinstance(content, bytes):
                draft.write_bytes(content)
            elif isinstance(content, Path):
                shutil.copyfile(content, draft)
            else:
                with draft.open("wb") as out:
                    shutil.copyfileobj(content, out)
            return self._keep(draft)

    def put_json(self, value: Any) -> Digest:
        """Keeps a JSON value in its canonical form."""
        return self.put_file(digest.canonical(value))

    def put_table(self, batches: Iterable[pa.Table | pa.RecordBatch], schema: pa.Schema) -> ShardRef:
        """Keeps rows as Parquet, taking them batch by batch in bounded memory."""
        plain = schema.remove_metadata()
        content, rows = Content(plain), 0
        with disk.draft(self._drafts) as draft:
            with pq.ParquetWriter(draft, plain, compression="zstd", write_page_checksum=True) as writer:
                for batch in batches:
                    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
                    table = table.cast(plain)
                    content.add(table)
                    writer.write_table(table)
                    rows += table.num_rows
            return ShardRef(self._keep(draft), rows, content.digest())

    def path(self, name: Digest) -> Path:
        """Where an object lies, or would lie."""
        if not is_digest(name):
            raise LedgerError("this is not a digest", found=repr(name))
        return self.folder / "objects" / name[7:9] / name[9:]

    def holds(self, name: Digest) -> bool:
        """Is it kept here? Its bytes are not looked at."""
        return self.path(name).is_file()

    def open(self, name: Digest, *, check: bool = False) -> Path:
        """The file of an object, for reading only; LedgerError where it is missing or, if `check`, altered."""
        if check:
            self.check(name)
        path = self.path(name)
        if not path.is_file():
            raise LedgerError("an object is missing", where=str(path), fix="restore this file from a copy")
        return path

    def get_json(self, name: Digest) -> Any:
        """A JSON object, after its bytes were checked."""
        return json.loads(self.open(name, check=True).read_bytes())

    def check(self, name: Digest) -> None:
        """Compares an object with its name; LedgerError names the first byte that does not fit, or bounds it."""
        path = self.open(name)
        with disk.storage(path):
            found = digest.of_file(path)
            if found == name:
                return
            misfit = self._misfit(name, path)
        raise LedgerError(
            "this object was altered",
            where=f"{path}: {misfit}",
            found=found,
            fix="restore this file from a copy, or make it again",
        )

    def sound(self, name: Digest) -> bool:
        """Is it kept already, and unaltered? Then it is made young, so that `gc` spares it."""
        path = self.path(name)
        try:
            os.utime(path)
            return digest.of_file(path) == name
        except FileNotFoundError:
            return False

    def __iter__(self) -> Iterator[Digest]:
        found = (self.folder / "objects").glob("??/*")
        return iter(sorted("sha256:" + path.parent.name + path.name for path in found))

    def remove(self, name: Digest) -> int:
        """Forgets an object; returns its size in bytes. Only `gc` calls this."""
        path = self.path(name)
        size = path.stat().st_size
        path.unlink()
        self._marks(name).unlink(missing_ok=True)
        return size

    @property
    def _drafts(self) -> Path:
        return self.folder / "drafts"

    def _keep(self, draft: Path) -> Digest:
        name = digest.of_file(draft)
        if not self.sound(name):
            # The marks are a help, not a truth: they need no sync, and torn ones are passed over.
            marks = self._marks(name)
            disk.make_folder(marks.parent)
            marks.write_bytes(digest.canonical(Marks.of(draft).to_json()))
            disk.publish(draft, self.path(name))
        return name

    def _marks(self, name: Digest) -> Path:
        return self.folder / "marks" / name[7:9] / f"{name[9:]}.json"

    def _misfit(self, name: Digest, path: Path) -> Misfit | None:
        try:
            marks = Marks.from_json(json.loads(self._marks(name).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return Misfit(0, max(0, path.stat().st_size - 1), "its marks are lost")
        return marks.misfit(path)
