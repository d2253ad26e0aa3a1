"""A quick way to find entries, which can be thrown away at any time: the manifests alone are the truth.

Every question may raise `sqlite3.DatabaseError`; then forget the index and look at the manifests.

It also serves as a second witness: it keeps the bytes of every manifest, so that it can tell which byte of one was
altered, and it remembers entries whose manifests are gone.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mintmark import digest
from mintmark.digest import Digest
from mintmark.ledger.entry import Act, Entry

_Answer = TypeVar("_Answer")

# The rollback journal is SQLite's default. WAL is not wanted: before 3.51.3 its reset may corrupt the file.
# Each row is sealed, for SQLite has no checksums: an altered word in it would hide an entry and nobody would know.
_LAYOUT = """
CREATE TABLE IF NOT EXISTS entries (
    file TEXT PRIMARY KEY, act TEXT, subject TEXT, name TEXT, inputs TEXT, seal TEXT, manifest BLOB) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Index:
    """The file `index.sqlite`, opened anew for each question, so that processes and threads never share it."""

    path: Path

    def files(self) -> set[str]:
        """The names of the manifests that it knows; DatabaseError where a row was altered."""
        rows = self._asked(
            lambda base: base.execute("SELECT seal, file, act, subject, name, inputs FROM entries").fetchall()
        )
        for seal, *told in rows:
            if seal != digest.of_json(told):
                raise sqlite3.DatabaseError("a row of the index was altered")
        return {row[1] for row in rows}

    def manifest(self, file: str) -> bytes | None:
        """The bytes that a manifest had when it was published."""
        rows = self._asked(lambda base: base.execute("SELECT manifest FROM entries WHERE file = ?", (file,)).fetchall())
        return bytes(rows[0][0]) if rows else None

    def add(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Takes entries with the names of their manifests."""
        rows = [_row(file, entry) for file, entry in entries]
        if rows:
            self._asked(
                lambda base: base.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            )

    def find(self, act: Act | None, subject: Digest | None, used: Digest | None, name: str | None) -> list[str]:
        """The manifests of the entries that meet all that is given, in order."""
        asked = {"act = ?": act and str(act), "subject = ?": subject, "name = ?": name, "instr(inputs, ?)": used}
        given = {clause: value for clause, value in asked.items() if value is not None}
        where = " AND ".join(given) or "1"
        query = f"SELECT file FROM entries WHERE {where} ORDER BY file"  # noqa: S608 (the clauses stand above)
        return self._asked(lambda base: [row[0] for row in base.execute(query, tuple(given.values()))])

    def forget(self) -> None:
        """Throws the index away; it comes back from the manifests."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _asked(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        with closing(sqlite3.connect(self.path, timeout=60)) as base, base:
            base.execute(_LAYOUT)
            return question(base)


def _row(file: str, entry: Entry) -> tuple[str | bytes | None, ...]:
    name = entry.body.get("name")
    told = [
        file,
        str(entry.act),
        entry.subject,
        name if isinstance(name, str) else None,
        json.dumps(list(entry.inputs.values())),
    ]
    return (*told, digest.of_json(told), entry.to_bytes())
