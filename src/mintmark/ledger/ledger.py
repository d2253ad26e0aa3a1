"""The ledger: what was done, in order, and the objects that it was done with.

    .mintmark/
      manifests/000000000001-<sha256>.json   one entry each, never changed: the truth
      objects/ab/cdef…                       files under the digest of their bytes
      marks/                                 where objects were damaged, should they be
      work/<plan>/                           finished parts of runs that are not done
      drafts/                                what is being written just now
      index.sqlite                           a quick way to find entries; can be deleted
      keys/                                  the key that signs releases

Objects are published before the entry that refers to them, and the entry by one rename. So a process that is killed
leaves either all of an act or nothing of it. Entries are added under a lock, so that runs may share a ledger.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from mintmark import digest, disk
from mintmark.digest import Digest
from mintmark.errors import LedgerError, UnknownName
from mintmark.ledger.chain import brought
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.index import Index
from mintmark.ledger.manifests import Manifests
from mintmark.ledger.objects import Objects
from mintmark.ledger.work import Work

FOLDER = ".mintmark"
"""What a ledger's folder is called by custom."""


@dataclass(frozen=True)
class Ledger:
    """A chain of entries in a folder, and the objects that they refer to."""

    folder: Path

    @classmethod
    def open(cls, folder: Path | str, *, create: bool = True) -> "Ledger":
        """The ledger in `folder` itself, made if absent.

        Raises StorageError, or LedgerError where there is none and `create` is off.
        """
        folder = Path(folder)
        manifests = folder / "manifests"
        if not manifests.is_dir():
            if not create:
                raise LedgerError("there is no ledger here", where=str(folder), fix="make one with: mintmark run")
            with disk.storage(folder):
                disk.make_folder(folder)
                # A ledger holds real rows and a private key: neither belongs in a public repository.
                disk.write(folder / ".gitignore", b"*\n", drafts=folder / "drafts")
                disk.make_folder(manifests)
        return cls(folder)

    @property
    def objects(self) -> Objects:
        """The files that entries refer to."""
        return Objects(self.folder)

    @property
    def manifests(self) -> Manifests:
        """The entries as files."""
        return Manifests(self.folder / "manifests", self.index)

    @property
    def index(self) -> Index:
        """A quick way to find entries."""
        return Index(self.folder / "index.sqlite")

    @property
    def keys(self) -> Path:
        """Where the key that signs lies."""
        return self.folder / "keys"

    def work(self, plan: Digest) -> Work:
        """Where a run of this plan keeps what it has finished."""
        return Work(self.folder / "work" / plan.removeprefix("sha256:"), self.objects)

    def append(
        self,
        act: Act | str,
        subject: Digest,
        *,
        inputs: Mapping[str, Digest] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Records an act, for good. Objects that the body refers to must have been kept before.

        `at`, the time in UTC, is added to the body unless it is there. Raises LedgerError where the body is not
        JSON, an object is missing or the last entry is damaged, and StorageError; then nothing was recorded.
        """
        with self.alone() as enter:
            return enter(act, subject, inputs=inputs, body=body)

    @contextmanager
    def alone(self) -> Iterator[Callable[..., Entry]]:
        """Meanwhile nobody else enters or collects anything; what is yielded enters, as `append` does."""
        with disk.locked(self.folder / "lock"):
            yield self._enter

    def _enter(
        self,
        act: Act | str,
        subject: Digest,
        *,
        inputs: Mapping[str, Digest] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Entry:
        noted = _plain({"at": now(), **(body or {})})
        last = self.manifests.last()
        number, previous = (last.number + 1, last.digest) if last else (1, None)
        if len(self) != number - 1:  # what is entered now would stand on what does not hold
            list(self)
        entry = Entry(number, Act(act), subject, inputs or {}, noted, previous)
        for name in entry.objects:
            self.objects.open(name)
        file = self.manifests.add(entry, drafts=self.folder / "drafts")
        try:
            self.index.add([(file, entry)])
        except sqlite3.DatabaseError:
            self.index.forget()
        return entry

    def __iter__(self) -> Iterator[Entry]:
        """All entries in order, each checked against its name and against the one before it."""
        previous: Entry | None = None
        for file in self.manifests.files():
            entry = self.manifests.read(file)
            _follows(previous, entry, where=self.manifests.folder / file)
            yield entry
            previous = entry

    def __len__(self) -> int:
        return len(self.manifests.files())

    def whole(self) -> list[Entry]:
        """All entries, those of guests where they came in: each once, in the order in which this ledger met them."""
        own = list(self)
        met = {entry.digest for entry in own}
        out: list[Entry] = []
        for entry in own:
            for guest in self._guests(entry):
                if guest.digest not in met:
                    met.add(guest.digest)
                    out.append(guest)
            out.append(entry)
        return out

    def find(
        self,
        act: Act | str | None = None,
        *,
        subject: Digest | None = None,
        used: Digest | None = None,
        name: str | None = None,
    ) -> list[Entry]:
        """The entries of this act, upon this subject, out of this input, whose body bears this name; in order.

        Those of guests stand where they came in.
        """
        kind = Act(act) if act else None
        placed = [(entry.number, 1, 0, entry) for entry in self._own(kind, subject, used, name)]
        met = set[Digest]()
        for entry in self._own(Act.IMPORT, None, None, None):
            met = met or {f"sha256:{file[13:77]}" for file in self.manifests.files()}
            for place, guest in enumerate(self._guests(entry)):
                if guest.digest not in met:
                    met.add(guest.digest)
                    placed.append((entry.number, 0, place, guest))
        found = [each[3] for each in sorted(placed, key=lambda each: each[:3])]
        return [
            entry
            for entry in found
            if kind in (None, entry.act)
            and subject in (None, entry.subject)
            and name in (None, entry.body.get("name"))
            and (used is None or used in entry.inputs.values())
        ]

    def after(self, entry: Entry, act: Act | str) -> list[Entry]:
        """What was done with the subject of an entry after that entry, as its own chain has it; in order."""
        said = self.find(subject=entry.subject)
        place = next(place for place, each in enumerate(said) if each.digest == entry.digest)
        return [each for each in said[place + 1 :] if each.act == Act(act) and each.chain == entry.chain]

    def entry(self, ref: int | str) -> Entry:
        """The entry of that number, or the only one whose digest starts so (four digits or more)."""
        wanted = str(ref).removeprefix("sha256:")
        files = self.manifests.files()
        named = [file for file in files if len(wanted) >= 4 and file.partition("-")[2].startswith(wanted)]
        numbered = [file for file in files if wanted.isdecimal() and int(file.partition("-")[0]) == int(wanted)]
        found = numbered if isinstance(ref, int) else named or numbered
        if len(found) > 1:
            raise LedgerError("this could mean several entries", found=", ".join(found[:5]), fix="give more digits")
        if not found:
            raise UnknownName("entry", str(ref), [file.partition("-")[2][:12] for file in files])
        return self.manifests.read(found[0])

    def catch_up(self) -> None:
        """Brings the index up to date; LedgerError where it remembers entries that are gone."""
        known = self.index.files()  # asked first: meanwhile others may add entries, first the file and then its row
        files = self.manifests.files()
        _refuse_mixture(self.manifests.folder, files)
        gone = sorted(known - set(files))
        if gone:
            raise LedgerError(
                "an entry was removed",
                where=str(self.manifests.folder / gone[0]),
                fix="restore this file from a copy; or delete index.sqlite to go on without the entry, "
                "if no later one stands on it",
            )
        self.index.add((file, self.manifests.read(file)) for file in files if file not in known)

    def _own(self, act: Act | None, subject: Digest | None, used: Digest | None, name: str | None) -> list[Entry]:
        """Entries of the ledger's own chain that may be meant."""
        try:
            self.catch_up()
            files = self.index.find(act, subject, used, name)
        except sqlite3.DatabaseError:
            self.index.forget()
            files = self.manifests.files()
        entries = [self.manifests.read(file) for file in files]
        return [entry for entry in entries if act in (None, entry.act)]

    def _guests(self, entry: Entry) -> Iterator[Entry]:
        if entry.act == Act.IMPORT:
            for chain in brought(self.objects, entry):
                yield from chain.entries


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it will read when it comes back; LedgerError where it is not JSON."""
    try:
        return json.loads(digest.canonical(body))
    except (TypeError, ValueError) as error:
        raise LedgerError("this cannot be recorded, for it is not JSON", found=str(error)) from error


def _follows(previous: Entry | None, entry: Entry, *, where: Path) -> None:
    if previous and previous.number == entry.number:
        raise _mixture(where)
    wanted = (previous.number + 1, previous.digest) if previous else (1, None)
    if (entry.number, entry.previous) != wanted:
        before = f"entry {wanted[0]} after {previous.digest[:19]}…" if previous else "entry 1"
        raise LedgerError(
            "the chain is broken: an entry before this one was removed, replaced or moved",
            where=str(where),
            found=f"entry {entry.number} after {(entry.previous or 'nothing')[:19]}…, where {before} belongs",
            fix="restore manifests/ from a copy",
        )


def _refuse_mixture(folder: Path, files: list[str]) -> None:
    """Quick, and without a look into the files."""
    for one, other in pairwise(files):
        if one[:13] == other[:13]:
            raise _mixture(folder / other)


def _mixture(where: Path) -> LedgerError:
    return LedgerError(
        "two entries bear the same number: the files of two ledgers were laid into one folder",
        where=str(where),
        fix="take those of one of them out again, and bring it in with: mintmark export, mintmark import",
    )
