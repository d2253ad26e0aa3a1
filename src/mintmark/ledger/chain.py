"""A chain as one file: a line for each entry, whole, or as its outline where its body is not told.

An outline bears the digest of the body in the body's place and so has the digest of the entry itself. A chain of which
only a part is told can therefore be checked from its first entry to its last, and nobody can leave a link out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import LedgerError
from mintmark.ledger.entry import Act, Entry, is_digest, parsed
from mintmark.ledger.objects import Objects

MOST = 10_000_000
"""Entries of a chain."""

_FIELDS = {"version", "number", "act", "subject", "inputs", "body", "previous"}


@dataclass(frozen=True)
class Link:
    """An entry in its place in the chain, or what is known of it."""

    digest: Digest
    line: bytes
    entry: Entry | None
    """None where its body is not told."""


@dataclass(frozen=True)
class Chain:
    """Links from the first entry on, each naming the one before."""

    links: tuple[Link, ...]

    @property
    def head(self) -> Digest:
        """The last entry, which stands for all of them."""
        return self.links[-1].digest

    @property
    def root(self) -> Digest:
        """The first entry, by which a chain is known however long it grows."""
        return self.links[0].digest

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Those that are told, in order."""
        return tuple(link.entry for link in self.links if link.entry is not None)

    @property
    def whole(self) -> bool:
        """Is every entry told?"""
        return len(self.entries) == len(self.links)

    def telling(self, told: Collection[Digest], known: Iterable[Entry] = ()) -> bytes:
        """The file that tells these entries, and of all others no more than the outline.

        `known` are entries that other files told.
        """
        bodies = {entry.digest: entry for entry in (*known, *self.entries)}
        lines = [
            bodies[link.digest].to_bytes() if link.digest in told and link.digest in bodies else outlined(link)
            for link in self.links
        ]
        return b"\n".join(lines) + b"\n"

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Chain":
        """The chain of entries that follow each other."""
        return cls(tuple(Link(entry.digest, entry.to_bytes(), entry) for entry in entries))

    @classmethod
    def parse(cls, data: bytes, where: str) -> "Chain":
        """Reads what `telling` wrote; LedgerError where a line is no entry or does not follow the one before it."""
        links: list[Link] = []
        root = None
        for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), 1):
            if number > MOST:
                raise LedgerError("this chain has too many entries", where=where)
            link = _link(line, number, links[-1].digest if links else None, f"{where}: line {number:,}")
            root = root or link.digest
            links.append(replace(link, entry=link.entry and replace(link.entry, chain=root)))
        return cls(tuple(links))


def outlined(link: Link) -> bytes:
    """A link's line without its body."""
    return digest.canonical(link.entry.outline()) if link.entry is not None else link.line


def brought(objects: Objects, entry: Entry) -> list[Chain]:
    """The chains that an act of import brought, each once and after those that it brought itself.

    LedgerError where one is missing or altered.
    """
    out: list[Chain] = []
    met: set[Digest] = set()
    coming = [(name, False) for name in reversed(guests(entry, str(objects.folder)))]
    while coming:  # a list of what is to come: guests of guests may nest deeper than calls can, or meet again
        name, ready = coming.pop()
        chain = _read(objects.open(name), name)
        if ready:
            out.append(chain)
        elif name not in met:
            met.add(name)
            inner = [each for each in chain.entries if each.act == Act.IMPORT]
            more = [(each, False) for act in inner for each in guests(act, str(objects.folder))]
            coming += [(name, True), *reversed(more)]
    return out


def guests(entry: Entry, where: str) -> list[Digest]:
    """The files of the chains that an act of import brought; LedgerError where it does not say so properly."""
    told = entry.body.get("chains")
    names = [str(each.get("object")) for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []
    if not names or not all(map(is_digest, names)):
        found = f"entry {entry.number}, {entry.digest[:19]}"
        raise LedgerError("this act of import names no chain", where=where, found=found)
    return names


@lru_cache(maxsize=64)
def _read(path: Path, name: Digest) -> Chain:
    """A chain never changes, for it bears the digest of its bytes, so it is read once."""
    data = path.read_bytes()
    if digest.of_bytes(data) != name:
        raise LedgerError("this object was altered", where=str(path), fix="restore this file from a copy")
    return Chain.parse(data, str(path))


def _link(line: bytes, number: int, previous: Digest | None, where: str) -> Link:
    body = parsed(line, where)
    outline = isinstance(body.get("body"), str)
    entry = None if outline else Entry.from_bytes(line, where=where)
    if outline:
        _check_outline(body, line, where)
    elif entry is None or entry.to_bytes() != line:
        raise LedgerError("this entry is not written as entries are", where=where)
    if (body["number"], body["previous"]) != (number, previous):
        raise LedgerError(
            "the chain is broken: an entry before this one was removed, replaced or moved",
            where=where,
            found=f"entry {body['number']} after {str(body['previous'])[:19]}, where entry {number} belongs",
        )
    return Link(digest.of_json(body) if entry is None else entry.digest, line, entry)


def _check_outline(body: dict[str, Any], line: bytes, where: str) -> None:
    try:
        sound = set(body) == _FIELDS and is_digest(body["body"]) and digest.canonical(body) == line
    except (ValueError, RecursionError):
        sound = False
    if not sound:
        raise LedgerError("this is not the outline of an entry", where=where)
