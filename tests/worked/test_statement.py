"""A signature holds for what was signed and for nothing else, and never passes integrity off as identity."""

import base64
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from mintmark import digest
from mintmark.data.dataset import Dataset
from mintmark.errors import InputError, LedgerError
from mintmark.gate import Gate
from mintmark.ledger.signing import Key, pae, trusted_keys, verify_envelope
from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.report.statement import MEDIA_TYPE, PREDICATE, statement
from mintmark.report.story import Provenance, Story

KIND = MEDIA_TYPE


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return Key.local(tmp_path / "keys")


def test_the_encoding_that_is_signed_is_that_of_the_specification() -> None:
    """The example of DSSE's protocol.md."""
    assert (
        pae(b"hello world", "http://example.com/HelloWorld")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = Key.local(tmp_path / "keys")
    assert Key.local(tmp_path / "keys").id == first.id
    path = tmp_path / "keys" / "ed25519.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["ed25519.pem"]


def test_a_key_never_shows_itself(tmp_path: Path) -> None:
    key = Key.local(tmp_path / "keys")
    path = tmp_path / "keys" / "ed25519.pem"
    middle = path.read_text().splitlines()[1]
    assert middle not in repr(key) + str(key) + key.public.decode() + key.sign(b"x", KIND).decode()
    path.write_text(path.read_text().replace("BEGIN", "BEGUN"))
    with pytest.raises(LedgerError) as found:
        Key.local(tmp_path / "keys")
    assert middle not in f"{found.value}{found.value.__cause__}"


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    Key.local(tmp_path / "keys")
    (tmp_path / "keys" / "ed25519.pem").chmod(0o644)
    with pytest.raises(LedgerError, match="chmod 600"):
        Key.local(tmp_path / "keys")


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    Key.local(tmp_path / "keys")
    other = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "keys" / "ed25519.pem").write_bytes(other)
    with pytest.raises(LedgerError, match="not an Ed25519 private key"):
        Key.local(tmp_path / "keys")


def test_processes_that_make_the_key_at_once_agree(tmp_path: Path) -> None:
    code = "import sys, pathlib, mintmark.ledger.signing as s; print(s.Key.local(pathlib.Path(sys.argv[1])).id)"
    makers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "keys")], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert len({maker.communicate(timeout=60)[0] for maker in makers}) == 1


def test_what_was_signed_comes_back_and_its_signer_is_not_known_unless_trusted(key: Key) -> None:
    envelope = key.sign(b"payload", KIND)
    signed = verify_envelope(envelope, KIND, public=key.public)
    assert (signed.payload, signed.keyid, signed.trusted) == (b"payload", key.id, False)
    assert verify_envelope(envelope, KIND, public=key.public, trusted=frozenset({key.id})).trusted


def test_any_change_to_payload_type_or_signature_is_noticed(key: Key, tmp_path: Path) -> None:
    envelope = json.loads(key.sign(b"payload", KIND))
    [signature] = envelope["signatures"]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[5] ^= 1
    flipped = {**signature, "sig": base64.b64encode(raw).decode()}
    changed = [
        {**envelope, "payload": base64.b64encode(b"Payload").decode()},
        {**envelope, "payloadType": "text/plain"},
        {**envelope, "signatures": [flipped]},
        {**envelope, "signatures": []},
        {**envelope, "signatures": [{**signature, "keyid": "0" * 64}]},
    ]
    for body in changed:
        with pytest.raises(LedgerError):
            verify_envelope(json.dumps(body).encode(), KIND, public=key.public)
    with pytest.raises(LedgerError, match="no signature is by the key"):
        verify_envelope(json.dumps(envelope).encode(), KIND, public=Key.local(tmp_path / "other").public)


@pytest.mark.parametrize(
    "envelope",
    [b"", b"[]", b"7", b"[" * 100_000, b"\xff", b'{"payload": 7}', b'{"payload": "!", "signatures": []}',
     b'{"payload": "", "payloadType": "", "signatures": 5}', b'{"payload": "", "payloadType": "", "signatures": [5]}'],
)  # fmt: skip
def test_what_is_no_envelope_gives_a_ledger_error(key: Key, envelope: bytes) -> None:
    with pytest.raises(LedgerError):
        verify_envelope(envelope, KIND, public=key.public)


def test_what_is_no_public_key_gives_a_ledger_error(key: Key) -> None:
    with pytest.raises(LedgerError, match="not a public key"):
        verify_envelope(key.sign(b"x", KIND), KIND, public=b"nonsense")


def test_trusted_keys_are_read_from_pem_and_from_json(key: Key, tmp_path: Path) -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listed = tmp_path / "trusted"
    listed.write_bytes(b"# Anna\n" + key.public + b"\n# Ben\n" + other)
    both = trusted_keys(listed)
    assert key.id in both
    assert len(both) == 2
    listed.write_text(json.dumps([key.id, other.decode()]))
    assert trusted_keys(listed) == both


@pytest.mark.parametrize(
    "text", ["", "[7]", "[", '["short"]', "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----"]
)
def test_a_list_without_keys_is_the_reader_s_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / "trusted").write_text(text)
    with pytest.raises(InputError):
        trusted_keys(tmp_path / "trusted")
    with pytest.raises(InputError):
        trusted_keys(tmp_path / "absent")


def _strangers(envelope: bytes, *keys: Key) -> list[str]:
    """The ids of those of these keys by which another program finds the envelope signed, all of them demanded."""
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    public = [signer.SSlibKey.from_crypto(_crypto(key), keyid=key.id) for key in keys]
    return list(dsse.Envelope.from_dict(json.loads(envelope)).verify(public, threshold=len(public)))


def test_a_stranger_s_program_verifies_the_envelope(key: Key) -> None:
    assert _strangers(key.sign(b"payload", KIND), key) == [key.id]


def test_what_is_forged_fails_in_a_stranger_s_program_as_it_fails_here(key: Key, tmp_path: Path) -> None:
    """The payload altered, its type altered, another's signature under this key's id, and another's signature."""
    unverified = pytest.importorskip("securesystemslib.exceptions").VerificationError
    other = Key.local(tmp_path / "other")
    good, others = (json.loads(each.sign(b"payload", KIND)) for each in (key, other))
    [signature], [foreign] = good["signatures"], others["signatures"]
    for body in (
        {**good, "payload": base64.b64encode(b"Payload").decode()},
        {**good, "payloadType": "text/plain"},
        {**good, "signatures": [{**signature, "sig": foreign["sig"]}]},
        {**good, "signatures": [{**signature, "sig": base64.b64encode(bytes(64)).decode()}]},
        others,
    ):
        forged = json.dumps(body).encode()
        with pytest.raises(unverified):
            _strangers(forged, key)
        with pytest.raises(LedgerError):
            verify_envelope(forged, KIND, public=key.public)
    with pytest.raises(unverified):
        _strangers(json.dumps(good).encode(), key, other)


def test_the_statement_names_every_file_and_how_the_data_was_made() -> None:
    data = Dataset.of({"x": [1.5, 2.5]})
    finding = Evidence("privacy.copies", Claim.PRIVACY, "lower", Reading(0.0, (0.0, 0.01), 2))
    made = Provenance(recipe={"name": "x"}, recipe_digest=digest.of_json(1), seed=7, generator="tabular.trees")
    decision = Gate.of("privacy.copies <= 0.02").decide([finding], validated=True)
    story = Story("x", data.schema, {"rows": 2}, data.digest, (finding,), decision, made, data)
    files = {"data/rows.csv": digest.of_bytes(b"b"), "card.md": digest.of_bytes(b"a")}
    told = statement(story, files, {"rows": digest.of_json(2)}, {"data/rows.csv": {"x": 3}, "card.md": {}})
    assert told["_type"] == "https://in-toto.io/Statement/v1"
    assert told["predicateType"] == PREDICATE
    assert told["subject"] == [
        {"name": "card.md", "digest": {"sha256": digest.of_bytes(b"a")[7:]}},
        {"name": "data/rows.csv", "digest": {"sha256": digest.of_bytes(b"b")[7:]}},
    ]
    predicate = told["predicate"]
    assert predicate["dataset"] == {"name": "x", "digest": data.digest, "rows": {"rows": 2}}
    assert predicate["findings"] == digest.of_json([finding.to_json()])
    assert predicate["decision"]["status"] == "passed"
    assert predicate["guarded"] == {"data/rows.csv": {"x": 3}}
    assert (predicate["seed"], predicate["generator"]) == (7, "tabular.trees")
    assert "recipe" not in predicate
    assert digest.canonical(told)


def _crypto(key: Key) -> object:
    return load_pem_public_key(key.public)
