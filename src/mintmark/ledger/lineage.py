"""Where a thing comes from: the entries that it stands on, as a list and as a tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mintmark.digest import Digest
from mintmark.errors import UnknownName
from mintmark.ledger.entry import Entry
from mintmark.ledger.ledger import Ledger


@dataclass(frozen=True)
class Origin:
    """An entry, and for each of its inputs the entries that brought it about (none where it came from outside)."""

    entry: Entry
    inputs: Mapping[str, tuple["Origin", ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        """All entries of the tree; one that is used twice comes twice."""
        yield self.entry
        for origins in self.inputs.values():
            for origin in origins:
                yield from origin


def lineage(ledger: Ledger, subject: Digest) -> list[Entry]:
    """The entries that a subject stands on, its own last, each once, in order.

    `subject` is the digest of a subject or of an entry. UnknownName where the ledger has never seen it.
    """
    found = {entry.number: entry for origin in origins(ledger, subject) for entry in origin}
    return [found[number] for number in sorted(found)]


def origins(ledger: Ledger, subject: Digest) -> tuple[Origin, ...]:
    """The same as trees: one for each act upon the subject, the newest of its kind."""
    entries = list(ledger)
    found = _origins(entries, subject, before=len(entries) + 1, known={})
    if not found:
        raise UnknownName("subject in this ledger called", subject, {entry.subject for entry in entries})
    return found


_Known = dict[tuple[Digest, int], tuple[Origin, ...]]


def _origins(entries: list[Entry], subject: Digest, *, before: int, known: _Known) -> tuple[Origin, ...]:
    """What was done again replaces what was done before; what came after its use is no origin of it."""
    if (subject, before) not in known:
        newest = {entry.act: entry for entry in entries[: before - 1] if subject in (entry.subject, entry.digest)}
        known[subject, before] = tuple(
            Origin(entry, {name: _origins(entries, used, before=entry.number, known=known)
                           for name, used in entry.inputs.items()})
            for entry in sorted(newest.values(), key=lambda entry: entry.number)
        )  # fmt: skip
    return known[subject, before]
