"""Which version is meant: `wine` (the newest), `wine@2` (the second), `wine@gold` (by its tag), or by its digest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mintmark.digest import Digest
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger

TAG = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
PLACE = "ledger:"
"""May stand before the name of a dataset where the path of a file could be meant as well."""
FEWEST = 4
"""Digits of a digest that may stand for all of it."""


@dataclass(frozen=True)
class Named:
    """A version of a dataset."""

    entry: Entry
    name: str
    version: int
    """Which one of that name, counted from 1 in the order in which this ledger met them; so it never changes."""
    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def called(self, word: str) -> bool:
        """Is it the one after the @?"""
        return word == str(self.version) or word in self.tags


def named(ledger: Ledger) -> list[Named]:
    """All versions, oldest first."""
    tags: dict[tuple[str, Digest], list[str]] = {}
    for (called, tag), target in sorted(standing(ledger).items()):
        tags.setdefault((called, target), []).append(tag)
    counts: dict[str, int] = {}
    out = []
    for entry in ledger.find(Act.DATASET):
        name = entry.body.get("name")
        if isinstance(name, str):  # a record made by hand may hold others
            counts[name] = counts.get(name, 0) + 1
            out.append(Named(entry, name, counts[name], tuple(tags.get((name, entry.digest), ()))))
    return out


def meant(ledger: Ledger, ref: int | str) -> Named:
    """The version that is meant. UnknownName lists those that there are; LedgerError where several could be meant."""
    text = str(ref).removeprefix(PLACE)
    versions = named(ledger)
    called = [each for each in versions if each.name == text]
    if called:
        return called[-1]
    name, at, word = text.rpartition("@")
    mine = [each for each in versions if at and each.name == name]
    if mine:
        return _one_of(mine, word, text)
    numbered = [each for each in versions if each.entry.chain is None and str(each.entry.number) == text]
    found = _alike(versions, text) or numbered
    if not found:
        raise UnknownName("dataset in this ledger called", text, choices(versions))
    return _sure(found, text)


def choices(versions: Iterable[Named]) -> list[str]:
    """All that versions can be called, but for their digests."""
    found = list(versions)
    tagged = [f"{each.name}@{tag}" for each in found for tag in each.tags]
    repeated = [str(each) for each in found if sum(other.name == each.name for other in found) > 1]
    return list(dict.fromkeys([*(each.name for each in found), *repeated, *tagged]))


def standing(ledger: Ledger) -> Mapping[tuple[str, str], Digest]:
    """The entry that each tag stands for, by name and tag.

    What a guest tagged counts until this ledger says otherwise, and never moves a tag of another chain.
    """
    held: dict[tuple[str, str], tuple[Digest | None, Digest]] = {}
    for entry in ledger.find(Act.TAG):
        key, target = told(entry)
        if entry.chain is None or held.get(key, (entry.chain, ""))[0] == entry.chain:
            held[key] = entry.chain, "" if entry.body.get("removed") else target
    return {key: target for key, (_, target) in held.items() if target}


def told(entry: Entry) -> tuple[tuple[str, str], Digest]:
    """What an act of tagging says: the name and the tag, and the entry that is meant."""
    return (str(entry.body.get("name")), str(entry.body.get("tag"))), str(entry.body.get("entry"))


def check_tag(tag: str) -> None:
    """InputError where a version could not be told by it."""
    if not TAG.fullmatch(tag):
        fix = "use up to 64 of a-z, 0-9, _, . and -, beginning with a letter: digits alone count versions"
        raise InputError("this cannot be a tag", found=repr(tag), fix=fix)


def _one_of(versions: list[Named], word: str, text: str) -> Named:
    found = [each for each in versions if each.called(word)] or _alike(versions, word)
    if not found:
        known = [f"{each.name}@{called}" for each in versions for called in (each.version, *each.tags)]
        raise UnknownName("version in this ledger called", text, known)
    return _sure(found, text)


def _alike(versions: list[Named], text: str) -> list[Named]:
    """Those whose content or entry has a digest that begins so."""
    start = text.removeprefix("sha256:")
    if len(start) < FEWEST:
        return []
    return [
        each
        for each in versions
        if start in (each.entry.subject[7:][: len(start)], each.entry.digest[7:][: len(start)])
    ]


def _sure(found: list[Named], text: str) -> Named:
    if len({each.entry.subject for each in found}) > 1:
        raise LedgerError("this could mean several datasets", found=text, fix="give more digits")
    return found[-1]
