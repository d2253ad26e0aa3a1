"""Signatures: DSSE envelopes made with a local Ed25519 key.

A signature answers two questions that must not be mixed up. *Integrity*: is this what was signed? Anybody can check
that with the public key that comes along. *Identity*: who signed it? A key that was made on somebody's machine cannot
say; only a list of keys whose holders the reader knows can.

Sources: DSSE 1.0 (secure-systems-lab/dsse, protocol.md), RFC 8032.
"""

import base64
import binascii
import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from mintmark import digest, disk
from mintmark.errors import InputError, LedgerError

FILE = "ed25519.pem"

MAX_BYTES = 64_000_000

_PUBLIC = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_KEYID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Key:
    """A private key. It never shows itself: not when printed, not in an error."""

    private: Ed25519PrivateKey

    @classmethod
    def local(cls, folder: Path) -> "Key":
        """The key in a ledger's folder of keys, made on first use, readable by its owner alone.

        Raises LedgerError where the file is no such key or others may read it, StorageError where it cannot be made.
        """
        path = folder / FILE
        with disk.storage(path):
            if not path.exists():
                _make(path)
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise LedgerError("others may read the private key", where=str(path), fix=f"chmod 600 {path}")
            data = path.read_bytes()
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None  # what the library says of a broken key might quote it
        if not isinstance(key, Ed25519PrivateKey):
            raise LedgerError("this is not an Ed25519 private key", where=str(path))
        return cls(key)

    @property
    def public(self) -> bytes:
        """The public key as PEM: what others need to check a signature."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def id(self) -> str:
        """The SHA-256 of the public key."""
        return keyid(self.private.public_key())

    def sign(self, payload: bytes, kind: str) -> bytes:
        """A DSSE envelope around a payload of that media type."""
        signature = {"keyid": self.id, "sig": _encoded(self.private.sign(pae(payload, kind)))}
        return digest.canonical({"payload": _encoded(payload), "payloadType": kind, "signatures": [signature]})

    def __repr__(self) -> str:
        return f"Key({self.id[:12]}…)"


@dataclass(frozen=True)
class Signed:
    """A payload whose signature holds, and what is known of its signer."""

    payload: bytes
    keyid: str
    trusted: bool
    """Is the key among those that the reader trusts? If not, nothing is known of who signed."""


def verify_envelope(envelope: bytes, kind: str, *, public: bytes, trusted: frozenset[str] = frozenset()) -> Signed:
    """Checks an envelope with the public key (PEM) that came along.

    `trusted` holds the ids of keys whose holders are known. LedgerError where the signature does not hold.
    """
    key = _public(public)
    try:
        body = json.loads(envelope)
        payload, signatures = base64.b64decode(body["payload"], validate=True), body["signatures"]
        named = [base64.b64decode(sig["sig"], validate=True) for sig in signatures if sig["keyid"] == keyid(key)]
        if body["payloadType"] != kind:
            raise LedgerError("this envelope holds something else", found=str(body["payloadType"]))
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as error:
        raise LedgerError("this is not a DSSE envelope", found=f"{type(error).__name__}: {error}") from error
    if not named:
        raise LedgerError("no signature is by the key that came along", found=f"key {keyid(key)}")
    try:
        key.verify(named[0], pae(payload, kind))
    except InvalidSignature as error:
        raise LedgerError("the signature does not hold: the statement was altered or forged") from error
    return Signed(payload, keyid(key), keyid(key) in trusted)


def trusted_keys(path: Path) -> frozenset[str]:
    """The ids of the keys in a file: public keys as PEM, or a JSON list of such keys or of ids.

    InputError where the file cannot be read or holds no key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("the trusted keys cannot be read", where=str(path), found=error.strerror or "") from error
    try:
        listed = json.loads(data) if data.lstrip().startswith(b"[") else [m.decode() for m in _PUBLIC.findall(data)]
        found = [key if _KEYID.fullmatch(key) else keyid(_public(key.encode())) for key in listed]
    except (ValueError, TypeError, RecursionError, LedgerError) as error:
        raise InputError("this is not a list of keys", where=str(path), found=str(error)) from error
    if not found:
        raise InputError("there is no public key in this file", where=str(path), fix="give PEM, or JSON: [id, …]")
    return frozenset(found)


def keyid(key: Ed25519PublicKey) -> str:
    """The SHA-256 of a public key's SubjectPublicKeyInfo, as hexadecimal digits."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def pae(payload: bytes, kind: str) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed."""
    return b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise LedgerError("this is not a public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise LedgerError("this is not an Ed25519 public key", found=type(key).__name__)
    return key


def _make(path: Path) -> None:
    """Makes the key beside its place and links it there: of two processes, the first one's key stays."""
    disk.make_folder(path.parent)
    path.parent.chmod(0o700)
    with disk.draft(path.parent) as draft:
        private = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(private)
        disk.sync(draft)
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
        disk.sync(path.parent)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
