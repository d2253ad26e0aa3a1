"""One act, recorded for good: what was done, upon what, out of what, and which entry came before."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import LedgerError

FORMAT = 1
"""The form of entries that this program writes."""

MAX_BYTES = 64_000_000

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Act(StrEnum):
    """What can be done."""

    PLAN = "plan"
    HOLDOUT = "holdout"
    FIT = "fit"
    SHARD = "shard"
    DATASET = "dataset"
    ASSAY = "assay"
    DECISION = "decision"
    RELEASE = "release"
    TAG = "tag"
    COLLECT = "collect"
    IMPORT = "import"
    NOTE = "note"


@dataclass(frozen=True)
class Entry:
    """A link of the chain.

    Its digest covers everything; it takes the body by the body's digest, so that an entry can be shown, and its place
    in the chain checked, without its body.
    """

    number: int
    act: Act
    subject: Digest
    inputs: Mapping[str, Digest] = field(default_factory=dict)
    """What went in, by the name of its part."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON: timestamps, environment, anything. `{"object": digest}` at any depth refers to an object."""
    previous: Digest | None = None
    version: int = FORMAT
    chain: Digest | None = field(default=None, compare=False)
    """The first entry of the guest's chain that it stands in; None in a ledger's own. It is where the entry was found,
    and no part of it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))
        object.__setattr__(self, "body", MappingProxyType(dict(self.body)))

    @cached_property
    def digest(self) -> Digest:
        """What this entry is named after."""
        return digest.of_json(self.outline())

    @property
    def objects(self) -> list[Digest]:
        """The objects that the body refers to, each once."""
        return list(dict.fromkeys(references(self.body)))

    @property
    def mentions(self) -> set[Digest]:
        """Every digest that stands anywhere in this entry."""
        return mentions(self.to_bytes().decode())

    def outline(self) -> dict[str, Any]:
        """The entry with the digest of its body in the body's place."""
        return {**self.to_json(), "body": digest.of_json(dict(self.body))}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "version": self.version,
            "number": self.number,
            "act": str(self.act),
            "subject": self.subject,
            "inputs": dict(self.inputs),
            "body": dict(self.body),
            "previous": self.previous,
        }

    def to_bytes(self) -> bytes:
        """The only bytes that this entry is ever written as."""
        return digest.canonical(self.to_json())

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str = "") -> "Entry":
        """Reads what `to_bytes` wrote; LedgerError where it did not write this, or where it is newer."""
        body = parsed(data, where)
        try:
            entry = cls(**{**body, "act": Act(body["act"]), "chain": None})
            entry.to_bytes()  # not everything that can be read could have been written: NaN, half a character
        except (TypeError, ValueError, KeyError, RecursionError) as error:
            raise LedgerError("this is not an entry", where=where, found=str(error)) from error
        return entry


def is_digest(text: object) -> bool:
    """Is this the digest of something?"""
    return isinstance(text, str) and bool(_DIGEST.fullmatch(text))


def mentions(text: str) -> set[Digest]:
    """Every digest that stands anywhere in a text."""
    return set(_DIGEST.findall(text))


def references(value: Any) -> Iterator[Digest]:
    """The objects that a JSON value refers to, as `{"object": digest}` at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "object" and is_digest(inner):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from references(inner)


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """The JSON object of an entry, whose format this program knows; LedgerError where it is none."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        place = getattr(error, "start", getattr(error, "pos", None))
        raise LedgerError("this is not JSON", where=where, found=f"byte {place}: {error}") from error
    version = body.get("version") if isinstance(body, dict) else type(body).__name__
    if not isinstance(version, int) or isinstance(version, bool):
        raise LedgerError("this is not an entry", where=where, found=f"version {version!r}")
    if version > FORMAT:
        raise newer("entry", version, where)
    return body


def newer(what: str, version: int, where: str) -> LedgerError:
    """What to say of something that a later program wrote."""
    return LedgerError(
        f"this {what} was written by a newer Mintmark",
        where=where,
        found=f"format {version}, and this program knows formats up to {FORMAT}",
        fix="upgrade: pip install --upgrade mintmark",
    )
