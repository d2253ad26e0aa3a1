"""A ledger that was packed is the same ledger elsewhere, and two ledgers that meet keep both their chains."""

import os

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import digest
from mintmark.errors import InputError, LedgerError, StorageError, UnknownName
from mintmark.ledger.audit import verify
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.ledger.signing import Key
from mintmark.ledger.sketch import recognise, sketch
from mintmark.ledger.versions import MAKING, open_dataset, publish_dataset
from mintmark.pipeline import consistency
from mintmark.report import evidence
from mintmark.seeds import Seed


def rows(seed):
    return pa.table({"x": Seed(seed).rng().normal(size=60), "word": [f"w{n % 7}" for n in range(60)]})


def published(ledger, name, seed, made_from=None):
    table = rows(seed)
    data = mm.Dataset.of(table)
    refs = [ledger.objects.put_table([part], table.schema) for part in (table.slice(0, 25), table.slice(25))]
    kept = ledger.objects.put_json(sketch(table))
    sampler = ledger.objects.put_file(f"learnt by {name} {seed}".encode())
    steps = {"rows": {"generator": "tabular.trees", "sampler": {"a": {"object": sampler}}}}
    body = {**dict.fromkeys(MAKING), "steps": steps, "depth": 1, "sketch": {"object": kept}}
    plan = digest.of_json([name, seed])
    ledger.append("plan", plan, inputs={"train": made_from} if made_from else {}, body={"name": name})
    entry = publish_dataset(ledger, name=name, schema=data.schema, shards={data.name: refs}, body=body,
                            inputs={"recipe": plan})  # fmt: skip
    ledger.append("decision", entry.subject, body={"status": "passed", "verdicts": []})
    return entry


@pytest.fixture
def a(tmp_path):
    ledger = Ledger.open(tmp_path / "a")
    for seed, name in enumerate(("wine", "wine", "beer")):
        published(ledger, name, seed)
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    return ledger


@pytest.fixture
def b(tmp_path):
    ledger = Ledger.open(tmp_path / "b")
    published(ledger, "wine", 10)
    mm.tag("wine", "gold", ledger=ledger.folder)
    return ledger


def moved(ledger, to, *names, **more):
    path = ledger.folder.parent / f"{ledger.folder.name}-{len(list(ledger.folder.parent.glob('*.tar')))}.tar"
    mm.export_ledger(path, *names, ledger=ledger.folder)
    return mm.import_ledger(path, ledger=to, **more)


def test_a_ledger_is_restored_where_there_was_none(a, tmp_path):
    found = moved(a, tmp_path / "c")
    c = Ledger.open(tmp_path / "c", create=False)
    assert found.how == "restored"
    assert list(c) == list(a)
    assert list(c.objects) == list(a.objects)
    assert verify(c) == verify(a)
    assert open_dataset(c, "wine@gold").entry == open_dataset(a, "wine@gold").entry
    published(c, "more", 5)  # it goes on as one's own
    assert verify(c).entries == len(a) + 3


def test_the_same_content_gives_the_same_bytes_wherever_it_lies(a, tmp_path):
    moved(a, tmp_path / "c")
    one = mm.export_ledger(tmp_path / "1.tar", ledger=a.folder, sign=False)
    again = mm.export_ledger(tmp_path / "2.tar", ledger=a.folder, sign=False)
    there = mm.export_ledger(tmp_path / "3.tar", ledger=tmp_path / "c", sign=False)
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes() == (tmp_path / "3.tar").read_bytes()
    assert one.digest == again.digest == there.digest
    signed = [mm.export_ledger(tmp_path / f"{n}.tar", ledger=a.folder) for n in (4, 5)]
    assert (tmp_path / "4.tar").read_bytes() == (tmp_path / "5.tar").read_bytes()
    assert {each.digest for each in signed} == {one.digest}, "who signs is not what is signed"


def test_neither_key_nor_work_nor_index_leaves_the_house(a, tmp_path):
    a.work(digest.of_json("plan")).finish(0, a.objects.put_table([rows(9)], rows(9).schema))
    Key.local(a.keys)
    secret = (a.keys / "ed25519.pem").read_bytes().splitlines()[1]
    mm.export_ledger(tmp_path / "a.tar", ledger=a.folder)
    data = (tmp_path / "a.tar").read_bytes()
    assert secret not in data
    loose = next(iter(set(a.objects) - {name for entry in a for name in entry.mentions}))
    assert loose[9:].encode() not in data


def test_the_same_archive_twice_is_nothing_new_and_enters_nothing(a, b, tmp_path):
    first = moved(a, b.folder)
    assert first.how == "as a guest"
    entries, objects = list(b), list(b.objects)
    again = moved(a, b.folder)
    assert (again.how, list(b), list(b.objects)) == ("nothing new", entries, objects)
    assert moved(a, a.folder).how == "nothing new"
    assert "Nothing new" in again.words


def test_a_guest_keeps_its_chain_and_so_does_the_host(a, b):
    theirs, mine = list(a), list(b)
    found = moved(a, b.folder)
    assert list(b)[:-1] == mine
    assert [entry.digest for entry in b.whole()] == [entry.digest for entry in [*mine, *theirs, list(b)[-1]]]
    assert list(b)[-1].act == "import"
    assert list(b)[-1].subject == found.digest
    assert {entry.chain for entry in b.whole()} == {None, theirs[0].digest}
    assert mm.verify(b.folder).ok
    assert verify(b).entries == len(mine) + len(theirs) + 1


def test_datasets_of_a_guest_are_counted_after_those_that_were_here(a, b):
    own = open_dataset(b, "wine@1").entry
    found = moved(a, b.folder)
    assert found.datasets == ("wine@2", "wine@3", "beer@1")
    assert open_dataset(b, "wine@1").entry == own
    assert open_dataset(b, "wine@2").entry == open_dataset(a, "wine@1").entry
    assert pa.concat_tables(open_dataset(b, "beer").shards("rows"))["x"].equals(rows(2)["x"])
    assert [each.status for each in mm.versions(b.folder)] == ["passed"] * 4
    with pytest.raises(UnknownName):
        open_dataset(b, "99")


def test_the_tag_of_a_guest_never_moves_ones_own(a, b):
    own = open_dataset(b, "wine@gold").entry
    found = moved(a, b.folder)
    assert open_dataset(b, "wine@gold").entry == own
    assert "calls wine@2 wine@gold, which stands for wine@1 here" in found.notes[0]
    mm.tag("beer", "new", ledger=a.folder)
    moved(a, b.folder)
    assert open_dataset(b, "beer@new").entry == open_dataset(a, "beer").entry
    mm.tag("beer", "new", ledger=b.folder, remove=True)
    mm.tag("wine@2", "other", ledger=a.folder)
    moved(a, b.folder)
    with pytest.raises(UnknownName):
        open_dataset(b, "beer@new")


def test_lineage_runs_across_from_what_was_made_here_to_what_came_in(a, b):
    moved(a, b.folder)
    source = open_dataset(a, "beer").entry
    made = published(b, "ale", 20, made_from=source.subject)
    acts = [(entry.act, entry.chain is None) for entry in lineage(b, made.subject)]
    assert acts == [("plan", False), ("dataset", False), ("decision", False),
                    ("plan", True), ("dataset", True), ("decision", True)]  # fmt: skip
    assert any("of guest" in line for line in mm.draw(lineage(b, made.subject)).lines())


def test_the_lineage_of_a_release_tells_the_chains_of_guests_apart(a, b):
    moved(a, b.folder)
    made = published(b, "ale", 20, made_from=open_dataset(a, "beer").entry.subject)
    papers = evidence.lineage(lineage(b, made.subject))
    numbers = [entry["number"] for entry in papers["entries"]]
    assert len(set(numbers)) < len(numbers), "numbers of two chains should meet here"
    assert list(consistency._lineage(papers)) == []
    papers["entries"][-1]["subject"] = made.digest
    assert "does not bear its own digest" in next(consistency._lineage(papers))


def test_a_guest_that_has_grown_brings_only_what_is_new(a, b):
    moved(a, b.folder)
    later = published(a, "wine", 7)
    found = moved(a, b.folder)
    assert found.how == "as a guest"
    assert open_dataset(b, "wine").entry == later
    assert [each.reference for each in mm.versions(b.folder, "wine")] == ["wine@1", "wine@2", "wine@3", "wine@4"]
    assert len({entry.digest for entry in b.whole()}) == len(b.whole())
    assert mm.verify(b.folder).ok


def test_a_ledger_that_was_copied_and_went_its_own_way_comes_home(a, tmp_path):
    moved(a, tmp_path / "copy")
    copy = Ledger.open(tmp_path / "copy")
    there, here = published(copy, "there", 30), published(a, "here", 31)
    found = moved(copy, a.folder)
    assert found.how == "as a guest"
    assert {each.name for each in mm.versions(a.folder)} == {"wine", "beer", "here", "there"}
    assert [each.reference for each in mm.versions(a.folder, "wine")] == ["wine@1", "wine@2"]
    assert open_dataset(a, "there").entry == there
    assert open_dataset(a, "here").entry == here


def test_guests_of_guests_come_along(a, b, tmp_path):
    moved(a, b.folder)
    c = Ledger.open(tmp_path / "c")
    published(c, "mead", 40)
    found = moved(b, c.folder)
    assert {each.name for each in mm.versions(c.folder)} == {"mead", "wine", "beer"}
    assert found.entries == len(b.whole())
    assert mm.verify(c.folder).ok
    assert moved(a, c.folder).how == "nothing new"
    moved(b, tmp_path / "d")
    assert [e.digest for e in Ledger.open(tmp_path / "d").whole()] == [e.digest for e in b.whole()]


def test_one_dataset_takes_what_it_stands_on_and_of_the_rest_the_outline(a, tmp_path):
    path = tmp_path / "one.tar"
    made = mm.export_ledger(path, "wine@1", ledger=a.folder)
    assert (made.datasets, made.entries) == (("wine@1",), 4)
    assert b"learnt by wine 0" in path.read_bytes()
    assert b"learnt by beer 2" not in path.read_bytes()
    c = Ledger.open(tmp_path / "c")
    assert mm.import_ledger(path, ledger=c.folder).how == "as a guest"
    assert [each.reference for each in mm.versions(c.folder)] == ["wine@1"]
    assert open_dataset(c, "wine@gold").entry == open_dataset(a, "wine@1").entry
    assert mm.verify(c.folder).ok
    assert mm.verify("wine", ledger=c.folder).ok
    assert mm.import_ledger(path, ledger=c.folder).how == "nothing new"
    moved(a, c.folder)
    assert [each.reference for each in mm.versions(c.folder)] == ["wine@1", "wine@2", "beer@1"]
    assert moved(c, tmp_path / "d").how == "restored"


def test_a_dataset_that_stands_on_a_guest_s_takes_both_chains(a, b, tmp_path):
    moved(a, b.folder)
    made = published(b, "ale", 20, made_from=open_dataset(a, "beer").entry.subject)
    found = moved(b, tmp_path / "c", "ale")
    c = Ledger.open(tmp_path / "c")
    assert set(found.datasets) == {"ale@1", "beer@1"}
    assert [e.digest for e in lineage(c, made.subject)] == [e.digest for e in lineage(b, made.subject)]
    assert mm.verify(c.folder).ok


def test_what_was_collected_is_known_to_be_so_elsewhere(a, tmp_path):
    mm.gc(a.folder, keep_last=1, keep_tagged=False, grace_days=0)
    moved(a, tmp_path / "c")
    assert mm.versions(tmp_path / "c", "wine@1")[0].collected
    assert mm.verify(tmp_path / "c").ok
    moved(a, tmp_path / "d", "wine@1")
    assert mm.versions(tmp_path / "d", "wine@1")[0].collected
    assert mm.verify(tmp_path / "d").ok


def test_no_guest_can_make_ones_own_rows_superfluous(a, tmp_path):
    """A copy collects what the original still holds, and comes home: the original's sweep takes none of it."""
    moved(a, tmp_path / "copy")
    mm.gc(tmp_path / "copy", keep_last=0, keep_tagged=False, grace_days=0)
    assert moved(Ledger.open(tmp_path / "copy"), a.folder).how == "as a guest"
    assert [each.collected for each in mm.versions(a.folder)] == [None, None, None]
    mm.gc(a.folder, grace_days=0)
    for name in ("wine@1", "wine@2", "beer"):
        assert mm.verify(name, ledger=a.folder).ok


def test_a_sweep_keeps_what_a_guest_s_entries_need(a, b):
    moved(a, b.folder)
    assert mm.gc(b.folder, grace_days=0).objects == ()
    assert mm.gc(b.folder, grace_days=0, keep_last=1, keep_tagged=False).versions == ("wine@1", "wine@2")
    assert mm.verify(b.folder).ok
    assert mm.verify("wine@3", ledger=b.folder).ok


def test_an_archive_mends_what_was_damaged(a, tmp_path):
    mm.export_ledger(tmp_path / "a.tar", ledger=a.folder)
    broken, lost = list(a.objects)[:2]
    a.objects.path(broken).write_bytes(b"damaged")
    a.objects.path(lost).unlink()
    assert not mm.verify(a.folder).ok
    assert mm.import_ledger(tmp_path / "a.tar", ledger=a.folder).how == "nothing new"
    assert mm.verify(a.folder).ok


def test_rows_of_a_guest_are_recognised_when_they_come_back(a, b):
    moved(a, b.folder)
    assert recognise(rows(2), b, rng=Seed(0).rng()).name == "beer"


def test_what_others_say_of_the_same_rows_is_not_taken_for_ones_own(a, b):
    """Both made the same rows; only the guest judged them."""
    table = rows(2)
    data = mm.Dataset.of(table)
    ref = b.objects.put_table([table], table.schema)
    body = {**dict.fromkeys(MAKING), "steps": {}, "depth": 1}
    publish_dataset(b, name="mine", schema=data.schema, shards={data.name: [ref]}, body=body)
    moved(a, b.folder)
    assert mm.versions(b.folder, "mine")[0].status == "not judged"
    assert mm.versions(b.folder, "beer")[0].status == "passed"


def test_a_damaged_ledger_is_not_packed(a, tmp_path):
    path = a.objects.path(next(iter(a.objects)))
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(LedgerError, match="altered"):
        mm.export_ledger(tmp_path / "a.tar", ledger=a.folder)
    assert not (tmp_path / "a.tar").exists()
    assert list(tmp_path.glob(".*")) == []


def test_what_is_there_is_not_replaced_and_what_is_empty_not_packed(a, tmp_path):
    (tmp_path / "a.tar").write_text("precious")
    with pytest.raises(InputError, match="something lies here already"):
        mm.export_ledger(tmp_path / "a.tar", ledger=a.folder)
    assert (tmp_path / "a.tar").read_text() == "precious"
    with pytest.raises(UnknownName, match="beer"):
        mm.export_ledger(tmp_path / "b.tar", "bear", ledger=a.folder)
    Ledger.open(tmp_path / "empty")
    with pytest.raises(LedgerError, match="nothing in this ledger"):
        mm.export_ledger(tmp_path / "b.tar", ledger=tmp_path / "empty")
    with pytest.raises(LedgerError, match="no ledger here"):
        mm.export_ledger(tmp_path / "b.tar", ledger=tmp_path / "nowhere")


@pytest.mark.parametrize("when", [0, 1, 3, 6, 12, 25])
def test_a_full_disk_leaves_nothing_to_be_seen_and_the_same_import_goes_on(a, b, tmp_path, monkeypatch, when):
    """The disk fills up after so many files."""
    mm.export_ledger(tmp_path / "a.tar", ledger=a.folder)
    for to in (b.folder, tmp_path / "new"):
        before = list(Ledger.open(to).whole())
        left = iter(range(when))
        real = os.fsync

        def fsync(handle, left=left, real=real):
            if next(left, None) is None:
                raise OSError(28, "No space left on device")
            real(handle)

        with monkeypatch.context() as patch:
            patch.setattr("mintmark.disk.os.fsync", fsync)
            with pytest.raises(StorageError, match="No space left"):
                mm.import_ledger(tmp_path / "a.tar", ledger=to)
        assert Ledger.open(to).whole() == before
        assert mm.verify(to).ok
        mm.import_ledger(tmp_path / "a.tar", ledger=to)
        assert mm.verify(to).ok
        assert len(mm.versions(to)) == 3 + len([entry for entry in before if entry.act == "dataset"])
