"""Is a released folder what was signed, byte by byte, and who signed it?

Three things are compared: the signature with the statement, every file with the statement, and the files with each
other. The first byte that does not fit is named: exactly with a ledger that kept the papers, exactly for a single byte
by the marks in `checksums.json`, and else as the first block of 16 KiB that differs. A signature whose key the reader
does not trust proves that nothing changed since, and not who made it.
"""

import base64
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mintmark import digest, disk
from mintmark.errors import LedgerError, MintmarkError
from mintmark.ledger import marks
from mintmark.ledger.entry import Act, is_digest
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.marks import Marks
from mintmark.ledger.signing import MAX_BYTES, trusted_keys, verify_envelope
from mintmark.pipeline import consistency, sound
from mintmark.pipeline.release import CHECKSUMS, SIGNER, STATEMENT
from mintmark.report.statement import MEDIA_TYPE

MAX_FILES = 100_000


class Identity(StrEnum):
    """What is known of the signer."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown key"
    NONE = "not signed"


@dataclass(frozen=True)
class Verification:
    """What was looked at, and all that does not fit."""

    folder: Path
    problems: tuple[str, ...]
    identity: Identity
    keyid: str | None
    files: tuple[str, ...]
    demanded: bool = False
    """Were trusted keys given, so that an unknown signer is a problem?"""
    notes: tuple[str, ...] = ()
    """What is no flaw, and worth knowing."""
    told: str = ""
    """What is to be said of a record where nothing is wrong."""

    @property
    def ok(self) -> bool:
        """Does everything fit, and is the signer trusted if trust was demanded?"""
        return not self.problems and (self.identity == Identity.TRUSTED or not self.demanded)

    @property
    def words(self) -> str:
        """The answer in plain sentences."""
        if self.problems:
            return f"Not as it should be: {self.folder} has {sound.counted(len(self.problems), 'flaw')}."
        if self.identity == Identity.NONE:
            return self.told
        whole = self.told or f"Unaltered: every byte of {sound.counted(len(self.files), 'file')} is as it was signed."
        if self.identity == Identity.TRUSTED:
            return f"{whole} The signer is one whom you trust (key {self.keyid})."
        return (
            f"{whole} Who signed is not known: key {self.keyid} is not among those that you trust. "
            "A key proves that nothing changed, not who holds it."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "ok": self.ok,
            "identity": str(self.identity),
            "keyid": self.keyid,
            "problems": list(self.problems),
            "notes": list(self.notes),
            "files": list(self.files),
            "words": self.words,
        }


def verify(folder: Path, *, trusted: Path | None = None, ledger: Path | None = None) -> Verification:
    """Checks a released folder, a whole ledger, an archive of one, or, by its name, a dataset of `ledger`.

    `trusted` is a file of public keys whose holders are known, `ledger` a record that may hold the original papers.
    Raises LedgerError where there is nothing to check, InputError where the keys cannot be read, and StorageError.
    """
    folder = Path(folder)
    if (folder / "manifests").is_dir():
        return _told(folder, sound.record(folder))
    if folder.is_file():
        keys = trusted_keys(Path(trusted)) if trusted else frozenset()
        return _told(folder, sound.archive(folder, keys), demanded=trusted is not None)
    if not folder.exists() and ledger is not None and (Path(ledger) / "manifests").is_dir():
        return _told(folder, sound.dataset(Path(ledger), str(folder)))
    if not folder.is_dir() or not (folder / STATEMENT).is_file():
        raise LedgerError("this is not a release: it has no signed statement", where=str(folder))
    keys = trusted_keys(Path(trusted)) if trusted else frozenset()
    with disk.storage(folder):
        listed, problems = _listed(folder)
        envelope = _read(folder / STATEMENT)
        told, keyid, doubts = _statement(folder, envelope, keys)
        kept = _kept(ledger, told, folder.name)
        problems += [f"{STATEMENT}: {_place(folder, STATEMENT, kept, {})}{doubt}" for doubt in doubts]
        subjects = _subjects(told, problems)
        # A statement that cannot be read is one flaw, and not one for each file that it would name.
        if subjects or not doubts:
            problems += _differences(folder, listed, subjects, kept)
        if not problems:
            problems += consistency.contradictions(folder, told)
    files = tuple(sorted(listed & {*subjects, STATEMENT}))
    identity = Identity.NONE if doubts else Identity.TRUSTED if keyid in keys else Identity.UNKNOWN
    return Verification(folder, tuple(problems), identity, keyid, files, trusted is not None)


def statement_of(folder: Path) -> dict[str, Any]:
    """What the statement of a release says; `verify` tells whether it may be believed."""
    return _unproved(_read(folder / STATEMENT))


def _told(folder: Path, found: sound.Sound, *, demanded: bool = False) -> Verification:
    identity = Identity.NONE if not found.keyid else Identity.TRUSTED if found.trusted else Identity.UNKNOWN
    return Verification(folder, found.problems, identity, found.keyid, found.files, demanded, found.notes, found.words)


def _listed(folder: Path) -> tuple[set[str], list[str]]:
    """The files of a folder, and what should not be in one. Links are never followed."""
    found: set[str] = set()
    problems: list[str] = []
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            problems.append(f"{_shown(name)}: this is a link or no file at all, and does not belong in a release")
        else:
            found.add(name)
        if len(found) > MAX_FILES:
            raise LedgerError("too many files for a release", where=str(folder), found=f"over {MAX_FILES:,}")
    return found, problems


def _walk(folder: Path) -> Iterator[Path]:
    folders = [folder]  # a list of what is to come, for a folder may be nested deeper than calls can be
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.is_dir() and not path.is_symlink():
                folders.append(path)
            else:
                yield path


def _statement(folder: Path, envelope: bytes, keys: frozenset[str]) -> tuple[dict[str, Any], str | None, list[str]]:
    """The statement, its key, and why it is in doubt; one in doubt still serves to find out what was altered."""
    try:
        signed = verify_envelope(envelope, MEDIA_TYPE, public=_read(folder / SIGNER), trusted=keys)
        # The signature covers what the envelope says, so the envelope may be written in one way only.
        spare = [] if digest.canonical(json.loads(envelope)) == envelope else [_spare(envelope)]
        return _object(json.loads(signed.payload)), signed.keyid, spare
    except OSError:
        return _unproved(envelope), None, [f"{SIGNER} cannot be read, so the signature cannot be checked"]
    except (LedgerError, ValueError, RecursionError) as error:
        return _unproved(envelope), None, [str(error)]


def _spare(envelope: bytes) -> str:
    written = digest.canonical(json.loads(envelope))
    first = next((at for at, (a, b) in enumerate(zip(envelope, written, strict=False)) if a != b), len(written))
    return f"from byte {first:,} on it holds what was not signed"


def _unproved(envelope: bytes) -> dict[str, Any]:
    try:
        return _object(json.loads(base64.b64decode(_object(json.loads(envelope))["payload"])))
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _subjects(told: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    """The files of a statement with their digests; names that lead elsewhere are no names of files."""
    subjects: dict[str, str] = {}
    listed = told.get("subject")
    for one in listed if isinstance(listed, list) else []:
        try:
            name, found = one["name"], "sha256:" + one["digest"]["sha256"]
        except (TypeError, KeyError):
            name, found = None, ""
        if isinstance(name, str) and is_digest(found) and consistency.safe(name):
            subjects[name] = found
        else:
            problems.append(f"{STATEMENT}: it names something that cannot be a file here: {_shown(one)}")
    return subjects


def _differences(folder: Path, listed: set[str], subjects: Mapping[str, str], kept: "_Kept") -> Iterator[str]:
    expected = {*subjects, STATEMENT}
    yield from (f"{_shown(name)}: this file is missing" for name in sorted(expected - listed))
    yield from (f"{_shown(name)}: this file is not in the signed statement" for name in sorted(listed - expected))
    known = _marks(folder)
    for name in sorted(listed & set(subjects)):
        if digest.of_file(folder / name) != subjects[name]:
            place = _place(folder, name, kept, known, subjects[name])
            yield f"{name}: {place}this file is not as it was signed"


@dataclass(frozen=True)
class _Kept:
    """The ledger that may hold the original papers, and the digest of the statement that it remembers."""

    ledger: Ledger | None = None
    statement: str | None = None


def _kept(folder: Path | None, told: Mapping[str, Any], name: str) -> _Kept:
    if folder is None:
        return _Kept()
    ledger = Ledger.open(Path(folder), create=False)
    subject = _claimed(told)
    entries = [entry for entry in ledger.find(Act.RELEASE) if subject in (None, entry.subject)]
    named = [entry for entry in entries if entry.body.get("folder") == name] or entries
    return _Kept(ledger, named[-1].inputs.get(STATEMENT) if named else None)


def _claimed(told: Mapping[str, Any]) -> str | None:
    try:
        found = told["predicate"]["dataset"]["digest"]
    except (TypeError, KeyError):
        return None
    return found if is_digest(found) else None


def _place(folder: Path, name: str, kept: _Kept, known: Mapping[str, Any], wanted: str | None = None) -> str:
    """`byte 17: `, or as near as can be told; nothing where nothing can."""
    wanted = wanted or kept.statement
    if kept.ledger is not None and wanted and kept.ledger.objects.holds(wanted):
        original = kept.ledger.objects.open(wanted, check=True)
        first = marks.first_difference(folder / name, original)
        return "" if first is None else f"byte {first:,}: "
    try:
        misfit = Marks.from_json(known[name]).misfit(folder / name)
    except (KeyError, TypeError, ValueError):
        misfit = None
    if misfit is None:
        return ""
    return f"{misfit}: "


def _marks(folder: Path) -> dict[str, Any]:
    try:
        return _object(json.loads(_read(folder / CHECKSUMS)))
    except (OSError, ValueError, RecursionError, MintmarkError):
        return {}


def _read(path: Path) -> bytes:
    """A small file, without following a link."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise LedgerError("this file is too large to be part of a release's papers", where=str(path))
    return data


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return (text if len(text) < 200 else text[:200] + "…").strip('"')
