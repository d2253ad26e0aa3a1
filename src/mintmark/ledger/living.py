"""What the entries of a ledger need of its objects, and what they can do without, for it was collected."""

from collections.abc import Iterable, Iterator, Mapping

from mintmark.digest import Digest
from mintmark.errors import LedgerError
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger

KEPT = "sketch"
"""What stays of a dataset whose rows are collected: it holds no row."""


def collected(ledger: Ledger) -> Mapping[Digest, Entry]:
    """The acts that collected rows, by the digest of the dataset's entry.

    What a guest collected is gone only where it is not here: no stranger's word makes anybody's rows superfluous.
    """
    acts = collects(ledger.find(Act.COLLECT))
    if all(act.chain is None for act in acts.values()):
        return acts
    own = collects(act for act in ledger.find(Act.COLLECT) if act.chain is None)
    guests = {entry.digest: entry for entry in ledger.find(Act.DATASET) if entry.chain is not None}
    absent = {name for name, entry in guests.items() if not all(map(ledger.objects.holds, entry.objects))}
    return {**{name: act for name, act in acts.items() if name in absent}, **own}


def collects(entries: Iterable[Entry]) -> dict[Digest, Entry]:
    """The same, among these entries."""
    return {str(entry.body.get("entry")): entry for entry in entries if entry.act == Act.COLLECT}


def words(act: Entry) -> str:
    """When rows were collected, and why."""
    at, policy = str(act.body.get("at"))[:10], act.body.get("policy")
    return f"its rows were collected on {at} under the policy: {policy}"


def needed(entry: Entry, gone: Mapping[Digest, Entry]) -> list[Digest]:
    """The objects without which an entry cannot be understood."""
    kept = entry.body.get(KEPT)
    if entry.digest not in gone:
        return entry.objects
    return [kept["object"]] if isinstance(kept, Mapping) and "object" in kept else []


def mentioned(entries: Iterable[Entry], gone: Mapping[Digest, Entry]) -> Iterator[Digest]:
    """Every digest that an entry mentions, but for the rows that were collected."""
    for entry in entries:
        yield from needed(entry, gone) if entry.digest in gone else entry.mentions


def check_held(ledger: Ledger, entries: Iterable[Entry], gone: Mapping[Digest, Entry]) -> None:
    """LedgerError where an object is missing that nobody collected."""
    for entry in entries:
        for name in needed(entry, gone):
            if not ledger.objects.holds(name):
                raise LedgerError(
                    f"entry {entry.number} ({entry.act}) refers to an object that is missing",
                    where=str(ledger.objects.path(name)),
                    fix="restore this file from a copy",
                )
