"""Does the whole record still hold: the chain, every object, and what the index remembers?"""

import sqlite3
from dataclasses import dataclass

from mintmark.errors import LedgerError
from mintmark.ledger.ledger import Ledger


@dataclass(frozen=True)
class Sound:
    """What was looked at and found in order."""

    entries: int
    objects: int


def verify(ledger: Ledger) -> Sound:
    """Walks all entries and all objects.

    LedgerError names the first file, and in it the first byte, that does not fit. A damaged index is no damage: it is
    made again.
    """
    try:
        ledger.catch_up()
    except sqlite3.DatabaseError:
        ledger.index.forget()
    entries = list(ledger)
    for entry in entries:
        for name in entry.objects:
            if not ledger.objects.holds(name):
                raise LedgerError(
                    f"entry {entry.number} ({entry.act}) refers to an object that is missing",
                    where=str(ledger.objects.path(name)),
                    fix="restore this file from a copy",
                )
    names = list(ledger.objects)
    for name in names:
        ledger.objects.check(name)
    _renew(ledger)
    return Sound(len(entries), len(names))


def _renew(ledger: Ledger) -> None:
    """The index is made again from what was just proved, lest it remember something else."""
    try:
        for file in ledger.manifests.files():
            if ledger.index.manifest(file) != (ledger.manifests.folder / file).read_bytes():
                ledger.index.forget()
                break
        ledger.catch_up()
    except sqlite3.DatabaseError:
        ledger.index.forget()
