"""A released folder is complete, readable by others, and gives away any byte that was changed."""

import base64
import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import yaml
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from mintmark import digest
from mintmark.data.dataset import Dataset
from mintmark.data.origin import Making, Origins, packed, unpacked
from mintmark.errors import InputError, LedgerError
from mintmark.gate import Gate
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.ledger.signing import Key
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.pipeline.consistency import safe
from mintmark.pipeline.release import STATEMENT, Released, refuse, release
from mintmark.pipeline.verify import Identity, Verification, verify
from mintmark.report.evidence import provenance
from mintmark.report.markdown import escaped
from mintmark.report.story import Provenance, Story

PAPERS = {
    "card.md", "checksums.json", "croissant.json", "evidence.json", "lineage.json", "report.html", "signer.pem",
    "statement.dsse.json",
}  # fmt: skip

TABLE = pa.table(
    {
        "age": pa.array([23, 41, None, 67], pa.int16()),
        "income | <b>net</b>": pa.array([1.5, 2.25, 3.0, None], pa.float64()),
        "class": pa.array(["a", "b", "=1+1", "a"]).dictionary_encode(),
        "member": pa.array([True, False, True, None]),
        "since": pa.array([dt.date(1969, 7, 20), None, dt.date(2024, 2, 29), dt.date(1900, 1, 1)]),
        "seen": pa.array([dt.datetime(2024, 5, 1, 12, 30)] * 4, pa.timestamp("us")),
        "price": pa.array([Decimal("1.10"), None, Decimal("0.05"), Decimal("9.99")], pa.decimal128(6, 2)),
    }
)


def story_of(table: pa.Table, *, rules: tuple[str, ...] = ("privacy.membership <= 0.05",), **more: Any) -> Story:
    data = Dataset.of(table)
    findings = (
        Evidence(
            "privacy.membership",
            Claim.PRIVACY,
            "lower",
            Reading(0.011, (0.008, 0.015), 12000),
            Reading(0.01, (0, 0.02), 9),
        ),
        NoEvidence("utility.transfer", Claim.UTILITY, "there is no target | column"),
    )
    made = Provenance(
        recipe={"name": "tiny", "real": {"from": "postgresql://me:secret@host/db?x=1"}, "release": {"license": "MIT"}},
        recipe_digest=digest.of_json("recipe"),
        seed=7,
        generator="tabular.trees",
        assumes=("rows are independent of each other",),
        inputs={"train": digest.of_json("train"), "holdout": digest.of_json("holdout")},
        versions={"mintmark": "0.1.0"},
        depth=1,
        real_share=0.0,
        created="2026-11-21T02:00:00+00:00",
    )
    decision = Gate.of(*rules).decide(findings, validated=True)
    purpose = {"gap": "imbalance", "use": "augment", "task": {"target": "class", "kind": "classification"}}
    facts = {"name": "tiny", "schema": data.schema, "rows": {"rows": len(data)}, "digest": data.digest,
             "findings": findings, "decision": decision, "provenance": made, "synthetic": data, "sensitive": ("age",),
             "purpose": purpose}  # fmt: skip
    return Story(**{**facts, **more})


def let_out(tmp_path: Path, story: Story | None = None, **more: Any) -> Released:
    story = story or story_of(TABLE)
    ledger = Ledger.open(tmp_path / ".mintmark")
    ledger.append("plan", digest.of_json("recipe"))
    ledger.append("dataset", story.digest, inputs={"recipe": digest.of_json("recipe")}, body={"secret": "body"})

    def shards() -> Iterator[pa.Table]:
        yield story.synthetic.table.slice(0, 3)
        yield story.synthetic.table.slice(3)

    released = release(
        story,
        shards,
        tmp_path / "tiny",
        page="<p>report</p>",
        lineage=lineage(ledger, story.digest),
        ledger=ledger,
        **more,
    )
    ledger.append("release", story.digest, inputs=dict(released.files), body={"folder": "tiny"})
    return released


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return let_out(tmp_path).folder


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0b100
    path.write_bytes(data)


def test_a_release_holds_the_data_and_all_papers_and_verifies(folder: Path) -> None:
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == PAPERS | {"data/rows.parquet", "data/rows.csv"}
    found = verify(folder)
    assert found.ok, found.problems
    assert found.identity == Identity.UNKNOWN
    assert "not who holds it" in found.words
    assert [path.name for path in folder.parent.iterdir() if path.name.endswith(".draft")] == []


def test_blanks_after_the_signed_envelope_are_found(folder: Path) -> None:
    path = folder / STATEMENT
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"  \n")
    found = verify(folder)
    assert not found.ok
    assert found.problems == (f"{STATEMENT}: from byte {size:,} on it holds what was not signed",)


def test_a_statement_that_cannot_be_read_is_one_flaw(folder: Path) -> None:
    (folder / STATEMENT).write_bytes(b"{")
    assert len(verify(folder).problems) == 1


def test_exact_types_come_back_from_parquet(folder: Path) -> None:
    found = pq.read_table(folder / "data" / "rows.parquet")
    assert found.schema.remove_metadata() == TABLE.schema
    assert found.equals(TABLE)


def test_formulas_are_guarded_in_csv_and_recorded_but_not_in_parquet(tmp_path: Path) -> None:
    released = let_out(tmp_path)
    assert dict(released.guarded["data/rows.csv"]) == {"class": 1}
    assert dict(released.guarded["data/rows.parquet"]) == {}
    assert "'=1+1" in (released.folder / "data" / "rows.csv").read_text()
    assert "cells in `data/rows.csv`: 1." in (released.folder / "card.md").read_text()
    assert json.loads(_payload(released.folder))["predicate"]["guarded"] == {"data/rows.csv": {"class": 1}}


def test_a_trusted_key_says_who_signed_and_a_stranger_s_key_does_not_pass_for_it(folder: Path, tmp_path: Path) -> None:
    trusted = folder / "signer.pem"
    assert verify(folder, trusted=trusted).identity == Identity.TRUSTED
    other = tmp_path / "other.json"
    other.write_text(json.dumps([Key.local(tmp_path / "elsewhere").id]))
    found = verify(folder, trusted=other)
    assert (found.ok, found.identity, found.problems) == (False, Identity.UNKNOWN, ())


@pytest.mark.parametrize("name", sorted({*PAPERS, "data/rows.parquet", "data/rows.csv"} - {STATEMENT}))
@pytest.mark.parametrize("part", [0.0, 0.37, 0.999])
def test_the_first_altered_byte_of_any_file_is_named(folder: Path, name: str, part: float) -> None:
    path = folder / name
    place = int(part * path.stat().st_size)
    flip(path, place)
    found = verify(folder)
    assert not found.ok
    if name == "checksums.json":  # the marks cannot vouch for themselves; a ledger can
        assert any(problem.startswith(name) for problem in found.problems)
        found = verify(folder, ledger=folder.parent / ".mintmark")
    assert any(problem.startswith(f"{name}: byte {place:,}: ") for problem in found.problems), found.problems


@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_an_altered_statement_is_found_and_with_a_ledger_its_byte_is_named(folder: Path, part: float) -> None:
    place = int(part * (folder / STATEMENT).stat().st_size)
    flip(folder / STATEMENT, place)
    assert any(problem.startswith(STATEMENT) for problem in verify(folder).problems)
    found = verify(folder, ledger=folder.parent / ".mintmark")
    assert any(problem.startswith(f"{STATEMENT}: byte {place:,}: ") for problem in found.problems), found.problems


def test_a_file_that_was_cut_short_says_where(folder: Path) -> None:
    path = folder / "report.html"
    path.write_bytes(path.read_bytes()[:5])
    [problem] = verify(folder).problems
    assert "ends there, and had 13 bytes" in problem


def test_missing_and_added_files_are_named(folder: Path) -> None:
    (folder / "card.md").unlink()
    (folder / "data" / "more.csv").write_text("x\n")
    assert set(verify(folder).problems) == {
        "card.md: this file is missing",
        "data/more.csv: this file is not in the signed statement",
    }


def test_a_forged_signature_is_refused(folder: Path, tmp_path: Path) -> None:
    """The forger alters the evidence, puts its digest into the statement and signs with a key of his own."""
    payload = _payload(folder).replace(b'"released":true', b'"released":true ')
    forged = json.loads(Key.local(tmp_path / "forger").sign(payload, "application/vnd.in-toto+json"))
    honest = json.loads((folder / STATEMENT).read_bytes())
    forged["signatures"][0]["keyid"] = honest["signatures"][0]["keyid"]
    (folder / STATEMENT).write_text(json.dumps(forged))
    assert any("altered or forged" in problem for problem in verify(folder).problems)


def test_the_statement_of_a_release_verifies_in_a_stranger_s_program_and_a_forged_one_does_not(
    folder: Path, tmp_path: Path
) -> None:
    """With nothing but the two files that lie in the release."""
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    unverified = pytest.importorskip("securesystemslib.exceptions").VerificationError
    pem = load_pem_public_key((folder / "signer.pem").read_bytes())
    body = json.loads((folder / STATEMENT).read_bytes())
    keyid = body["signatures"][0]["keyid"]
    public = [signer.SSlibKey.from_crypto(pem, keyid=keyid)]
    envelope = dsse.Envelope.from_dict(body)
    assert list(envelope.verify(public, threshold=1)) == [keyid]
    told = json.loads(envelope.payload)
    assert {one["name"]: one["digest"]["sha256"] for one in told["subject"]}["data/rows.parquet"] == digest.of_file(
        folder / "data" / "rows.parquet").removeprefix("sha256:")  # fmt: skip
    forged = json.loads(Key.local(tmp_path / "forger").sign(envelope.payload, "application/vnd.in-toto+json"))
    forged["signatures"][0]["keyid"] = keyid
    with pytest.raises(unverified):
        dsse.Envelope.from_dict(forged).verify(public, threshold=1)


def test_a_signer_who_contradicts_himself_is_found_out(folder: Path, tmp_path: Path) -> None:
    told = json.loads(_payload(folder))
    told["predicate"]["decision"]["words"] = "All is well."
    told["predicate"]["contents"]["rows"] = digest.of_json("other rows")
    key = Key.local(tmp_path / ".mintmark" / "keys")
    (folder / STATEMENT).write_bytes(key.sign(digest.canonical(told), "application/vnd.in-toto+json"))
    assert set(verify(folder).problems) == {
        "evidence.json: its decision is not that of the statement",
        "data/rows.parquet: its rows are not those of the statement",
    }


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 100_000,
        b'{"subject": [{"name": "../../etc/passwd", "digest": {"sha256": "00"}}, 7]}',
        b'{"subject": "all", "predicate": 3}',
        b"\xff\xfe not UTF-8",
        b'{"predicate": {"dataset": 5}}',
    ],
)
def test_a_hostile_statement_gives_problems_and_never_a_traceback(folder: Path, tmp_path: Path, payload: bytes) -> None:
    key = Key.local(tmp_path / ".mintmark" / "keys")
    (folder / STATEMENT).write_bytes(key.sign(payload, "application/vnd.in-toto+json"))
    assert verify(folder).problems
    assert verify(folder, ledger=tmp_path / ".mintmark").problems


def test_links_in_a_release_are_not_followed(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "report.html", tmp_path / "outside.html")
    (folder / "report.html").symlink_to(tmp_path / "outside.html")
    (folder / "loop").symlink_to(folder)
    found = verify(folder).problems
    assert sum("does not belong in a release" in problem for problem in found) == 2
    (folder / "signer.pem").unlink()
    (folder / "signer.pem").symlink_to(tmp_path / "outside.html")
    assert any("signer.pem cannot be read" in problem for problem in verify(folder).problems)
    os.mkfifo(folder / "pipe")
    assert any(problem.startswith("pipe: ") for problem in verify(folder).problems)


def test_names_that_are_not_text_and_folders_without_end_are_borne(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\xfe.csv")).write_text("x")
    deep = [folder]
    for _ in range(1500):
        deep.append(deep[-1] / "d")
        deep[-1].mkdir()
    found = verify(folder)
    assert found.problems == ("\\udcff\\udcfe.csv: this file is not in the signed statement",)
    assert json.dumps(found.to_json()).encode()
    for path in reversed(deep[1:]):
        path.rmdir()


def test_what_is_no_release_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not a release"):
        verify(tmp_path)
    with pytest.raises(LedgerError, match="not a release"):
        verify(tmp_path / "nowhere")


def test_a_ledger_can_be_verified_too(folder: Path) -> None:
    ledger = Ledger.open(folder.parent / ".mintmark")
    assert verify(ledger.folder).ok
    flip(ledger.objects.path(next(iter(ledger.objects))), 3)
    assert "byte 3" in verify(ledger.folder).problems[0]


def test_a_key_that_was_swapped_is_noted_and_what_it_signed_before_holds(folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / ".mintmark" / "keys")
    assert verify(folder).ok
    assert verify(folder.parent / ".mintmark").notes == ()
    other = let_out(tmp_path, overwrite=True)
    found = verify(tmp_path / ".mintmark")
    assert found.ok
    assert found.notes == ("from entry 6 on, releases are signed with another key than before",)
    assert verify(other.folder).ok


def test_only_what_the_gate_let_pass_leaves(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="the gate did not let this data pass"):
        let_out(tmp_path, story_of(TABLE, rules=("privacy.membership <= 0.001",)))
    with pytest.raises(LedgerError, match="the gate did not let this data pass"):
        let_out(tmp_path, story_of(TABLE, decision=None))
    with pytest.raises(LedgerError, match="not those that were judged"):
        let_out(tmp_path, story_of(TABLE, digest=digest.of_json("other")))
    assert not (tmp_path / "tiny").exists()


def test_a_release_replaces_a_release_and_never_anything_else(tmp_path: Path) -> None:
    let_out(tmp_path)
    with pytest.raises(InputError, match="a release here already"):
        let_out(tmp_path)
    (tmp_path / "tiny" / "mine.txt").write_text("kept until replaced")
    assert verify(let_out(tmp_path, overwrite=True).folder).ok
    shutil.rmtree(tmp_path / "tiny")
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "thesis.tex").write_text("ten years of work")
    with pytest.raises(InputError, match="something lies here"):
        let_out(tmp_path, overwrite=True)
    assert (tmp_path / "tiny" / "thesis.tex").read_text() == "ten years of work"


@pytest.mark.parametrize("name", ["..", "A", ".hidden", "x" * 65, "a b"])
def test_a_release_bears_a_safe_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        refuse(story_of(TABLE), tmp_path / name, page="")


def test_a_refusal_tells_why_and_holds_no_row(tmp_path: Path) -> None:
    story = story_of(TABLE, rules=("privacy.membership <= 0.001",))
    for _ in range(2):
        folder = refuse(story, tmp_path / "tiny.refused", page="<p>no</p>")
    assert {path.name for path in folder.iterdir()} == {"report.html", "evidence.json"}
    assert json.loads((folder / "evidence.json").read_bytes())["decision"]["status"] == "refused"


def test_the_evidence_is_written_as_every_answer_writes_it(folder: Path) -> None:
    found = json.loads((folder / "evidence.json").read_bytes())
    first, second = found["findings"]
    assert (first["metric"], first["value"], first["interval"], first["n"]) == (
        "privacy.membership", 0.011, [0.008, 0.015], 12000)  # fmt: skip
    assert second == {"metric": "utility.transfer", "claim": "utility", "reason": "there is no target | column"}
    assert found["decision"]["released"] is True


def test_no_password_no_folder_no_body_and_no_level_leaves(folder: Path) -> None:
    text = "".join(path.read_text() for path in folder.glob("*.*"))
    assert "secret" not in text
    assert "PRIVATE" not in text
    assert "levels" not in text
    hidden = provenance(Provenance(recipe={"real": {"from": "/home/me/x/adult.csv", "holdout": 0.3}}))["recipe"]
    assert hidden == {"real": {"from": "adult.csv", "holdout": 0.3}}


def test_the_lineage_can_be_checked_without_the_bodies(folder: Path) -> None:
    entries = json.loads((folder / "lineage.json").read_bytes())["entries"]
    assert [entry["act"] for entry in entries] == ["plan", "dataset"]
    assert entries[1]["previous"] == entries[0]["digest"]
    assert entries[0]["digest"] == digest.of_json({k: v for k, v in entries[0].items() if k != "digest"})


def test_the_front_matter_of_the_card_is_yaml_that_the_hub_reads(folder: Path) -> None:
    front = yaml.safe_load((folder / "card.md").read_text().split("---")[1])
    size = (folder / "data" / "rows.parquet").stat().st_size
    assert front == {
        "license": "mit",
        "pretty_name": "tiny",
        "size_categories": ["n<1K"],
        "tags": ["synthetic", "tabular", "mintmark"],
        "task_categories": ["tabular-classification"],
        "annotations_creators": ["machine-generated"],
        "configs": [{"config_name": "rows", "data_files": [{"split": "train", "path": "data/rows.parquet"}]}],
        "dataset_info": [
            {
                "config_name": "rows",
                "features": [
                    {"name": "age", "dtype": "int16"},
                    {"name": "income | <b>net</b>", "dtype": "float64"},
                    {"name": "class", "dtype": "string"},
                    {"name": "member", "dtype": "bool"},
                    {"name": "since", "dtype": "date32"},
                    {"name": "seen", "dtype": "timestamp[us]"},
                    {"name": "price", "dtype": "decimal128(6, 2)"},
                ],
                "splits": [{"name": "train", "num_bytes": size, "num_examples": 4}],
                "download_size": size,
                "dataset_size": size,
            }
        ],
    }


def test_the_card_says_the_verdict_first_and_escapes_what_strangers_wrote(folder: Path) -> None:
    body = (folder / "card.md").read_text().split("---\n", 2)[2]
    assert body.strip().splitlines()[2].startswith("**✓ Passed.**")
    assert "<b>" not in body
    assert r"| income \| &lt;b&gt;net&lt;/b&gt; | number | double |" in body
    assert r"utility.transfer: there is no target \| column" in body


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](javascript:1)\n# `a`\x00 *b*", r"\[x\](javascript:1) \# \`a\` \*b\*"),
        ("see http://evil.example or www.evil.example", r"see http\://evil.example or www\.evil.example"),
        ("- a list", r"\- a list"),
        ("0.5 at 12:30:00, :smile:", r"0.5 at 12:30:00, \:smile:"),
        ("1. a list", "1&#8203;. a list"),
        ("2026-11-21: 3 < 5 & a@b", r"2026-11-21: 3 &lt; 5 &amp; a\@b"),
    ],
)
def test_escaping_leaves_nothing_that_markdown_acts_upon(text: str, shown: str) -> None:
    assert escaped(text) == shown


@pytest.mark.parametrize("formats", [("parquet", "csv"), ("csv",), ("jsonl",)])
@pytest.mark.filterwarnings("ignore")
def test_croissant_validates_and_its_records_load_offline(tmp_path: Path, formats: tuple[str, ...]) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    folder = let_out(tmp_path, formats=formats).folder
    described = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not described.metadata.ctx.issues.errors
    records = list(described.records("rows"))
    assert len(records) == 4
    assert records[0]["rows/age"] == 23
    assert records[1]["rows/income%20%7C%20%3Cb%3Enet%3C%2Fb%3E"] == 2.25
    assert records[0]["rows/class"] == b"a"
    assert [record["rows/age"] for record in records] == [23, 41, None, 67]
    assert [record["rows/member"] for record in records] == [True, False, True, None]
    assert [str(record["rows/since"])[:10] for record in records] == ["1969-07-20", "None", "2024-02-29", "1900-01-01"]
    assert [record["rows/price"] for record in records] == [1.1, None, 0.05, 9.99]


@pytest.mark.filterwarnings("ignore")
def test_croissant_describes_streams_of_arrow_though_its_readers_take_no_columns_from_them(tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    folder = let_out(tmp_path, formats=("arrow",)).folder
    described = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not described.metadata.ctx.issues.errors
    assert [file.name for file in described.metadata.distribution] == ["data/rows.arrow"]
    assert described.metadata.record_sets == []


def test_documents_that_were_asked_for_are_signed_with_the_rest(tmp_path: Path) -> None:
    asked = ("datasheet", "huggingface", "eu-summary", "card")
    released = let_out(tmp_path, documents=asked)
    more = {"datasheet.md", "README.md", "eu-summary.md", "eu-summary.json"}
    assert set(released.files) | {STATEMENT} == (PAPERS | more | {"data/rows.parquet", "data/rows.csv"})
    assert verify(released.folder).ok
    for name in more:
        flip(released.folder / name, 11)
        assert any(problem.startswith(f"{name}: byte 11: ") for problem in verify(released.folder).problems)
        flip(released.folder / name, 11)


@pytest.mark.parametrize(("name", "fits"), [("README.md", True), ("data/README.md", False), ("READme.md", False)])
def test_one_file_alone_bears_capitals(name: str, fits: bool) -> None:
    assert bool(safe(name)) is fits


@pytest.mark.parametrize("formats", [("parquet",), ("csv",)])
@pytest.mark.filterwarnings("ignore")
def test_croissant_s_readers_get_every_column_that_croissant_has_a_type_for(
    tmp_path: Path, formats: tuple[str, ...]
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    table = pa.table(
        {
            "=risky": [1, 2],
            "at": pa.array([dt.time(12, 30), None], pa.time64("us")),
            "zoned": pa.array([dt.datetime(2024, 5, 1, 12)] * 2, pa.timestamp("us", "UTC")),
            "took": pa.array([dt.timedelta(seconds=5), None]),
            'größe, "m"': ["a\nb", None],
        }
    )
    folder = let_out(tmp_path, story_of(table, provenance=Provenance(seed=1)), formats=formats).folder
    records = list(mlcroissant.Dataset(jsonld=folder / "croissant.json").records("rows"))
    assert records[1]["rows/%3Drisky"] == 2
    as_text = formats == ("csv",)
    assert records[0]["rows/at"] == (b"12:30:00.000000" if as_text else dt.time(12, 30))
    everywhere = {"rows/%3Drisky", "rows/at", "rows/zoned", "rows/gr%C3%B6%C3%9Fe%2C%20%22m%22"}
    assert set(records[0]) == everywhere | ({"rows/took"} if as_text else set())


def test_croissant_names_every_file_with_its_digest_and_tells_where_it_comes_from(tmp_path: Path) -> None:
    released = let_out(tmp_path, formats=("parquet", "arrow"))
    told = json.loads((released.folder / "croissant.json").read_bytes())
    listed = {one["@id"]: "sha256:" + one["sha256"] for one in told["distribution"]}
    assert listed == {name: found for name, found in released.files.items() if name.startswith("data/")}
    assert [one["prov:label"] for one in told["prov:wasDerivedFrom"]] == ["train"]
    assert told["license"] == "https://spdx.org/licenses/MIT.html"
    assert told["rai:dataLimitations"] == [
        "rows are independent of each other",
        "utility.transfer was not measured: there is no target | column",
    ]
    assert verify(released.folder).ok


def test_a_long_table_is_released_in_shards_and_verifies(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    table = pa.table({"x": rng.normal(size=100_000), "k": rng.integers(0, 50, 100_000)})
    released = let_out(tmp_path, story_of(table))
    found: Verification = verify(released.folder)
    assert found.ok, found.problems
    flip(released.folder / "data" / "rows.parquet", 700_001)
    assert "data/rows.parquet: byte 700,001: " in verify(released.folder).problems[0]


def _payload(folder: Path) -> bytes:

    return base64.b64decode(json.loads((folder / STATEMENT).read_bytes())["payload"])


def with_origins(tmp_path: Path, origins: Origins) -> Released:
    told = story_of(TABLE)
    made = replace(told.provenance, origins=origins.shares, depths={"0": 0.25, "1": 0.75}, depth=origins.depth)
    return let_out(tmp_path, replace(told, provenance=made), origins=origins)


ORIGINS = Origins.concat([Origins.of(Making("real", depth=0), 1), Origins.of(Making("synthetic", depth=1), 3)])


def test_origins_go_with_the_rows_and_are_part_of_what_is_signed(tmp_path: Path) -> None:
    released = with_origins(tmp_path, ORIGINS)
    assert "origin.arrow" in released.files
    assert unpacked((released.folder / "origin.arrow").read_bytes()) == {"rows": ORIGINS}
    assert verify(released.folder).ok
    listed = json.loads((released.folder / "croissant.json").read_text())["distribution"]
    [side] = [one for one in listed if one["@id"] == "origin.arrow"]
    assert "sha256:" + side["sha256"] == released.files["origin.arrow"]


def test_origins_of_other_rows_are_not_released(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not those of the rows"):
        with_origins(tmp_path, ORIGINS.slice(0, 3))
    assert not (tmp_path / "tiny").exists()


@pytest.mark.parametrize(
    ("altered", "problem"),
    [
        ({"origins": {"real": 1.0}}, "its origins are not those of the statement"),
        ({"depth": 0}, "its origins are not those of the statement"),
    ],
)
def test_a_signer_who_contradicts_his_origins_is_found_out(tmp_path: Path, altered: Any, problem: str) -> None:
    folder = with_origins(tmp_path, ORIGINS).folder
    told = json.loads(_payload(folder))
    told["predicate"] |= altered
    key = Key.local(tmp_path / ".mintmark" / "keys")
    (folder / STATEMENT).write_bytes(key.sign(digest.canonical(told), "application/vnd.in-toto+json"))
    assert f"origin.arrow: {problem}" in verify(folder).problems


@pytest.mark.parametrize(
    ("side", "problem"),
    [
        (None, "origin.arrow: it is missing, and the statement tells of it"),
        (b"no Arrow", "origin.arrow: this is no table of origins"),
        (packed({"rows": ORIGINS.slice(0, 2)}), "origin.arrow: it is of {'rows': 2}"),
    ],
)
def test_a_signer_who_signs_origins_that_are_none_is_found_out(tmp_path: Path, side: Any, problem: str) -> None:
    folder = with_origins(tmp_path, ORIGINS).folder
    told = json.loads(_payload(folder))
    told["subject"] = [one for one in told["subject"] if one["name"] != "origin.arrow"]
    (folder / "origin.arrow").unlink()
    if side is not None:
        (folder / "origin.arrow").write_bytes(side)
        found = digest.of_bytes(side).removeprefix("sha256:")
        told["subject"].append({"name": "origin.arrow", "digest": {"sha256": found}})
    key = Key.local(tmp_path / ".mintmark" / "keys")
    (folder / STATEMENT).write_bytes(key.sign(digest.canonical(told), "application/vnd.in-toto+json"))
    [found] = verify(folder).problems
    assert found.startswith(problem)
