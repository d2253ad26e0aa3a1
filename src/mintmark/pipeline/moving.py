"""Takes a ledger, or a dataset with all that it stands on, from one place to another as one file.

What comes into a ledger that has entries of its own is a guest: its chain is kept whole beside the own one, and one act
of import names its last entry. Neither chain is rewritten (see docs/decisions/0013-guests-keep-their-chain.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mintmark import disk
from mintmark.digest import Digest
from mintmark.errors import InputError, LedgerError
from mintmark.ledger import archive as packing
from mintmark.ledger import naming
from mintmark.ledger.archive import Archive
from mintmark.ledger.chain import Chain, brought
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.ledger.living import collected, mentioned, needed
from mintmark.ledger.signing import Key, trusted_keys
from mintmark.ledger.work import going_on
from mintmark.pipeline import strangers
from mintmark.pipeline.verify import Identity


@dataclass(frozen=True)
class Exported:
    """An archive that was written."""

    path: Path
    digest: Digest
    """Of its content: whoever else exports the same content gets the same."""
    datasets: tuple[str, ...]
    entries: int
    """Entries that are told whole."""
    objects: int
    size: int
    keyid: str | None
    """Of the key that signed it."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**vars(self), "path": str(self.path), "datasets": list(self.datasets)}


@dataclass(frozen=True)
class Imported:
    """An archive that was taken in, or was there already."""

    digest: Digest
    how: str
    """"restored", "as a guest" or "nothing new"."""
    datasets: tuple[str, ...]
    """What it holds, as it is called here."""
    entries: int
    objects: int
    identity: Identity
    keyid: str | None
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What happened, in a sentence."""
        told = f"{self.entries:,} entries and {self.objects:,} objects"
        if self.how == "nothing new":
            return f"Nothing new: the {told} of this archive are here already."
        return f"{'Restored' if self.how == 'restored' else 'Taken in as a guest'}: {told}, every one checked."

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        told = {"datasets": list(self.datasets), "identity": str(self.identity), "notes": list(self.notes)}
        return {**vars(self), **told, "words": self.words}


def export_ledger(archive: Path | str, *names: str, ledger: Path | str = ".mintmark", sign: bool = True) -> Exported:
    """Writes a whole ledger into one file, or the datasets that are named, with all that they stand on.

    The same content gives the same bytes. With datasets alone, other entries are told by their outline: what was done
    and when it came in the chain, and neither their bodies nor their objects. It is signed with the ledger's key unless
    `sign` is off. Raises InputError where something lies there already, UnknownName, LedgerError where the ledger does
    not hold, and StorageError.
    """
    path, record = Path(archive), Ledger.open(Path(ledger), create=False)
    if path.exists() or path.is_symlink():
        raise InputError("something lies here already", where=str(path), fix="choose another name")
    key = Key.local(record.keys) if sign else None
    with record.alone(), disk.storage(path):  # so that nothing is collected meanwhile
        told = _told(record, names)
        chains = list(_chains(record, told, whole=not names))
        if not chains:
            raise LedgerError("there is nothing in this ledger yet", where=str(record.folder))
        objects = {name: record.objects.open(name, check=True) for name in _objects(record, told)}
        with disk.draft(path.parent) as draft:
            digest, size = packing.write(draft, chains, objects, key)
            disk.publish(draft, path)
    mine = {entry.digest for entry in told}
    datasets = tuple(str(each) for each in naming.named(record) if each.entry.digest in mine)
    return Exported(path, digest, datasets, len(told), len(objects), size, key.id if key else None)


def import_ledger(
    archive: Path | str, *, ledger: Path | str = ".mintmark", trusted: Path | str | None = None
) -> Imported:
    """Checks an archive to the last byte, and takes it in: nothing is seen of it before all has been checked.

    Where there is no entry yet, a whole ledger is restored as it was. Where there are, it comes in as a guest: its
    datasets can be named, their lineage runs across, and no entry of either chain changes. What is here already is not
    taken in again. With `trusted` (a file of public keys) it must be signed by one of them.

    Raises LedgerError for all that does not hold, InputError for keys that cannot be read, and StorageError.
    """
    keys = trusted_keys(Path(trusted)) if trusted else frozenset()
    found = packing.checked(Path(archive), keys)
    strangers.check(found)
    record = Ledger.open(Path(ledger))
    with going_on(record.folder, "importing"):
        _keep(record, found, _needed(record, found))
        with record.alone() as enter:
            how = _how(record, found)
            if how == "restored":
                record.manifests.adopt(found.chains[0].entries, drafts=record.folder / "drafts")
            elif how == "as a guest":
                _keep(record, found, found.chain_objects)
                signer = {"signer": found.signed.keyid, "trusted": found.signed.trusted} if found.signed else {}
                enter(Act.IMPORT, found.digest, body={"chains": found.told, **signer})
    return _imported(record, found, how)


def _told(record: Ledger, names: Sequence[str]) -> list[Entry]:
    """The entries that are told whole, in order: all, or those that the datasets stand on and what was done with
    them."""
    entries = record.whole()
    if not names:
        return entries
    wanted: set[Digest] = set()
    for name in names:
        subject = naming.meant(record, name).entry.subject
        wanted |= {entry.digest for entry in (*lineage(record, subject), *record.find(subject=subject))}
    gone = collected(record)
    wanted |= {gone[name].digest for name in wanted & set(gone)}
    return [entry for entry in entries if entry.digest in wanted and entry.act != Act.IMPORT]


def _chains(record: Ledger, told: Sequence[Entry], *, whole: bool) -> Iterator[bytes]:
    """Guests first, for the ledger met them before what was made of them."""
    if whole:
        own = [entry for entry in told if entry.chain is None]
        yield from [Chain.of(own).telling({entry.digest for entry in own})] if own else []
        return
    own = list(record)
    wanted = {entry.digest for entry in told}
    mine = wanted & {entry.digest for entry in own}
    left = wanted - mine
    guests = [chain for entry in own if entry.act == Act.IMPORT for chain in brought(record.objects, entry)]
    for chain in sorted(guests, key=lambda chain: (-len(chain.links), chain.head)):  # the longest tells most
        held = left & {link.digest for link in chain.links}
        if held:
            left -= held
            yield chain.telling(held, told)
    if mine:
        yield Chain.of(own).telling(mine)


def _objects(record: Ledger, told: Sequence[Entry]) -> list[Digest]:
    """What the entries need, and the papers of releases that are kept."""
    papers = {name for entry in told if entry.act == Act.RELEASE for name in entry.inputs.values()}
    gone = collected(record)
    wanted = {name for entry in told for name in needed(entry, gone)}
    return sorted({*wanted, *(name for name in papers if record.objects.holds(name))})


def _needed(record: Ledger, found: Archive) -> set[Digest]:
    """The objects of what is new, and those that are here already, or should be: damaged ones are mended."""
    entries = record.whole()
    known = {entry.digest for entry in entries}
    new = [entry for entry in found.entries if entry.digest not in known]
    return {*mentioned(entries, collected(record)), *mentioned(new, found.gone)} & found.objects


def _keep(record: Ledger, found: Archive, names: Iterable[Digest]) -> None:
    """Keeps objects. Nothing refers to them yet, so nobody sees them."""
    for name in sorted(names):
        if record.objects.sound(name):
            continue
        with found.open_object(name) as file:
            kept = record.objects.put_file(file)
        if kept != name:
            raise LedgerError("the archive changed while it was read", where=f"{found.tar.path}: {name}")


def _how(record: Ledger, found: Archive) -> str:
    known = {entry.digest for entry in record.whole()}
    if all(entry.digest in known for entry in found.entries):
        return "nothing new"
    restored = not known and len(found.chains) == 1 and found.chains[0].whole
    return "restored" if restored else "as a guest"


def _imported(record: Ledger, found: Archive, how: str) -> Imported:
    mine = {entry.digest for entry in found.entries}
    named = naming.named(record)
    signed = found.signed
    identity = Identity.NONE if not signed else Identity.TRUSTED if signed.trusted else Identity.UNKNOWN
    return Imported(
        digest=found.digest,
        how=how,
        datasets=tuple(str(each) for each in named if each.entry.digest in mine),
        entries=len(mine),
        objects=len(found.objects),
        identity=identity,
        keyid=signed.keyid if signed else None,
        notes=tuple(_notes(record, found, named)),
    )


def _notes(record: Ledger, found: Archive, named: Sequence[naming.Named]) -> Iterator[str]:
    """Tags that stand for something else here than where they come from."""
    there = dict(naming.told(entry) for entry in found.entries if entry.act == Act.TAG)
    here, called = naming.standing(record), {each.entry.digest: str(each) for each in named}
    for (name, tag), target in sorted(there.items()):
        if target in called and here.get((name, tag), target) != target:
            stands = called.get(here[name, tag], here[name, tag][:19])
            yield f"the archive calls {called[target]} {name}@{tag}, which stands for {stands} here, and goes on to"
