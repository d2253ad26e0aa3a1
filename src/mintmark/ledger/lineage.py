"""Where a thing comes from: the entries that it stands on, as a list and as a tree."""

from collections.abc import Iterator, Mapping, Sequence
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
    """The entries that a subject stands on, its own last, each once, in the order in which the ledger met them.

    `subject` is the digest of a subject or of an entry. It runs across guests. UnknownName where the ledger has never
    seen it.
    """
    entries = ledger.whole()
    places = _places(entries)
    found: set[int] = set()
    asked = {(subject, len(entries))}
    coming = [*asked]
    while coming:  # a list of what is to come: a forged record may nest deeper than calls can, or fold without end
        for place in _newest(entries, places, *coming.pop()):
            found.add(place)
            more = {(used, place) for used in entries[place].inputs.values()} - asked
            asked |= more
            coming += more
    if not found:
        raise _unknown(subject, entries)
    return [entries[place] for place in sorted(found)]


def origins(ledger: Ledger, subject: Digest) -> tuple[Origin, ...]:
    """The same as trees: one for each act upon the subject, the newest of its kind."""
    entries = ledger.whole()
    found = _origins(entries, _places(entries), subject, before=len(entries), known={})
    if not found:
        raise _unknown(subject, entries)
    return found


_Places = Mapping[Digest, Sequence[int]]
_Known = dict[tuple[Digest, int], tuple[Origin, ...]]


def _places(entries: list[Entry]) -> _Places:
    """Where the acts upon each subject stand; an entry may be named by its own digest too."""
    out: dict[Digest, list[int]] = {}
    for place, entry in enumerate(entries):
        out.setdefault(entry.subject, []).append(place)
        out.setdefault(entry.digest, []).append(place)
    return out


def _newest(entries: list[Entry], places: _Places, subject: Digest, before: int) -> list[int]:
    """What was done again replaces what was done before; what came after its use is no origin of it.

    So a record that says of two things that each was made of the other has no cycle: one of them came first.
    """
    newest = {entries[place].act: place for place in places.get(subject, ()) if place < before}
    return sorted(newest.values())


def _origins(
    entries: list[Entry], places: _Places, subject: Digest, *, before: int, known: _Known
) -> tuple[Origin, ...]:
    if (subject, before) not in known:
        known[subject, before] = tuple(
            Origin(entries[place], {name: _origins(entries, places, used, before=place, known=known)
                                    for name, used in entries[place].inputs.items()})
            for place in _newest(entries, places, subject, before)
        )  # fmt: skip
    return known[subject, before]


def _unknown(subject: Digest, entries: list[Entry]) -> UnknownName:
    return UnknownName("subject in this ledger called", subject, {entry.subject for entry in entries})
