"""The request store: every answer that was paid for, under the name of its request, in one SQLite file.

An answer is on the disk before it is handed on. What was asked is never asked again, by whatever run: a key is the
digest of the rendered request, of its sample number and of what describes the model. Two processes may use a store;
where both ask the same thing at the same moment both pay, and the answer that came first is kept.

Keys to endpoints are no part of requests, so none is in the file.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from mintmark import disk
from mintmark.digest import Digest
from mintmark.errors import StorageError
from mintmark.models.purse import Price, Spent
from mintmark.models.request import Refusal, Reply, Request

_VERSION = 1
# Sums are taken at the beginning of every asking: from the indices, which hold no text.
# All of it is made in one commit: one for each statement kept the first request waiting for them.
# What was refused is noted for the reader and asked again by the next run: it cost nothing, and may have been mended.
_LAYOUT = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT, finish TEXT, prompt_tokens INTEGER, reply_tokens INTEGER, answered_by TEXT,
    counted TEXT, notes TEXT, model TEXT, request TEXT, account TEXT, cost REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (key TEXT PRIMARY KEY, model TEXT, reason TEXT, said TEXT, text TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lost (model TEXT, prompt_tokens INTEGER, reply_tokens INTEGER, account TEXT, cost REAL);
CREATE INDEX IF NOT EXISTS of_account ON replies (account, prompt_tokens, reply_tokens, cost);
CREATE INDEX IF NOT EXISTS of_model ON replies (model, prompt_tokens, reply_tokens);
PRAGMA user_version = {_VERSION};
COMMIT;
"""
_FIELDS = "key, text, finish, prompt_tokens, reply_tokens, answered_by, counted, notes"
# Before this release, resetting a write-ahead log may corrupt the file (sqlite.org/wal.html).
_SAFE_WAL = (3, 51, 3)
_MANY = 500
"""Keys looked up at a time: SQLite bounds the values of one statement."""


@dataclass(frozen=True)
class Lost:
    """A try that may have been paid for and brought no answer."""

    spent: Spent


Record = tuple[Request, Reply] | Refusal | Lost


class Store:
    """A file of answers. Any thread may use it; what is written is on the disk when `add` returns.

    All that share the file share its answers; what is paid for is booked to an account, which a budget bounds. Raises
    StorageError where the file cannot be used.
    """

    def __init__(self, path: Path, account: str = "") -> None:
        self.path, self.account = path, account
        self._base: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def find(self, keys: Sequence[Digest]) -> dict[Digest, Reply]:
        """The answers that are there."""
        found = {}
        with self._used() as base:
            for start in range(0, len(keys), _MANY):
                some = keys[start : start + _MANY]
                places = ",".join("?" * len(some))
                query = f"SELECT {_FIELDS} FROM replies WHERE key IN ({places})"  # noqa: S608 (only marks are put in)
                found.update({row[0]: _reply(*row) for row in base.execute(query, list(some))})
        return found

    def add(self, model: str, records: Iterable[Record], price: Price | None = None) -> None:
        """Writes records of one model, whose name and price those are, in one go."""
        replies, refusals, losses = [], [], []

        def booked(prompt_tokens: int, reply_tokens: int) -> tuple[str, float]:
            return self.account, 0.0 if price is None else price.of(prompt_tokens, reply_tokens)

        for record in records:
            if isinstance(record, Refusal):
                refusals.append((record.key, model, record.reason, record.said, record.text))
            elif isinstance(record, Lost):
                tokens = record.spent.prompt_tokens, record.spent.reply_tokens
                losses.append((model, *tokens, *booked(*tokens)))
            else:
                _, reply = record
                replies.append((*_row(model, *record), *booked(reply.prompt_tokens, reply.reply_tokens)))
        with self._used() as base:
            base.execute("BEGIN IMMEDIATE")
            base.executemany("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", replies)
            base.executemany("DELETE FROM refusals WHERE key = ?", [row[:1] for row in replies])
            base.executemany("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?)", refusals)
            base.executemany("INSERT INTO lost VALUES (?, ?, ?, ?, ?)", losses)
            base.execute("COMMIT")

    def spent(self, model: str) -> Spent:
        """What was paid to a model by all runs, lost tries included."""
        sums = "SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(reply_tokens), 0) FROM"
        with self._used() as base:
            kept = Spent(*base.execute(f"{sums} replies WHERE model = ?", (model,)).fetchone())
            return kept + Spent(*base.execute(f"{sums} lost WHERE model = ?", (model,)).fetchone())

    def booked(self) -> tuple[Spent, float]:
        """What the account has spent on all models, and what that cost, as far as prices were known."""
        parts = ("prompt_tokens", "reply_tokens", "cost")
        sums = f"SELECT count(*), {', '.join(f'coalesce(sum({part}), 0)' for part in parts)} FROM"
        total, cost = Spent(), 0.0
        with self._used() as base:
            for table in ("replies", "lost"):
                *counts, money = base.execute(f"{sums} {table} WHERE account = ?", (self.account,)).fetchone()
                total, cost = total + Spent(*counts), cost + money
        return total, cost

    def refused(self, model: str) -> dict[str, int]:
        """How many requests had no answer when they were last asked, by reason."""
        query = "SELECT reason, count(*) FROM refusals WHERE model = ? GROUP BY reason ORDER BY reason"
        with self._used() as base:
            return dict(base.execute(query, (model,)).fetchall())

    def mean_reply(self, model: str) -> float | None:
        """How many tokens its replies have on average; None where there are none."""
        with self._used() as base:
            found: float | None = base.execute(
                "SELECT avg(reply_tokens) FROM replies WHERE model = ?", (model,)
            ).fetchone()[0]
        return found

    def __len__(self) -> int:
        with self._used() as base:
            return int(base.execute("SELECT count(*) FROM replies").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file; it is opened again where it is needed."""
        with self._lock:
            if self._base is not None:
                self._base.close()
            self._base = None

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._base is None:
                    self._base = _opened(self.path)
                yield self._base
            except sqlite3.Error as error:
                if self._base is not None:
                    self._base.close()  # and what was begun is undone
                self._base = None
                fix = "free some space, or move the file away if it is no store: then everything is asked anew"
                raise StorageError(
                    "the request store cannot be used", where=str(self.path), found=str(error), fix=fix
                ) from error


def _opened(path: Path) -> sqlite3.Connection:
    with disk.storage(path.parent):
        disk.make_folder(path.parent)
    # Transactions are begun and ended by hand; one thread at a time, under the lock.
    base = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    try:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            fix = "update mintmark, or use another file"
            raise StorageError("this request store is newer than this program", where=str(path), fix=fix)
        # A journal that stays spares two calls of the file system for each commit.
        base.execute(f"PRAGMA journal_mode = {'WAL' if sqlite3.sqlite_version_info >= _SAFE_WAL else 'PERSIST'}")
        base.execute("PRAGMA synchronous = FULL")
        if version < _VERSION:
            base.executescript(_LAYOUT)
    except BaseException:
        base.close()
        raise
    return base


def _row(model: str, request: Request, reply: Reply) -> tuple[str | int, ...]:
    return (
        reply.key,
        reply.text,
        reply.finish,
        reply.prompt_tokens,
        reply.reply_tokens,
        reply.model,
        reply.counted,
        json.dumps(reply.notes),
        model,
        json.dumps(request.told(), ensure_ascii=False),
    )


def _reply(
    key: str, text: str, finish: str, prompt_tokens: int, reply_tokens: int, answered_by: str, counted: str, notes: str
) -> Reply:
    said = tuple(json.loads(notes))
    return Reply(text, finish, prompt_tokens, reply_tokens, answered_by, counted, said, None, key)  # type: ignore[arg-type]
