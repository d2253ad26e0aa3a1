"""Whatever an archive holds, it gets one clear error, and nothing of it is written anywhere."""

import gzip
import io
import json
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mintmark as mm
from mintmark import digest
from mintmark.errors import InputError, LedgerError
from mintmark.ledger import archive as packing
from mintmark.ledger import tarball
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.signing import Key
from mintmark.ledger.versions import MAKING, publish_dataset
from mintmark.pipeline import strangers
from mintmark.report.statement import MEDIA_TYPE
from mintmark.seeds import Seed


@pytest.fixture
def ledger(tmp_path):
    """Two entries and a handful of objects."""
    made = Ledger.open(tmp_path / "from")
    publish(made, "wine", pa.table({"x": Seed(1).rng().normal(size=40)}))
    made.append("note", digest.of_json("n"), body={"kept": {"object": made.objects.put_file(b"something" * 3000)}})
    return made


@pytest.fixture
def good(ledger, tmp_path):
    path = tmp_path / "good.tar"
    mm.export_ledger(path, ledger=ledger.folder)
    return path


def publish(ledger, name, table, **more):
    data = mm.Dataset.of(table)
    ref = ledger.objects.put_table([table], table.schema)
    body = {**dict.fromkeys(MAKING), "steps": {}, "depth": 1, **more}
    return publish_dataset(ledger, name=name, schema=data.schema, shards={data.name: [ref]}, body=body)


def refused(path, said, tmp_path, **more):
    """It is, with one clear error; neither a new ledger nor one that is there shows anything of it."""
    here = Ledger.open(tmp_path / "here")
    if not len(here):
        here.append("note", digest.of_json("mine"))
    before = {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")}
    for to in (tmp_path / "new", here.folder):
        with pytest.raises(LedgerError, match=said) as error:
            mm.import_ledger(path, ledger=to, **more)
        assert str(path) in str(error.value), "it does not say where"
    assert {each: each.stat().st_mtime_ns for each in tmp_path.rglob("*")} == before
    if not more:
        assert mm.verify(path).problems, "verify knows it too"
    return error.value


def members(path):
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}


def packed(path, files, extra=()):
    """A tar of these files, with whatever else, at the place that is said."""
    out = io.BytesIO()
    for name, data in files.items():
        out.write(tarball._header(name, len(data)) + data + bytes(-len(data) % 512))
    for info, data in extra:
        out.write(info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512))
    path.write_bytes(out.getvalue() + bytes(1024))
    return path


def repacked(path, files, key=None):
    """An archive whose list of contents fits what is in it: a hostile packer's work, signed if there is a key."""
    objects = {f"sha256:{name[8:10]}{name[11:]}": len(data) for name, data in files.items() if name.startswith("obj")}
    body = json.loads(files[packing.MANIFEST])
    manifest = digest.canonical({**body, "objects": objects})
    kept = {name: data for name, data in files.items() if name.startswith("objects/")}
    papers = {packing.SIGNATURE: key.sign(manifest, packing.MEDIA_TYPE), packing.SIGNER: key.public} if key else {}
    return packed(path, {packing.MANIFEST: manifest, **kept, **papers})


def info(name, size=0, kind=tarfile.REGTYPE, link=""):
    made = tarfile.TarInfo(name)
    made.size, made.type, made.linkname, made.mode = size, kind, link, 0o644
    return made


def test_the_good_one_is_good(good, ledger, tmp_path):
    assert mm.verify(good).ok
    assert packed(tmp_path / "same.tar", members(good)).read_bytes() == good.read_bytes()
    assert mm.import_ledger(good, ledger=tmp_path / "new").how == "restored"


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        (info("../x"), "leads out of the archive"),
        (info("objects/../../../x"), "leads out of the archive"),
        (info("/etc/passwd"), "leads out of the archive"),
        (info("\\\\host\\x"), "leads out of the archive"),
        (info("objects\\..\\x"), "leads out of the archive"),
        (info("C:x"), "leads out of the archive"),
        (info("objects/aa/x", kind=tarfile.SYMTYPE, link="/etc/passwd"), "symbolic link"),
        (info("objects/aa/x", kind=tarfile.LNKTYPE, link="mintmark.json"), "hard link"),
        (info("objects/aa/x", kind=tarfile.CHRTYPE), "a device"),
        (info("objects/aa/x", kind=tarfile.BLKTYPE), "a device"),
        (info("objects/aa/x", kind=tarfile.FIFOTYPE), "a pipe"),
        (info("objects/aa", kind=tarfile.DIRTYPE), "a folder"),
        (info("objects/aa/x", kind=tarfile.GNUTYPE_SPARSE), "no plain file"),
        (info("././@LongLink", kind=tarfile.GNUTYPE_LONGNAME), "no plain file"),
        (info("pax", kind=tarfile.XHDTYPE), "no plain file"),
        (info("objects/aa/x", kind=tarfile.CONTTYPE), "no plain file"),
        (info("mintmark.json"), "two files bear this name"),
        (info("MINTMARK.json"), "upper and lower case"),
        (info("readme.txt"), "no place"),
        (info("keys/ed25519.pem"), "no place"),
        (info("objects/aa/beef"), "no place"),
        (info("objects/aa/" + "g" * 62), "no place"),
        (info("objects/aa/" + "a" * 62), "is not listed"),
        (info("\x1b[2Jx"), "no place"),
    ],
    ids=lambda value: repr(value.name)[:30] if isinstance(value, tarfile.TarInfo) else value[:12],
)
def test_what_does_not_belong_in_an_archive_is_named(good, tmp_path, strange, said):
    error = refused(packed(tmp_path / "bad.tar", members(good), [(strange, b"")]), said, tmp_path)
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("field", ["mode", "mtime", "uid", "uname"])
def test_a_header_that_says_more_than_it_must_is_refused(good, tmp_path, field):
    odd = info("objects/aa/" + "a" * 62)
    setattr(odd, field, {"mode": 0o4755, "uname": "root"}.get(field, 7))
    refused(packed(tmp_path / "bad.tar", members(good), [(odd, b"")]), "not packed as Mintmark packs it", tmp_path)


@pytest.mark.parametrize("part", [0.0, 0.001, 0.1, 0.5, 0.9, 0.97, 0.999])
def test_an_archive_that_was_cut_short_is_said_to_be(good, tmp_path, part):
    path = tmp_path / "cut.tar"
    path.write_bytes(good.read_bytes()[: int(part * good.stat().st_size)])
    refused(path, "cut short", tmp_path)


@pytest.mark.parametrize("cut", [1, 511, 512, 513, 1024, 1025])
def test_its_very_end_counts_too(good, tmp_path, cut):
    path = tmp_path / "cut.tar"
    path.write_bytes(good.read_bytes()[:-cut])
    refused(path, "cut short", tmp_path)


def test_nothing_hides_behind_a_file_or_the_end(good, tmp_path):
    path = tmp_path / "bad.tar"
    path.write_bytes(good.read_bytes() + b"more")
    refused(path, "comes after the end", tmp_path)
    data = bytearray(good.read_bytes())
    size = len(members(good)[packing.MANIFEST])
    data[512 + size + 3] = 1
    path.write_bytes(data)
    refused(path, "hides behind the end of a file", tmp_path)


@pytest.mark.parametrize(
    "data", [b"name: x\nseed: 1\n", b"x" * 2000, b"\x01" * 512, b"ustar" * 400], ids=["recipe", "text", "ones", "magic"]
)
def test_what_is_no_tar_is_said_to_be_none(tmp_path, data):
    path = tmp_path / "no.tar"
    path.write_bytes(data)
    refused(path, "no archive of a ledger", tmp_path)


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.tar.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
    refused(path, r"(?s)compressed.*gzip", tmp_path)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mintmark.json", bytes(1 << 20))
    refused(tmp_path / "bomb.zip", r"(?s)compressed.*zip", tmp_path)


def test_sizes_and_numbers_are_bounded(good, tmp_path, monkeypatch):
    monkeypatch.setattr(tarball, "MOST_FILES", 3)
    refused(good, "larger than any ledger", tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(tarball, "MOST_BYTES", 1000)
    refused(good, "larger than any ledger", tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(packing, "MOST_CHAIN", 1000)
    refused(good, "too large for what it is", tmp_path)


@pytest.mark.parametrize("place", range(12))
def test_one_altered_byte_anywhere_is_found(good, tmp_path, place):
    data = bytearray(good.read_bytes())
    at = int((place + 0.5) / 12 * len(data))
    data[at] ^= 0b100
    path = tmp_path / "bad.tar"
    path.write_bytes(data)
    refused(path, ".", tmp_path)


def test_objects_that_changed_places_are_found(good, tmp_path):
    files = members(good)
    one, other = [name for name in files if name.startswith("objects/")][:2]
    files[one], files[other] = files[other], files[one]
    refused(repacked(tmp_path / "bad.tar", files), "this object was altered", tmp_path)


def test_a_missing_object_is_named_however_well_it_is_hidden(good, ledger, tmp_path):
    files = members(good)
    gone = packing.place(list(ledger)[1].body["kept"]["object"])
    lost = {name: data for name, data in files.items() if name != gone}
    refused(packed(tmp_path / "bad.tar", lost), r"an object is missing", tmp_path)
    error = refused(repacked(tmp_path / "hidden.tar", lost), r"entry 2 \(note\) refers to an object that is missing",
                    tmp_path)  # fmt: skip
    assert gone in error.where


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"format":1}', b'{"chains":[],"format":1,"objects":{}}',
     b'{"chains":[{"entries":1,"head":"x","object":"y"}],"format":1,"objects":{}}',
     b'{"chains":7,"format":1,"objects":7}', b'{"chains":[7],"format":true,"objects":{"x":1}}', b"\xff"],
)  # fmt: skip
def test_a_list_of_contents_that_is_none_is_refused(good, tmp_path, body):
    refused(packed(tmp_path / "bad.tar", {**members(good), packing.MANIFEST: body}), "no list of what", tmp_path)


def test_without_a_list_of_contents_it_is_no_archive(good, tmp_path):
    files = members(good)
    del files[packing.MANIFEST]
    refused(packed(tmp_path / "bad.tar", files), "does not say what is in it", tmp_path)


def test_an_archive_of_a_newer_program_says_to_upgrade(good, tmp_path):
    files = members(good)
    newer = {**json.loads(files[packing.MANIFEST]), "format": 2, "more": "than is known today"}
    path = packed(tmp_path / "bad.tar", {**files, packing.MANIFEST: digest.canonical(newer)})
    assert "upgrade" in refused(path, "archive was written by a newer Mintmark", tmp_path).fix


def test_a_forged_signature_a_swapped_key_and_half_of_both_are_refused(good, ledger, tmp_path):
    files, key, other = members(good), Key.local(ledger.keys), Key.local(tmp_path / "other")
    manifest = files[packing.MANIFEST]
    envelope = json.loads(files[packing.SIGNATURE])
    forged = json.loads(other.sign(manifest, packing.MEDIA_TYPE))
    forged["signatures"][0]["keyid"] = envelope["signatures"][0]["keyid"]
    for change, said in [
        ({packing.SIGNATURE: json.dumps(forged).encode()}, "altered or forged"),
        ({packing.SIGNER: other.public}, "no signature is by the key that came along"),
        ({packing.SIGNATURE: key.sign(b"{}", packing.MEDIA_TYPE)}, "of another archive"),
        ({packing.SIGNATURE: key.sign(manifest, MEDIA_TYPE)}, "holds something else"),
        ({packing.SIGNER: b"no key"}, "not a public key"),
        ({packing.SIGNATURE: b"[]"}, "not a DSSE envelope"),
    ]:
        refused(packed(tmp_path / "bad.tar", {**files, **change}), said, tmp_path)
    del files[packing.SIGNER]
    refused(packed(tmp_path / "bad.tar", files), "come together", tmp_path)


def test_who_trusts_somebody_takes_nothing_from_others(good, ledger, tmp_path):
    trusted = tmp_path / "trusted.pem"
    trusted.write_bytes(Key.local(tmp_path / "anna").public)
    refused(good, "not signed by anybody whom you trust", tmp_path, trusted=trusted)
    unsigned = tmp_path / "unsigned.tar"
    mm.export_ledger(unsigned, ledger=ledger.folder, sign=False)
    refused(unsigned, "not signed by anybody", tmp_path, trusted=trusted)
    swapped = repacked(tmp_path / "stranger.tar", members(good), key=Key.local(tmp_path / "stranger"))
    assert mm.verify(swapped).identity == "unknown key"
    refused(swapped, "not signed by anybody", tmp_path, trusted=trusted)
    trusted.write_bytes(Key.local(ledger.keys).public)
    found = mm.import_ledger(good, ledger=tmp_path / "new", trusted=trusted)
    assert found.identity == "trusted"
    with pytest.raises(InputError, match="cannot be read"):
        mm.import_ledger(good, ledger=tmp_path / "newer", trusted=tmp_path / "absent")


def _changed(line, **fields):
    return digest.canonical({**json.loads(line), **fields})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[1:], "the chain is broken"),
        (lambda lines: lines[::-1], "the chain is broken"),
        (lambda lines: [lines[0], lines[0]], "the chain is broken"),
        (lambda lines: [_changed(lines[0], body={"at": "2020", "name": "x"}), lines[1]], "the chain is broken"),
        (lambda lines: [_changed(lines[0], number=7), lines[1]], "the chain is broken"),
        (lambda lines: [lines[0].replace(b":", b": ", 1), lines[1]], "not written as entries are"),
        (lambda lines: [lines[0], _changed(lines[1], version=2)], "newer Mintmark"),
        (lambda lines: [lines[0], _changed(lines[1], act="steal")], "not an entry"),
        (lambda lines: [lines[0], _changed(lines[1], body="sha256:short")], "not the outline of an entry"),
        (lambda lines: [lines[0], _changed(lines[1], body=digest.of_json(1), more=1)], "not the outline of an entry"),
        (lambda lines: [lines[0], b"7"], "not an entry"),
        (lambda lines: [lines[0], b"[" * 100_000], "not"),
    ],
)  # fmt: skip
def test_a_chain_that_was_tampered_with_is_refused(good, tmp_path, change, said):
    files = members(good)
    [told] = json.loads(files[packing.MANIFEST])["chains"]
    data = b"\n".join(change(files.pop(packing.place(told["object"])).splitlines())) + b"\n"
    name = digest.of_bytes(data)
    chains = [{**told, "object": name}]
    files |= {packing.MANIFEST: digest.canonical({"format": 1, "chains": chains, "objects": {}})}
    refused(repacked(tmp_path / "bad.tar", {**files, packing.place(name): data}), said, tmp_path)


def test_a_chain_whose_end_was_taken_off_is_refused(good, tmp_path):
    files = members(good)
    [told] = json.loads(files[packing.MANIFEST])["chains"]
    first = files.pop(packing.place(told["object"])).splitlines()[0] + b"\n"
    name = digest.of_bytes(first)
    body = {"format": 1, "chains": [{**told, "object": name}], "objects": {}}
    files |= {packing.MANIFEST: digest.canonical(body), packing.place(name): first}
    refused(repacked(tmp_path / "bad.tar", files), "does not end where it should", tmp_path)


def hostile(tmp_path, act, body, *, objects=(), subject=None, inputs=None):
    """An archive of a ledger in which somebody entered something strange."""
    ledger = Ledger.open(tmp_path / "hostile")
    for each in objects:
        ledger.objects.put_file(each)
    ledger.append(act, subject or digest.of_json("x"), body=body, inputs=inputs)
    path = tmp_path / "bad.tar"
    mm.export_ledger(path, ledger=ledger.folder)
    return path


def dataset_body(tmp_path, **more):
    ledger = Ledger.open(tmp_path / "hostile")
    entry = publish(Ledger.open(tmp_path / "spare"), "wine", pa.table({"x": [1.0, 2.0]}))
    for each in entry.objects:
        ledger.objects.put_file(Ledger.open(tmp_path / "spare").objects.path(each))
    return {**entry.body, **more}, entry.subject


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"contents": {"rows": digest.of_json(1)}}, "not named after its content"),
        ({"name": "wi\x1b[2Jne"}, "no text that can be shown"),
        ({"name": 7}, "no text that can be shown"),
        ({"at": "\x07"}, "no text that can be shown"),
        ({"steps": {"rows": {}}}, "cannot be understood"),
        ({"steps": 5}, "cannot be understood"),
        ({"schema": {}}, "."),
        ({"schema": 5}, "cannot be understood"),
        ({"shards": {}}, "does not hold the tables"),
        ({"shards": {"rows": []}}, "not the rows of this dataset"),
        ({"shards": {"rows": [5]}}, "cannot be understood"),
    ],
)
def test_a_dataset_that_does_not_hold_what_it_says_is_refused(tmp_path, more, said):
    body, subject = dataset_body(tmp_path, **more)
    refused(hostile(tmp_path, "dataset", body, subject=subject), said, tmp_path)


def test_a_dataset_that_leaves_out_how_it_was_made_is_refused(tmp_path):
    body, subject = dataset_body(tmp_path)
    del body["seed"]
    refused(hostile(tmp_path, "dataset", body, subject=subject), "does not say how it was made", tmp_path)


def test_rows_that_are_not_those_of_the_dataset_are_refused(tmp_path):
    body, subject = dataset_body(tmp_path)
    ledger = Ledger.open(tmp_path / "hostile")
    other = pa.table({"x": [1.0, 3.0]})
    ref = ledger.objects.put_table([other], other.schema)
    told = {**body["shards"]["rows"][0], "object": ref.object}
    refused(hostile(tmp_path, "dataset", {**body, "shards": {"rows": [told]}}, subject=subject),
            "not the rows of this shard", tmp_path)  # fmt: skip
    (tmp_path / "bad.tar").unlink()
    ledger = Ledger.open(tmp_path / "hostile2")
    ledger.objects.put_table([other], other.schema)
    ledger.append("dataset", subject, body={**body, "shards": {"rows": [ref.to_json()]}})
    mm.export_ledger(tmp_path / "bad.tar", ledger=ledger.folder)
    refused(tmp_path / "bad.tar", "not the rows of this dataset", tmp_path)


def test_rows_that_are_no_parquet_are_refused(tmp_path):
    body, subject = dataset_body(tmp_path)
    name = Ledger.open(tmp_path / "hostile").objects.put_file(b"PAR1 this is not")
    told = {**body["shards"]["rows"][0], "object": name}
    refused(hostile(tmp_path, "dataset", {**body, "shards": {"rows": [told]}}, subject=subject),
            "cannot be understood", tmp_path)  # fmt: skip


def test_rows_that_would_burst_are_not_unpacked(tmp_path, monkeypatch):
    """A column that says one thing 30 million times in a few hundred bytes."""
    body, subject = dataset_body(tmp_path)
    small = tmp_path / "small.parquet"
    table = pa.table({"x": pa.array(np.zeros(1_000_000))})
    with pq.ParquetWriter(small, table.schema, compression="zstd") as writer:
        for _ in range(30):
            writer.write_table(table, row_group_size=30_000_000)
    monkeypatch.setattr(strangers, "MOST_CELLS", 30_000_000 // small.stat().st_size)
    name = Ledger.open(tmp_path / "hostile").objects.put_file(small)
    told = {**body["shards"]["rows"][0], "object": name, "rows": 30_000_000}
    path = hostile(tmp_path, "dataset", {**body, "shards": {"rows": [told]}}, subject=subject)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("it was unpacked"))
    refused(path, "would burst", tmp_path)


@pytest.mark.parametrize("kept", [b"5", b"[]", b'{"x": ["a"]}', b'{"x": [-1]}', b'{"x": [99999999999999999999]}'])
def test_a_sketch_that_would_stop_later_runs_is_refused(tmp_path, kept):
    body, subject = dataset_body(tmp_path, sketch={"object": digest.of_bytes(kept)})
    refused(hostile(tmp_path, "dataset", body, subject=subject, objects=[kept]),
            "cannot be understood|no sketch", tmp_path)  # fmt: skip


@pytest.mark.parametrize(
    ("act", "body"),
    [("assay", {}), ("assay", {"findings": [5]}), ("decision", {"status": "superb", "verdicts": []}),
     ("tag", {"name": "x"}), ("tag", {"name": "x", "tag": "../x"}), ("tag", {"name": "x", "tag": 5}),
     ("collect", {"entry": "x"}), ("collect", {"policy": "\x1b[2J"}), ("note", {"at": 5})],
)  # fmt: skip
def test_an_act_that_could_not_be_shown_is_refused(tmp_path, act, body):
    refused(hostile(tmp_path, act, body), ".", tmp_path)


@pytest.mark.parametrize(
    "strange",
    [{"subject": "x"}, {"inputs": {"a": 5}}, {"inputs": {"a": "../x"}}, {"inputs": {"\x1b[2J": "sha256:" + "0" * 64}}],
)
def test_an_entry_that_names_no_digest_is_refused(tmp_path, strange):
    refused(hostile(tmp_path, "note", {}, **strange), "no digest|no text", tmp_path)


def test_guests_within_guests_are_walked_once_however_they_are_folded(tmp_path):
    """Each of 60 chains brings the one before it twice: 2^60 ways lead back, and an archive may hold them."""
    ledger = Ledger.open(tmp_path / "folded")
    ledger.objects.put_file(b"")
    told = None
    for number in range(60):
        body = {"at": "2026", "number": number}
        first = Entry(1, Act.IMPORT if told else Act.NOTE, digest.of_json(number), {}, {**body, "chains": [told] * 2})
        second = Entry(2, first.act, digest.of_json(-number), {}, first.body, first.digest)
        data = first.to_bytes() + b"\n" + second.to_bytes() + b"\n"
        told = {"head": second.digest, "entries": 2, "object": ledger.objects.put_file(data)}
    ledger.append(Act.IMPORT, digest.of_json("x"), body={"chains": [told]})
    assert len(ledger.whole()) == 121
    mm.export_ledger(tmp_path / "folded.tar", ledger=ledger.folder)
    assert mm.import_ledger(tmp_path / "folded.tar", ledger=tmp_path / "new").entries == 121
    assert mm.verify(tmp_path / "new").ok


@pytest.mark.parametrize(
    "chains", [None, 5, [], [5], [{}], [{"object": "../../x"}], [{"object": "sha256:" + "0" * 64}]]
)
def test_an_act_of_import_without_its_chain_is_refused(tmp_path, chains, ledger):
    body = {} if chains is None else {"chains": chains}
    entry = Entry(1, Act.IMPORT, digest.of_json("x"), body={"at": "2026", **body})
    data = entry.to_bytes() + b"\n"
    name = digest.of_bytes(data)
    told = {"head": entry.digest, "entries": 1, "object": name}
    files = {packing.MANIFEST: digest.canonical({"format": 1, "chains": [told], "objects": {}})}
    refused(repacked(tmp_path / "bad.tar", {**files, packing.place(name): data}), ".", tmp_path)


def test_a_release_whose_statement_is_forged_or_of_other_rows_is_refused(tmp_path):
    key, other = Key.local(tmp_path / "k"), Key.local(tmp_path / "o")
    _, subject = dataset_body(tmp_path)
    told = {"predicate": {"dataset": {"digest": subject}}}
    envelope = json.loads(other.sign(digest.canonical(told), MEDIA_TYPE))
    envelope["signatures"][0]["keyid"] = key.id
    elsewhere = {"predicate": {"dataset": {"digest": digest.of_json("other rows")}}}
    for statement, said in [
        (json.dumps(envelope).encode(), "altered or forged"),
        (key.sign(digest.canonical(elsewhere), MEDIA_TYPE), "of another dataset"),
        (key.sign(b"[]", MEDIA_TYPE), "cannot be understood"),
    ]:
        (tmp_path / "bad.tar").unlink(missing_ok=True)
        inputs = {"statement.dsse.json": digest.of_bytes(statement), "signer.pem": digest.of_bytes(key.public)}
        path = hostile(tmp_path, "release", {"folder": "wine"}, subject=subject, inputs=inputs,
                       objects=[statement, key.public])  # fmt: skip
        refused(path, said, tmp_path)
        for file in (tmp_path / "hostile" / "manifests").iterdir():
            file.unlink()
        Ledger.open(tmp_path / "hostile").index.forget()
