"""The ledger records for good, finds what it recorded, and notices whatever is done to it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mintmark import digest, disk
from mintmark.data.dataset import Dataset
from mintmark.errors import LedgerError, StorageError, UnknownName
from mintmark.ledger.audit import Sound, verify
from mintmark.ledger.entry import Act, Entry
from mintmark.ledger.gc import gc
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage, origins
from mintmark.ledger.marks import Marks, first_difference
from mintmark.ledger.versions import open_dataset, publish_dataset, read
from mintmark.pipeline.verify import verify as verify_folder
from mintmark.report.lineage import draw

RECIPE, TRAIN = digest.of_json("recipe"), digest.of_json("train")

MAKING = {"recipe": None, "recipe_digest": None, "seed": 7, "steps": {}, "versions": {}, "depth": 1, "real_share": 0.0}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / ".mintmark")


def filled(ledger: Ledger) -> list[Entry]:
    """Four entries, two of which refer to objects."""
    note = ledger.objects.put_json({"hello": "world"})
    sampler = ledger.objects.put_file(b"numbers" * 5000)
    return [
        ledger.append("plan", RECIPE, inputs={"train": TRAIN}, body={"name": "adult"}),
        ledger.append("fit", sampler, inputs={"recipe": RECIPE}, body={"files": {"numbers.npz": {"object": sampler}}}),
        ledger.append("dataset", digest.of_json("rows"), inputs={"sampler": sampler, "recipe": RECIPE}),
        ledger.append("note", note, body={"nested": [{"object": note}]}),
    ]


def test_a_new_ledger_is_empty_and_kept_out_of_git(ledger: Ledger) -> None:
    assert list(ledger) == []
    assert verify(ledger) == Sound(0, 0)
    assert (ledger.folder / ".gitignore").read_text() == "*\n"


def test_opening_does_not_make_one_unless_it_may(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here"):
        Ledger.open(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


def test_entries_come_back_in_order_and_each_names_the_one_before(ledger: Ledger) -> None:
    made = filled(ledger)
    assert list(Ledger.open(ledger.folder)) == list(Ledger.open(str(ledger.folder))) == made
    assert [entry.number for entry in made] == [1, 2, 3, 4]
    assert [entry.previous for entry in made] == [None, *(entry.digest for entry in made[:-1])]
    assert verify(ledger) == Sound(4, 2)


def test_the_digest_covers_every_part_of_an_entry() -> None:
    entry = Entry(1, Act.NOTE, RECIPE, {"a": TRAIN}, {"x": 1}, None)
    others = [
        Entry(2, Act.NOTE, RECIPE, {"a": TRAIN}, {"x": 1}, None),
        Entry(1, Act.PLAN, RECIPE, {"a": TRAIN}, {"x": 1}, None),
        Entry(1, Act.NOTE, TRAIN, {"a": TRAIN}, {"x": 1}, None),
        Entry(1, Act.NOTE, RECIPE, {"b": TRAIN}, {"x": 1}, None),
        Entry(1, Act.NOTE, RECIPE, {"a": TRAIN}, {"x": 2}, None),
        Entry(1, Act.NOTE, RECIPE, {"a": TRAIN}, {"x": 1}, RECIPE),
    ]
    assert len({entry.digest, *(other.digest for other in others)}) == 7
    assert Entry.from_bytes(entry.to_bytes()) == entry


def test_entries_are_found_by_act_subject_input_name_number_and_digest(ledger: Ledger) -> None:
    plan, fit, rows, _ = filled(ledger)
    assert ledger.find("fit") == [fit]
    assert ledger.find(subject=RECIPE) == [plan]
    assert ledger.find(used=RECIPE) == [fit, rows]
    assert ledger.find("dataset", used=RECIPE) == [rows]
    assert ledger.find(name="adult") == [plan]
    assert ledger.find("assay") == []
    assert ledger.entry(2) == ledger.entry("2") == ledger.entry(fit.digest) == ledger.entry(fit.digest[7:15]) == fit
    with pytest.raises(UnknownName):
        ledger.entry(9)


@pytest.mark.parametrize("body", [{"x": float("nan")}, {"x": {1, 2}}, {"x": b"bytes"}, {"x": "\ud800"}])
def test_what_is_not_json_is_not_recorded(ledger: Ledger, body: dict[str, object]) -> None:
    with pytest.raises(LedgerError, match="not JSON"):
        ledger.append("note", RECIPE, body=body)
    assert len(ledger) == 0


def test_an_entry_cannot_refer_to_an_object_that_is_not_kept(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="an object is missing"):
        ledger.append("note", RECIPE, body={"object": digest.of_json("absent")})
    assert len(ledger) == 0


@pytest.mark.parametrize("index", ["kept", "lost"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.99])
def test_an_altered_manifest_is_named_and_with_the_index_its_very_byte(ledger: Ledger, part: float, index: str) -> None:
    filled(ledger)
    verify(ledger)
    path = ledger.manifests.folder / ledger.manifests.files()[1]
    data = bytearray(path.read_bytes())
    place = int(part * len(data))
    data[place] = data[place] ^ 1
    path.write_bytes(data)
    if index == "lost":
        ledger.index.forget()
    with pytest.raises(LedgerError) as found:
        verify(ledger)
    assert path.name in str(found.value)
    assert index == "lost" or f"byte {place:,}: this manifest was altered" in str(found.value)


@pytest.mark.parametrize("index", ["kept", "lost"])
def test_a_removed_manifest_breaks_the_chain(ledger: Ledger, index: str) -> None:
    filled(ledger)
    gone = ledger.manifests.folder / ledger.manifests.files()[1]
    gone.unlink()
    if index == "lost":
        ledger.index.forget()
    with pytest.raises(LedgerError, match="an entry was removed" if index == "kept" else "the chain is broken"):
        verify(ledger)


def test_a_last_entry_that_was_removed_is_remembered_by_the_index(ledger: Ledger) -> None:
    filled(ledger)
    ledger.find()
    gone = ledger.manifests.files()[-1]
    (ledger.manifests.folder / gone).unlink()
    with pytest.raises(LedgerError, match=f"(?s){gone}.*an entry was removed"):
        verify(ledger)


def test_swapped_manifests_are_found(ledger: Ledger) -> None:
    filled(ledger)
    one, two = (ledger.manifests.folder / file for file in ledger.manifests.files()[1:3])
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(LedgerError, match="altered"):
        verify(ledger)


def test_a_chain_that_was_rewritten_from_the_middle_is_found(ledger: Ledger) -> None:
    """A forger replaces an entry by one with a digest of its own: the next one does not follow it."""
    plan, fit, *_ = filled(ledger)
    forged = Entry(2, fit.act, fit.subject, fit.inputs, {**fit.body, "epsilon": 0.1}, plan.digest)
    (ledger.manifests.folder / ledger.manifests.files()[1]).unlink()
    ledger.index.forget()
    ledger.manifests.add(forged, drafts=ledger.folder / "drafts")
    with pytest.raises(LedgerError, match="the chain is broken"):
        list(ledger)


def test_a_missing_and_an_altered_object_are_named(ledger: Ledger) -> None:
    _, fit, *_ = filled(ledger)
    path = ledger.objects.path(fit.subject)
    data = bytearray(path.read_bytes())
    data[20_000] += 1
    path.write_bytes(data)
    with pytest.raises(LedgerError, match=f"{path}: byte 20,000: this object was altered"):
        verify(ledger)
    path.unlink()
    with pytest.raises(LedgerError, match=r"entry 2 \(fit\) refers to an object that is missing"):
        verify(ledger)


@pytest.mark.parametrize("damage", ["deleted", "garbage", "torn", "one byte", "other layout"])
def test_a_lost_or_damaged_index_is_made_again(ledger: Ledger, damage: str) -> None:
    filled(ledger)
    path = ledger.index.path
    data = path.read_bytes()
    if damage == "one byte":
        place = data.rindex(b"dataset")
        path.write_bytes(data[:place] + b"D" + data[place + 1 :])
    elif damage == "other layout":
        path.unlink()
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE entries (x)")
        base.close()
    else:
        path.unlink()
        if damage != "deleted":
            path.write_bytes(b"garbage" * 1000 if damage == "garbage" else data[: len(data) // 2])
    assert [entry.number for entry in ledger.find("dataset")] == [3]
    assert [entry.number for entry in ledger.find("dataset")] == [3]
    assert verify(ledger) == Sound(4, 2)
    assert ledger.index.files() == set(ledger.manifests.files())


def test_an_entry_of_a_newer_program_says_to_upgrade(ledger: Ledger) -> None:
    filled(ledger)
    entry = Entry(5, Act.NOTE, RECIPE, {}, {}, ledger.entry(4).digest, version=2)
    ledger.manifests.add(entry, drafts=ledger.folder / "drafts")
    with pytest.raises(LedgerError, match=r"(?s)newer Mintmark.*upgrade"):
        list(ledger)
    with pytest.raises(LedgerError, match="upgrade"):
        ledger.append("note", RECIPE)


@pytest.mark.parametrize(
    "data",
    [b"", b"[" * 100_000, b"7", b"\xff\xfe", b'{"version": "x"}', b'{"version": 1}',
     b'{"act":"note","body":{"x":NaN},"inputs":{},"number":5,"previous":null,"subject":"x","version":1}',
     b'{"act":"note","body":{"x":"\\ud800"},"inputs":{},"number":5,"previous":null,"subject":"x","version":1}',
     b'{"act":"note","body":5,"inputs":[1],"number":"5","previous":{},"subject":null,"version":1}'],
)  # fmt: skip
def test_hostile_manifests_give_a_ledger_error(ledger: Ledger, data: bytes) -> None:
    filled(ledger)
    (ledger.manifests.folder / f"{5:012}-{'0' * 64}.json").write_bytes(data)
    with pytest.raises(LedgerError):
        verify(ledger)


def test_a_dataset_is_published_and_read_back_shard_by_shard(ledger: Ledger) -> None:
    data = Dataset.of({"k": list(range(1000)), "word": [f"w{i % 7}" for i in range(1000)]})
    shape = data.columns.arrow()
    refs = [ledger.objects.put_table([data.table.slice(i, 300)], shape) for i in range(0, 1000, 300)]
    entry = publish_dataset(ledger, name="tiny", schema=data.schema, shards={"rows": refs}, body=MAKING)
    assert entry.subject == data.digest
    version = open_dataset(ledger, "tiny")
    assert pa.concat_tables(version.shards("rows")).equals(data.table)
    assert version.rows() == {"rows": 1000}
    assert version.schema == data.schema
    drawn = version.sample(50, rng=np.random.default_rng(1)).table["k"].to_pylist()
    assert drawn == sorted(set(drawn))
    assert len(drawn) == 50
    assert version.sample(5000, rng=np.random.default_rng(1)).digest == data.digest
    for ref in (entry.number, entry.digest, data.digest, data.digest[:20], data.digest[7:15]):
        assert open_dataset(ledger, ref).entry == entry
    with pytest.raises(UnknownName, match="tiny"):
        open_dataset(ledger, "tinny")


def test_a_dataset_that_does_not_say_how_it_was_made_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="real_share"):
        publish_dataset(ledger, name="x", schema=Dataset.of({"a": [1]}).schema, shards={}, body={"seed": 1})


@pytest.mark.parametrize(
    "type_",
    [pa.timestamp("s"), pa.timestamp("ns", "Europe/Berlin"), pa.time32("s"), pa.duration("ms"), pa.date64(),
     pa.decimal128(9, 2), pa.float16(), pa.uint64(), pa.large_string(), pa.dictionary(pa.int8(), pa.string()),
     pa.null()],
)  # fmt: skip
def test_exact_types_come_back_from_shards(ledger: Ledger, type_: pa.DataType) -> None:
    values = {"large_string": ["a", None], "float16": [np.float16(1.5), None], "null": [None]}.get(
        str(type_), [1, None]
    )
    words = pa.types.is_dictionary(type_)
    column = pa.array(["a", None, "b"]).cast(type_) if words else pa.array(values, type_)
    table = pa.table({"x": column})
    ref = ledger.objects.put_table([table], table.schema)
    found = pa.concat_tables(read(ledger, ref, table.schema))
    assert found.schema == table.schema
    assert found["x"].to_pylist() == table["x"].to_pylist()


def test_finished_shards_are_remembered_until_the_work_is_cleared(ledger: Ledger) -> None:
    table = pa.table({"x": [1, 2]})
    ref = ledger.objects.put_table([table], table.schema)
    work = ledger.work(RECIPE)
    assert work.done(3) is None
    work.finish(3, ref)
    assert Ledger.open(ledger.folder).work(RECIPE).done(3) == ref
    assert (work.folder / "shard-00003.json").is_file()
    ledger.objects.path(ref.object).unlink()
    assert work.done(3) is None
    (work.folder / "shard-00003.json").write_text("{torn")
    assert work.done(3) is None
    work.clear()
    assert not work.folder.exists()


def test_lineage_lists_ancestors_in_order_and_nothing_else(ledger: Ledger) -> None:
    plan, fit, rows, note = filled(ledger)
    assert lineage(ledger, rows.subject) == [plan, fit, rows]
    assert lineage(ledger, fit.digest) == [plan, fit]
    assert lineage(ledger, note.subject) == [note]
    [tree] = origins(ledger, rows.subject)
    assert tree.entry == rows
    assert [origin.entry for origin in tree.inputs["sampler"]] == [fit]
    assert tree.inputs["sampler"][0].inputs["recipe"][0].inputs == {"train": ()}
    with pytest.raises(UnknownName):
        lineage(ledger, digest.of_json("never seen"))


def test_what_was_done_after_its_use_is_no_ancestor(ledger: Ledger) -> None:
    _, fit, rows, _ = filled(ledger)
    again = ledger.append("fit", fit.subject, inputs={"recipe": RECIPE})
    assert fit in lineage(ledger, rows.subject)
    assert again not in lineage(ledger, rows.subject)
    assert again in lineage(ledger, fit.subject)


def test_a_cycle_that_was_made_by_hand_ends(ledger: Ledger) -> None:
    """A says that it was made of B, B of A, and C of itself: one of them came first, and has no such parent."""
    a, b, c = (digest.of_json(name) for name in "abc")
    entries = [ledger.append("dataset", name, inputs={"from": used}) for name, used in ((a, b), (b, a), (c, c), (a, b))]
    assert lineage(ledger, b) == entries[:2]
    assert lineage(ledger, a) == [entries[0], entries[1], entries[3]]
    assert lineage(ledger, c) == [entries[2]]
    assert len(list(draw(lineage(ledger, a)).lines())) < 20


def test_a_lineage_of_many_generations_and_many_ways_is_walked_once(ledger: Ledger) -> None:
    """Each of 400 makings uses the one before it twice: 2^399 ways lead back, and calls would nest too deep."""
    names = [digest.of_json(number) for number in range(400)]
    previous, entries = None, []
    for number, name in enumerate(names):
        inputs = {"a": names[number - 1], "b": names[number - 1]} if number else {}
        entries.append(Entry(number + 1, Act.FIT, name, inputs, {}, previous))
        previous = entries[-1].digest
    ledger.manifests.adopt(entries, drafts=ledger.folder / "drafts")
    assert lineage(ledger, names[-1]) == entries
    told = list(draw(entries).lines())
    assert len(told) < 200
    assert any("and so on" in line for line in told)


def test_a_parent_that_was_lost_is_from_outside_and_a_lost_entry_breaks_the_chain(ledger: Ledger) -> None:
    _, _, rows, _ = filled(ledger)
    inputs = {"rows": rows.subject, "lost": digest.of_json("lost")}
    child = ledger.append("dataset", digest.of_json("child"), inputs=inputs)
    assert lineage(ledger, child.subject)[-2:] == [rows, child]
    assert any("lost from outside" in line for line in draw(lineage(ledger, child.subject)).lines())
    (ledger.manifests.folder / ledger.manifests.files()[2]).unlink()
    ledger.index.forget()
    with pytest.raises(LedgerError, match="the chain is broken"):
        lineage(ledger, child.subject)


def test_two_ledgers_in_one_folder_are_told_apart_from_damage(ledger: Ledger, tmp_path: Path) -> None:
    """Somebody copies the files of one ledger over those of another."""
    filled(ledger)
    other = Ledger.open(tmp_path / "other")
    other.append("note", RECIPE)
    shutil.copytree(other.folder, ledger.folder, dirs_exist_ok=True)
    for ask in (lambda: verify(ledger), lambda: ledger.find("plan"), lambda: ledger.append("note", RECIPE),
                lambda: gc(ledger), lambda: open_dataset(ledger, "x")):  # fmt: skip
        with pytest.raises(LedgerError, match=r"(?s)two ledgers were laid into one folder.*mintmark import"):
            ask()
    assert len(ledger) == 5
    (ledger.manifests.folder / other.manifests.files()[0]).unlink()
    ledger.index.forget()
    assert verify(ledger).entries == 4


def test_nothing_is_entered_upon_a_chain_with_a_hole(ledger: Ledger) -> None:
    filled(ledger)
    (ledger.manifests.folder / ledger.manifests.files()[1]).unlink()
    with pytest.raises(LedgerError, match="the chain is broken"):
        ledger.append("note", RECIPE)
    assert len(ledger) == 3


def test_a_clock_that_went_back_is_noted_and_the_order_is_that_of_the_chain(ledger: Ledger) -> None:
    times = ["2026-05-01T12:00:00+00:00", "2026-05-01T11:59:30+00:00", "2026-04-30T12:00:00+00:00", "soon", None]
    for at in times:
        ledger.append("note", RECIPE, body={"at": at})
    [note] = verify(ledger).notes
    assert note.startswith("entry 3 says that it was made at 2026-04-30T12:00:00+00:00, and entry 2, before it, at")
    assert [entry.body["at"] for entry in ledger.find("note")] == times
    assert verify_folder(ledger.folder).ok
    assert verify_folder(ledger.folder).to_json()["notes"] == [note]


def test_objects_that_changed_places_are_found(ledger: Ledger) -> None:
    filled(ledger)
    one, two = map(ledger.objects.path, ledger.objects)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(LedgerError, match="this object was altered"):
        verify(ledger)


def test_half_written_drafts_are_no_part_of_the_ledger(ledger: Ledger) -> None:
    made = filled(ledger)
    drafts = ledger.folder / "drafts"
    (drafts / ".a.draft").write_bytes(made[0].to_bytes()[:40])
    (drafts / ".b.draft").mkdir()
    (drafts / ".b.draft" / ledger.manifests.files()[0]).write_bytes(b"{")
    (ledger.manifests.folder / ".half.draft").write_bytes(b"{")
    assert verify(ledger) == Sound(4, 2)
    assert ledger.find() == made
    assert ledger.append("note", RECIPE).number == 5


def test_a_read_only_folder_is_read_and_said_to_be_so_where_it_is_written(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = filled(ledger)
    real = os.open

    def refuse(path: str, flags: int, *more: int, **named: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", str(path))
        return real(path, flags, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "open", refuse)
        for write in (lambda: ledger.append("note", RECIPE), lambda: gc(ledger)):
            with pytest.raises(StorageError, match=r"(?s)Read-only file system.*not read-only"):
                write()
        assert ledger.find("plan") == [made[0]]
        assert lineage(ledger, made[2].subject) == made[:3]
    assert verify(ledger) == Sound(4, 2)


def test_gc_removes_what_nobody_refers_to_when_it_is_old(ledger: Ledger) -> None:
    filled(ledger)
    loose = ledger.objects.put_file(b"nobody refers to this")
    mentioned = ledger.objects.put_file(b"a paper of a release")
    ledger.append("release", RECIPE, inputs={"card.md": mentioned})
    working = ledger.objects.put_table([pa.table({"x": [1]})], pa.schema([("x", pa.int64())]))
    ledger.work(RECIPE).finish(0, working)
    (ledger.folder / "drafts" / "torn").write_bytes(b"half")
    assert gc(ledger).objects == ()
    old = time.time() - 8 * 24 * 3600
    os.utime(ledger.objects.path(loose), (old, old))
    os.utime(ledger.folder / "drafts" / "torn", (old, old))
    would = gc(ledger, dry_run=True)
    assert ledger.objects.holds(loose)
    swept = gc(ledger)
    assert would == swept
    assert (swept.objects, swept.leftovers, swept.size) == ((loose,), ("drafts/torn",), 25)
    assert not ledger.objects.holds(loose)
    assert gc(ledger, grace=timedelta(0)).leftovers == (f"work/{RECIPE[7:]}",)
    assert verify(ledger) == Sound(5, 3)


def test_gc_removes_nothing_while_the_chain_is_broken(ledger: Ledger) -> None:
    filled(ledger)
    loose = ledger.objects.put_file(b"perhaps the lost entry needs this")
    (ledger.manifests.folder / ledger.manifests.files()[1]).unlink()
    with pytest.raises(LedgerError):
        gc(ledger, grace=timedelta(0))
    assert ledger.objects.holds(loose)


def test_keeping_an_old_object_again_makes_it_young(ledger: Ledger) -> None:
    loose = ledger.objects.put_file(b"used again")
    os.utime(ledger.objects.path(loose), (0, 0))
    ledger.objects.put_file(b"used again")
    assert gc(ledger).objects == ()


def test_a_disk_that_fails_to_sync_loses_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    made = filled(ledger)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)
        with pytest.raises(StorageError, match=r"(?s)No space left on device.*free some space"):
            ledger.append("note", RECIPE)
        with pytest.raises(StorageError):
            ledger.objects.put_file(b"new")
    assert list(ledger) == made
    assert ledger.append("note", RECIPE).number == 5
    assert verify(ledger) == Sound(5, 2)


def test_a_place_that_cannot_hold_a_ledger_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        Ledger.open(tmp_path / "file" / ".mintmark")


def test_a_read_only_index_does_not_keep_anybody_from_reading(ledger: Ledger) -> None:
    made = filled(ledger)
    ledger.index.forget()
    ledger.index.path.mkdir()  # nothing can be written there
    assert ledger.find("fit") == [made[1]]
    assert ledger.append("note", RECIPE).number == 5
    assert verify(ledger) == Sound(5, 2)


WRITER = """
import sys
from pathlib import Path
from mintmark import digest
from mintmark.ledger.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
for i in range(30):
    kept = ledger.objects.put_json([sys.argv[2], i])
    ledger.append("note", digest.of_json([sys.argv[2], i]), body={"object": kept})
"""


def test_runs_at_once_on_one_ledger_all_succeed(tmp_path: Path) -> None:
    folder = tmp_path / ".mintmark"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(i)]) for i in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    ledger = Ledger.open(folder)
    assert {entry.subject for entry in ledger} == {digest.of_json([str(w), i]) for w in range(4) for i in range(30)}
    assert verify(ledger) == Sound(120, 120)
    assert ledger.index.files() == set(ledger.manifests.files())


def test_marks_name_any_single_byte_and_survive_json(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    path, other = tmp_path / "a", tmp_path / "b"
    data = rng.bytes(50_000)
    path.write_bytes(data)
    marks = Marks.from_json(json.loads(json.dumps(Marks.of(path).to_json())))
    assert marks.misfit(path) is None
    for place in [0, 16_383, 16_384, 49_999, *rng.integers(0, 50_000, 30).tolist()]:
        altered = bytearray(data)
        altered[place] = (altered[place] + int(rng.integers(1, 256))) % 256
        other.write_bytes(altered)
        found = marks.misfit(other)
        assert found is not None
        assert (found.first, found.exact) == (place, True)
        assert first_difference(path, other) == place
