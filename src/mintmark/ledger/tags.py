"""Tags: names of one's own for versions. A tag stands until it is moved by name, and the chain remembers each move."""

from dataclasses import dataclass
from typing import Any

from mintmark.digest import Digest
from mintmark.errors import InputError, UnknownName
from mintmark.ledger import naming
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.naming import Named


@dataclass(frozen=True)
class Tag:
    """What a tag stands for, or stood for once."""

    name: str
    tag: str
    version: str
    """As in `wine@2`; the beginning of its entry's digest where that is not in this ledger."""
    entry: Digest
    at: str
    removed: bool = False

    def __str__(self) -> str:
        return f"{self.name}@{self.tag}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(vars(self))


def put(ledger: Ledger, ref: str, tag: str, *, move: bool = False) -> Named:
    """Lets a tag stand for a version, and returns that version.

    What stands so already is not entered again. InputError where the tag stands for another version and is not to be
    moved, or where no tag can be called so; UnknownName.
    """
    naming.check_tag(tag)
    with ledger.alone() as enter:  # what it stands for must not change before it is entered
        wanted = naming.meant(ledger, ref)
        before = naming.standing(ledger).get((wanted.name, tag))
        if before == wanted.entry.digest:
            return wanted
        if before is not None and not move:
            held = _called(before, naming.named(ledger))
            raise InputError("this tag stands for another version", where=f"{wanted.name}@{tag}", found=held,
                             fix=f"choose another one, or move it (--move) to {wanted}")  # fmt: skip
        body = {"name": wanted.name, "tag": tag, "entry": wanted.entry.digest}
        enter(Act.TAG, wanted.entry.subject, body=body if before is None else {**body, "before": before})
    return naming.meant(ledger, f"{wanted.name}@{tag}")


def remove(ledger: Ledger, ref: str, tag: str) -> Named:
    """Takes a tag away, and returns the version that it stood for. UnknownName where there is no such tag."""
    with ledger.alone() as enter:
        name = naming.meant(ledger, ref).name
        target = naming.standing(ledger).get((name, tag))
        if target is None:
            tags = [f"{name}@{known}" for called, known in naming.standing(ledger) if called == name]
            raise UnknownName("tag in this ledger called", f"{name}@{tag}", tags)
        stood = naming.meant(ledger, f"{name}@{tag}")
        body = {"name": name, "tag": tag, "entry": target, "removed": True}
        enter(Act.TAG, stood.entry.subject, body=body)
    return stood


def tags(ledger: Ledger, name: str | None = None, *, history: bool = False) -> list[Tag]:
    """The tags that stand, of one name or of all; with `history` every act of tagging, oldest first."""
    versions, standing = naming.named(ledger), dict(naming.standing(ledger))
    if name is not None:
        name = naming.meant(ledger, name).name
    found = []
    for entry in ledger.find(Act.TAG):
        (called, tag), target = naming.told(entry)
        at, removed = str(entry.body.get("at")), bool(entry.body.get("removed"))
        if name in (None, called) and (history or (standing.get((called, tag)) == target and not removed)):
            found.append(Tag(called, tag, _called(target, versions), target, at, removed))
    return found if history else list({(each.name, each.tag): each for each in found}.values())


def _called(entry: Digest, versions: list[Named]) -> str:
    return next((str(each) for each in versions if each.entry.digest == entry), entry[:19])
