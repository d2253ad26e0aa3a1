"""Does a record hold: all of it, one dataset of it, or an archive of one?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from mintmark import digest
from mintmark.data.content import of_tables
from mintmark.errors import LedgerError
from mintmark.ledger import archive as packing
from mintmark.ledger import audit, naming
from mintmark.ledger.archive import SIGNER
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected, words
from mintmark.ledger.versions import Version
from mintmark.pipeline import strangers


@dataclass(frozen=True)
class Sound:
    """What was looked at, and what was found."""

    files: tuple[str, ...]
    words: str
    """What to say where there are no problems."""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    keyid: str | None = None
    trusted: bool = False


def record(folder: Path) -> Sound:
    """A whole ledger: its chain, those of its guests, and every object."""
    ledger = Ledger.open(folder, create=False)
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    try:
        notes = (*audit.verify(ledger).notes, *_signers(ledger))
    except LedgerError as error:
        problems = (str(error),)
    files = tuple(ledger.objects)
    return Sound(files, f"Sound: this record's chain and {counted(len(files), 'object')} fit.", problems, notes)


def _signers(ledger: Ledger) -> Iterator[str]:
    """Where a release was signed with another key than the one before it: somebody may have changed the key."""
    keys = [(entry, entry.inputs[SIGNER]) for entry in ledger.find(Act.RELEASE) if SIGNER in entry.inputs]
    for (_, before), (entry, key) in pairwise([each for each in keys if each[0].chain is None]):
        if key != before:
            yield f"from entry {entry.number} on, releases are signed with another key than before"


def dataset(ledger: Path, name: str) -> Sound:
    """One dataset: are its objects unaltered, and do they hold the rows that it is named after?

    UnknownName where there is no such dataset.
    """
    record = Ledger.open(ledger, create=False)
    named = naming.meant(record, name)
    version = Version(record, named.entry)
    gone = collected(record).get(named.entry.digest)
    if gone is not None:
        return Sound((), f"Sound: {named} is in the chain; {words(gone)}.", notes=(words(gone),))
    files = tuple(named.entry.objects)
    problems: tuple[str, ...] = ()
    try:
        for each in files:
            record.objects.check(each)
        contents = {table: of_tables(version.shards(table), version.schema[table].arrow()) for table in version.rows()}
        if digest.of_json({"tables": contents, "assets": []}) != named.entry.subject:
            problems = (f"{named}: these are not the rows that it is named after",)
    except LedgerError as error:
        problems = (str(error),)
    return Sound(files, f"Sound: {counted(len(files), 'object')} of {named} and its rows fit its digest.", problems)


def archive(path: Path, trusted: frozenset[str]) -> Sound:
    """An archive of a ledger, checked as it would be before it is taken in."""
    try:
        found = packing.checked(path, trusted)
        strangers.check(found)
    except LedgerError as error:
        return Sound((), "", (str(error),))
    held = f"{counted(len(found.entries), 'entry')} and {counted(len(found.objects), 'object')}"
    keyid, known = (found.signed.keyid, found.signed.trusted) if found.signed else (None, False)
    files = tuple(sorted(found.tar.files))
    return Sound(files, f"Sound: {held} of this archive fit.", keyid=keyid, trusted=known)


def counted(count: int, what: str) -> str:
    """So many of something, in words."""
    many = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{count:,} {what if count == 1 else many}"
