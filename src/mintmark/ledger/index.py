"""A quick way to find entries, which can be thrown away at any time: the manifests alone are the truth.

Every question may raise `sqlite3.DatabaseError`; then forget the index and look at the manifests.

It also serves as a second witness: it keeps the bytes of every manifest, so that it can tell which byte of one was
altered, and it remembers entries whose manifests are gone.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mintmark.digest import Digest
from mintmark.ledger.entry import Act, Entry

_Answer = TypeVar("_Answer")

# The rollback journal is SQLite's default. WAL is not wanted: before 3.51.3 its reset may corrupt the file.
_LAYOUT = """
CREATE TABLE IF NOT EXISTS entries (
    file TEXT PRIMARY KEY, number INTEGER NOT NULL, digest TEXT NOT NULL, act TEXT NOT NULL,
    subject TEXT NOT NULL, name TEXT, manifest BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS inputs (file TEXT NOT NULL, digest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_subject ON entries (subject);
CREATE INDEX IF NOT EXISTS by_input ON inputs (digest);
"""


@dataclass(frozen=True)
class Index:
    """The file `index.sqlite`, opened anew for each question, so that processes and threads never share it."""

    path: Path

    def files(self) -> set[str]:
        """The names of the manifests that it knows."""
        return self._asked(lambda base: {row[0] for row in base.execute("SELECT file FROM entries")})

    def manifest(self, file: str) -> bytes | None:
        """The bytes that a manifest had when it was published."""
        rows = self._asked(lambda base: base.execute("SELECT manifest FROM entries WHERE file = ?", (file,)).fetchall())
        return bytes(rows[0][0]) if rows else None

    def add(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Takes entries with the names of their manifests."""
        listed = list(entries)
        if listed:
            self._asked(lambda base: _insert(base, listed))

    def find(self, act: Act | None, subject: Digest | None, used: Digest | None, name: str | None) -> list[str]:
        """The manifests of the entries that meet all that is given, in order."""
        asked = {
            "act = ?": act and str(act),
            "subject = ?": subject,
            "name = ?": name,
            "file IN (SELECT file FROM inputs WHERE digest = ?)": used,
        }
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
            base.executescript(_LAYOUT)
            return question(base)


def _insert(base: sqlite3.Connection, entries: list[tuple[str, Entry]]) -> None:
    for file, entry in entries:
        row = (
            file,
            entry.number,
            entry.digest,
            str(entry.act),
            entry.subject,
            entry.body.get("name"),
            entry.to_bytes(),
        )
        base.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        base.execute("DELETE FROM inputs WHERE file = ?", (file,))
        base.executemany("INSERT INTO inputs VALUES (?, ?)", [(file, value) for value in entry.inputs.values()])
