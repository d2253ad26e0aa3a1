"""What a sweep may take: never what a policy, a run or the grace keeps, and what it took is known for ever."""

import os
import time
from datetime import timedelta

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark import digest, disk
from mintmark.errors import InputError, LedgerError, StorageError
from mintmark.ledger.audit import verify
from mintmark.ledger.gc import gc
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.ledger.retention import Policy
from mintmark.ledger.sketch import recognise, sketch
from mintmark.ledger.versions import MAKING, open_dataset, publish_dataset
from mintmark.ledger.work import going_on
from mintmark.seeds import Seed

DAY = 24 * 3600
NO_GRACE = timedelta(0)


def rows(seed):
    return pa.table({"x": Seed(seed).rng().normal(size=80)})


def published(ledger, name, seed, *, days_old=0.0):
    """A version whose entry and files are that old."""
    table = rows(seed)
    data = mm.Dataset.of(table)
    ref = ledger.objects.put_table([table], table.schema)
    sampler = ledger.objects.put_file(f"learnt by {name} {seed}".encode())
    kept = ledger.objects.put_json(sketch(table))
    at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() - days_old * DAY))
    steps = {"rows": {"generator": "tabular.trees", "sampler": {"a": {"object": sampler}}}}
    body = {**dict.fromkeys(MAKING), "steps": steps, "depth": 1, "at": at, "sketch": {"object": kept}}
    entry = publish_dataset(ledger, name=name, schema=data.schema, shards={data.name: [ref]}, body=body)
    aged(ledger, days_old)
    return entry


def aged(ledger, days):
    """Everything that is younger than that becomes that old."""
    old = time.time() - days * DAY
    for path in [*ledger.manifests.folder.iterdir(), *map(ledger.objects.path, ledger.objects)]:
        if path.stat().st_mtime > old:
            os.utime(path, (old, old))


@pytest.fixture
def ledger(tmp_path):
    return Ledger.open(tmp_path / ".mintmark")


@pytest.fixture
def wines(ledger):
    """wine@1 … wine@5, 50, 40, 30, 20 and 10 days old; the second is tagged, the third released."""
    entries = [published(ledger, "wine", seed, days_old=50 - 10 * seed) for seed in range(5)]
    mm.tag("wine@2", "gold", ledger=ledger.folder)
    ledger.append("release", entries[2].subject, body={"folder": "wine"})
    return entries


def going(ledger, **policy):
    return [str(each) for each in Policy(**policy).going(ledger)]


def test_a_version_stays_if_any_clause_keeps_it(ledger, wines):
    assert going(ledger) == []
    assert going(ledger, last=2) == ["wine@1"]
    assert going(ledger, last=0) == ["wine@1", "wine@4", "wine@5"]
    assert going(ledger, days=25) == ["wine@1"]
    assert going(ledger, days=15) == ["wine@1", "wine@4"]
    assert going(ledger, last=1, days=15, tagged=False) == ["wine@1", "wine@2", "wine@4"]
    assert going(ledger, last=1, tagged=False, released=False) == ["wine@1", "wine@2", "wine@3", "wine@4"]


def test_each_name_is_counted_by_itself(ledger, wines):
    published(ledger, "beer", 9, days_old=60)
    assert going(ledger, last=1) == ["wine@1", "wine@4"]


@pytest.mark.parametrize("wrong", [{"last": -1}, {"days": -0.5}, {"days": float("nan")}])
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(InputError):
        Policy(**wrong)


def test_a_dry_run_says_what_would_go_and_takes_nothing(ledger, wines):
    before, entries = list(ledger.objects), list(ledger)
    would = mm.gc(ledger.folder, keep_last=2, dry_run=True)
    assert would.versions == ("wine@1",)
    assert would.size == sum(ledger.objects.path(name).stat().st_size for name in would.objects)
    assert (list(ledger.objects), list(ledger)) == (before, entries)
    did = mm.gc(ledger.folder, keep_last=2)
    assert did == would
    assert set(before) - set(ledger.objects) == set(did.objects)


def test_the_rows_and_what_was_learnt_go_and_the_entry_and_the_sketch_stay(ledger, wines):
    swept = mm.gc(ledger.folder, keep_last=2)
    first = wines[0].body
    shard, learnt = first["shards"]["rows"][0]["object"], first["steps"]["rows"]["sampler"]["a"]["object"]
    assert set(swept.objects) == {shard, learnt}
    assert ledger.objects.holds(first["sketch"]["object"])
    assert next(iter(ledger)) == wines[0]


def test_what_was_collected_is_said_with_date_and_policy_and_is_no_damage(ledger, wines):
    mm.gc(ledger.folder, keep_last=2, keep_days=25)
    today, policy = time.strftime("%Y-%m-%d", time.gmtime()), "keep the last 2 of a name, what is younger than 25 days"
    told = f"collected on {today} under the policy: {policy}, tagged, released"
    assert any(told in note for note in verify(ledger).notes)
    assert mm.verify(ledger.folder).ok
    assert told in mm.verify("wine@1", ledger=ledger.folder).words
    with pytest.raises(LedgerError, match="the rows of this dataset are gone") as error:
        list(open_dataset(ledger, "wine@1").shards("rows"))
    assert told in error.value.found
    assert told in mm.versions(ledger.folder, "wine@1")[0].collected
    entries = lineage(ledger, wines[0].subject)
    assert [entry.act for entry in entries] == ["dataset", "collect"]
    assert any(told in line for line in mm.draw(entries).lines())
    assert mm.verify("wine@2", ledger=ledger.folder).ok


def test_a_missing_object_that_nobody_collected_is_damage_still(ledger, wines):
    mm.gc(ledger.folder, keep_last=2)
    ledger.objects.path(wines[1].body["shards"]["rows"][0]["object"]).unlink()
    assert "refers to an object that is missing" in mm.verify(ledger.folder).problems[0]
    assert "missing" in mm.verify("wine@2", ledger=ledger.folder).problems[0]


def test_rows_that_another_version_holds_too_stay(ledger):
    first = published(ledger, "wine", 1, days_old=50)
    published(ledger, "copy", 1, days_old=40)
    mm.tag("copy", "gold", ledger=ledger.folder)
    assert mm.gc(ledger.folder, keep_last=0).versions == ("wine@1",)
    assert ledger.objects.holds(first.body["shards"]["rows"][0]["object"])
    assert mm.verify("copy", ledger=ledger.folder).ok


def test_rows_that_were_collected_can_be_published_again(ledger, wines):
    mm.gc(ledger.folder, keep_last=2)
    published(ledger, "wine", 0)
    assert mm.verify("wine@6", ledger=ledger.folder).ok
    assert mm.versions(ledger.folder, "wine@1")[0].collected
    assert mm.versions(ledger.folder, "wine@6")[0].collected is None


def test_what_is_collected_once_is_not_collected_again(ledger, wines):
    mm.gc(ledger.folder, keep_last=2)
    entries = len(ledger)
    assert mm.gc(ledger.folder, keep_last=2).versions == ()
    assert len(ledger) == entries


def test_the_grace_holds_for_versions_too(ledger, wines):
    assert mm.gc(ledger.folder, keep_last=0, grace_days=15, dry_run=True).versions == ("wine@1", "wine@4")
    assert mm.gc(ledger.folder, keep_last=0, grace_days=60, dry_run=True).versions == ()
    with pytest.raises(InputError, match="grace"):
        mm.gc(ledger.folder, grace_days=-1)


def test_an_entry_that_does_not_say_when_it_was_made_counts_as_young(ledger):
    entry = published(ledger, "wine", 1, days_old=50)
    assert [each.entry for each in Policy(days=10).going(ledger)] == [entry]
    table = rows(2)
    data = mm.Dataset.of(table)
    ref = ledger.objects.put_table([table], table.schema)
    body = {**dict.fromkeys(MAKING), "steps": {}, "at": "yesterday"}
    publish_dataset(ledger, name="wine", schema=data.schema, shards={data.name: [ref]}, body=body)
    assert going(ledger, days=10) == ["wine@1"]


def test_while_a_run_goes_on_nothing_goes_that_it_may_need(ledger):
    """Its work, the objects that it has kept, and the version that it has entered: whatever the grace."""
    loose = ledger.objects.put_file(b"of an old run")
    aged(ledger, 1)
    work = ledger.work(digest.of_json("plan"))
    work.folder.mkdir(parents=True)
    (work.folder / "shard-00000.json").write_text("{}")
    lock = work.folder.with_suffix(".lock")
    with disk.locked(lock):
        lock.touch()
        entry = published(ledger, "wine", 1)
        learnt = ledger.objects.put_file(b"kept, and not entered yet")
        swept = gc(ledger, grace=NO_GRACE, policy=Policy(last=0))
        assert (swept.objects, swept.versions, swept.leftovers) == ((loose,), (), ())
        assert ledger.objects.holds(learnt)
    time.sleep(0.01)
    swept = gc(ledger, grace=NO_GRACE, policy=Policy(last=0))
    assert swept.versions == ("wine@1",)
    assert {learnt, entry.body["shards"]["rows"][0]["object"]} <= set(swept.objects)
    assert f"work/{work.folder.name}" in swept.leftovers
    assert not work.folder.exists()


def test_comparisons_and_imports_are_waited_out_likewise(ledger):
    with going_on(ledger.folder, "comparing"), going_on(ledger.folder, "comparing"):
        kept = ledger.objects.put_file(b"not entered yet")
        assert gc(ledger, grace=NO_GRACE).objects == ()
    time.sleep(0.01)
    assert gc(ledger, grace=NO_GRACE).objects == (kept,)


def test_a_lock_that_was_swept_holds_nobody_twice(tmp_path):
    """Whoever waited on a lock's file that is removed meanwhile takes the new one, as all later ones do."""
    path = tmp_path / "x.lock"
    with disk.tried(path) as mine:
        assert mine
        path.unlink()
        with disk.tried(path) as other:
            assert other, "the new file is free"
            with disk.tried(path) as third:
                assert not third


def test_what_was_collected_cannot_be_compared_with_and_stops_no_run(ledger, wines):
    mm.gc(ledger.folder, keep_last=2)
    assert recognise(rows(0), ledger, rng=Seed(0).rng()) is None
    assert recognise(rows(4), ledger, rng=Seed(0).rng()) is not None


def test_a_full_disk_collects_nothing(ledger, wines, monkeypatch):
    before = list(ledger.objects)

    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "fsync", full)
        with pytest.raises(StorageError):
            mm.gc(ledger.folder, keep_last=2)
    assert list(ledger.objects) == before
    assert verify(ledger).notes == ()
