"""A ledger, or a dataset with all that it stands on, as one file; and the checks that such a file must pass.

    mintmark.json           what is in it: the chains by their last entry, and every object with its size
    objects/ab/cdef…        the objects under the digests of their bytes, the chains among them
    signature.dsse.json     a signature of mintmark.json, and so of everything
    signer.pem              the public key that it was made with

The private key, the work of runs and the index stay at home.
"""

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import LedgerError
from mintmark.ledger import tarball
from mintmark.ledger.chain import Chain, guests
from mintmark.ledger.entry import Act, Entry, is_digest, newer
from mintmark.ledger.living import collects, needed
from mintmark.ledger.signing import Key, Signed, verify_envelope
from mintmark.ledger.tarball import Tarball

FORMAT = 1
MANIFEST, SIGNATURE, SIGNER = "mintmark.json", "signature.dsse.json", "signer.pem"
MEDIA_TYPE = "application/vnd.mintmark.ledger+json"
LAYOUT = re.compile("|".join((r"objects/[0-9a-f]{2}/[0-9a-f]{62}", *map(re.escape, (MANIFEST, SIGNATURE, SIGNER)))))
MOST_MANIFEST, MOST_CHAIN = 256_000_000, 1_000_000_000
"""Bytes."""


@dataclass(frozen=True)
class Archive:
    """An archive all of whose bytes, chains and signature hold."""

    tar: Tarball
    manifest: bytes
    chains: tuple[Chain, ...]
    signed: Signed | None
    entries: tuple[Entry, ...]
    """All that are told, those of guests' guests too."""
    gone: Mapping[Digest, Entry]
    """The acts that collected rows which need not be there, by the digest of the dataset's entry."""

    @property
    def digest(self) -> Digest:
        """What its content is named after, whoever signed it."""
        return digest.of_bytes(self.manifest)

    @cached_property
    def told(self) -> list[dict[str, Any]]:
        """The chains, as an act of import names them."""
        return json.loads(self.manifest)["chains"]

    @property
    def chain_objects(self) -> list[Digest]:
        """The objects that hold the chains."""
        return [told["object"] for told in self.told]

    @cached_property
    def objects(self) -> frozenset[Digest]:
        """All objects, the chains among them."""
        return frozenset(f"sha256:{name[8:10]}{name[11:]}" for name in self.tar.files if name.startswith("objects/"))

    def open_object(self, name: Digest) -> io.BufferedReader:
        """An object, to be read where it lies."""
        return self.tar.open_file(place(name))

    def read_object(self, name: Digest, most: int) -> bytes:
        """An object's bytes; LedgerError where there are more than `most`."""
        return self.tar.read(place(name), most)


def write(path: Path, chains: Iterable[bytes], objects: Mapping[Digest, Path], key: Key | None) -> tuple[Digest, int]:
    """Writes an archive; returns the digest of its content, and its size in bytes."""
    files: dict[Digest, Path | bytes] = dict(objects)
    told = []
    for data in chains:
        name, chain = digest.of_bytes(data), Chain.parse(data, str(path))
        files[name] = data
        told.append({"head": chain.head, "entries": len(chain.links), "object": name})
    sizes = {name: len(each) if isinstance(each, bytes) else each.stat().st_size for name, each in files.items()}
    manifest = digest.canonical({"format": FORMAT, "chains": told, "objects": sizes})
    papers = [] if key is None else [(SIGNATURE, key.sign(manifest, MEDIA_TYPE)), (SIGNER, key.public)]
    members = [(MANIFEST, manifest), *((place(name), files[name]) for name in sorted(files)), *papers]
    return digest.of_bytes(manifest), tarball.write(path, members)


def checked(path: Path, trusted: frozenset[str] = frozenset()) -> Archive:
    """Reads an archive and checks all that can be checked without looking into objects; nothing is written.

    LedgerError says what does not hold: the form, a digest, a link of a chain, the signature, a missing object, or that
    a newer program wrote it.
    """
    tar = Tarball.open(path, LAYOUT)
    if MANIFEST not in tar.files:
        raise LedgerError("this is no archive of a ledger: it does not say what is in it", where=str(path))
    manifest = tar.read(MANIFEST, MOST_MANIFEST)
    body = _manifest(manifest, f"{path}: {MANIFEST}")
    _check_listed(tar, body["objects"], path)
    signed = _signed(tar, manifest, trusted, path)
    for name in body["objects"]:
        if (found := tar.digest(place(name))) != name:
            raise LedgerError("this object was altered", where=f"{path}: {place(name)}", found=found)
    chains = tuple(_chain(tar, told["object"], path) for told in body["chains"])
    for chain, told in zip(chains, body["chains"], strict=True):
        if (chain.head, len(chain.links)) != (told["head"], told["entries"]):
            where = f"{path}: {place(told['object'])}"
            raise LedgerError("this chain does not end where it should", where=where, found=chain.head)
    entries = _entries(tar, chains, path)
    gone = _gone(tar, chains, entries)
    for entry in entries:
        for name in needed(entry, gone):
            if place(name) not in tar.files:
                raise _missing(name, f"entry {entry.number} ({entry.act})", path)
    return Archive(tar, manifest, chains, signed, tuple(entries), gone)


def place(name: Digest) -> str:
    """Where an object lies in an archive."""
    return f"objects/{name[7:9]}/{name[9:]}"


def _manifest(data: bytes, where: str) -> dict[str, Any]:
    try:
        body = json.loads(data)
        if isinstance(body, dict) and isinstance(body.get("format"), int) and body["format"] > FORMAT:
            raise newer("archive", body["format"], where)
        sizes, chains = body["objects"], body["chains"]
        sound = (
            set(body) == {"format", "chains", "objects"}
            and body["format"] == FORMAT
            and digest.canonical(body) == data
            and all(is_digest(name) and type(size) is int for name, size in sizes.items())
            and bool(chains)
            and all(set(told) == {"head", "entries", "object"} and told["object"] in sizes for told in chains)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise LedgerError("this is no list of what an archive holds", where=where, found=str(error)[:200]) from error
    if not sound:
        raise LedgerError("this is no list of what an archive holds", where=where)
    return body


def _check_listed(tar: Tarball, sizes: Mapping[Digest, int], path: Path) -> None:
    listed = {place(name): size for name, size in sizes.items()}
    found = {name: each.size for name, each in tar.files.items() if name.startswith("objects/")}
    for name in sorted({*listed, *found}):
        if listed.get(name) != found.get(name):
            wrong = "is missing" if name not in found else "is not listed" if name not in listed else "has another size"
            raise LedgerError(f"an object {wrong}", where=f"{path}: {name}", fix="fetch the archive again")


def _signed(tar: Tarball, manifest: bytes, trusted: frozenset[str], path: Path) -> Signed | None:
    papers = [name in tar.files for name in (SIGNATURE, SIGNER)]
    signed = None
    if any(papers):
        if not all(papers):
            raise LedgerError("a signature and its key come together", where=str(path))
        try:
            signed = verify_envelope(tar.read(SIGNATURE, MOST_MANIFEST * 2), MEDIA_TYPE,
                                     public=tar.read(SIGNER, 10_000), trusted=trusted)  # fmt: skip
        except LedgerError as error:
            raise LedgerError(error.wrong, where=f"{path}: {SIGNATURE}", found=error.found) from error
        if signed.payload != manifest:
            raise LedgerError("the signature is of another archive", where=f"{path}: {SIGNATURE}")
    if trusted and not (signed and signed.trusted):
        found = f"key {signed.keyid}" if signed else "no signature"
        raise LedgerError("this archive is not signed by anybody whom you trust", where=str(path), found=found)
    return signed


def _chain(tar: Tarball, name: Digest, path: Path) -> Chain:
    if place(name) not in tar.files:
        raise _missing(name, "an act of import", path)
    return Chain.parse(tar.read(place(name), MOST_CHAIN), f"{path}: {place(name)}")


def _entries(tar: Tarball, chains: Iterable[Chain], path: Path) -> list[Entry]:
    """All entries, those of guests' guests too."""
    entries = [entry for chain in chains for entry in chain.entries]
    known: set[Digest] = set()
    for entry in entries:  # it grows while it is read
        for name in guests(entry, str(path)) if entry.act == Act.IMPORT else ():
            if name not in known:
                known.add(name)
                entries += _chain(tar, name, path).entries
    return entries


def _gone(tar: Tarball, chains: Iterable[Chain], entries: Iterable[Entry]) -> dict[Digest, Entry]:
    """Rows that were collected, and are not there. What a guest collected is no excuse for a chain of the archive's
    own."""
    told = [entry for chain in chains for entry in chain.entries]
    mine = {entry.digest for entry in told}
    acts = {**{name: act for name, act in collects(entries).items() if name not in mine}, **collects(told)}
    absent = {entry.digest for entry in entries if any(place(name) not in tar.files for name in entry.objects)}
    return {name: act for name, act in acts.items() if name in absent}


def _missing(name: Digest, who: str, path: Path) -> LedgerError:
    return LedgerError(f"{who} refers to an object that is missing", where=f"{path}: {place(name)}")
