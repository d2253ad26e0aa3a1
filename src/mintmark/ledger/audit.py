"""Does the whole record still hold: the chain, every object, and what the index remembers?"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from mintmark.ledger.entry import Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import check_held, collected, words

SKEW = timedelta(minutes=1)
"""A clock that went back by no more is not worth a word."""


@dataclass(frozen=True)
class Sound:
    """What was looked at and found in order."""

    entries: int
    objects: int
    notes: tuple[str, ...] = ()
    """What is no damage, and worth knowing."""


def verify(ledger: Ledger) -> Sound:
    """Walks all entries, those of guests too, and all objects.

    LedgerError names the first file, and in it the first byte, that does not fit. A damaged index is no damage: it is
    made again. Nor are rows that were collected, or a clock that went back: the order is that of the chain.
    """
    try:
        ledger.catch_up()
    except sqlite3.DatabaseError:
        ledger.index.forget()
    entries = ledger.whole()
    gone = collected(ledger)
    check_held(ledger, entries, gone)
    names = list(ledger.objects)
    for name in names:
        ledger.objects.check(name)
    _renew(ledger)
    return Sound(len(entries), len(names), (*_collected(gone.values()), *_skews(ledger)))


def _collected(acts: Iterable[Entry]) -> Iterator[str]:
    for act in acts:
        yield f"{act.body.get('name')} (entry {act.number}): {words(act)}"


def _skews(ledger: Ledger) -> Iterator[str]:
    """Where the clock went back by more than machines that share a ledger may differ."""
    for before, after in pairwise(ledger):
        with suppress(TypeError, ValueError):
            then, now = (datetime.fromisoformat(str(entry.body.get("at"))) for entry in (before, after))
            if now < then - SKEW:
                yield (
                    f"entry {after.number} says that it was made at {after.body['at']}, and entry {before.number}, "
                    f"before it, at {before.body['at']}: a clock was wrong; the order is that of the chain"
                )


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
