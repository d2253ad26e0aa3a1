"""Versions are counted, tags stand until they are moved by name, and every way to name a version means the same one."""

import subprocess
import sys

import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import MAKING, open_dataset, publish_dataset
from mintmark.seeds import Seed


def table(seed):
    return pa.table({"x": Seed(seed).rng().normal(size=50)})


def published(ledger, name, seed):
    data = mm.Dataset.of(table(seed))
    ref = ledger.objects.put_table([data.table], data.table.schema)
    steps = {"rows": {"generator": "tabular.trees", "sampler": {}}}
    body = {**dict.fromkeys(MAKING), "steps": steps, "depth": 1}
    return publish_dataset(ledger, name=name, schema=data.schema, shards={data.name: [ref]}, body=body)


@pytest.fixture
def ledger(tmp_path):
    return Ledger.open(tmp_path / ".mintmark")


@pytest.fixture
def three(ledger):
    """wine@1, beer@1, wine@2."""
    return [published(ledger, name, seed) for seed, name in enumerate(("wine", "beer", "wine"))]


def test_a_name_means_the_newest_and_a_number_the_one_of_that_place(ledger, three):
    first, beer, second = three
    meant = {ref: open_dataset(ledger, ref).entry for ref in ("wine", "wine@1", "wine@2", "beer", "beer@1")}
    assert meant == {"wine": second, "wine@1": first, "wine@2": second, "beer": beer, "beer@1": beer}
    assert open_dataset(ledger, f"wine@{first.digest[7:15]}").entry == first
    assert open_dataset(ledger, "ledger:wine@1").entry == first
    third = published(ledger, "wine", 7)
    assert open_dataset(ledger, "wine@2").entry == second, "a number must never come to mean another version"
    assert open_dataset(ledger, "wine").entry == third


def test_what_is_not_there_is_said_with_all_that_is(ledger, three):
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    with pytest.raises(UnknownName) as error:
        open_dataset(ledger, "wine@3")
    assert {"wine@1", "wine@2", "wine@gold"} <= set(error.value.fix.replace("?", "").replace(",", "").split())
    with pytest.raises(UnknownName, match=r"choose from: beer, wine, wine@1, wine@2, wine@gold"):
        open_dataset(ledger, "q")
    with pytest.raises(UnknownName):
        open_dataset(ledger, f"beer@{three[0].digest[7:15]}")


def test_a_tag_stands_for_a_version_however_many_come_after(ledger, three):
    assert mm.tag("wine", "gold", ledger=ledger.folder) == "wine@2"
    published(ledger, "wine", 7)
    assert open_dataset(ledger, "wine@gold").entry == three[2]


def test_a_tag_is_not_moved_by_mistake_and_its_moves_are_remembered(ledger, three):
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    entries = len(ledger)
    with pytest.raises(InputError, match=r"stands for another version\n.*wine@1\n.*--move"):
        mm.tag("wine@2", "gold", ledger=ledger.folder)
    assert mm.tag("wine@1", "gold", ledger=ledger.folder) == "wine@1"
    assert len(ledger) == entries, "what stands already is not entered again"
    assert mm.tag("wine@2", "gold", ledger=ledger.folder, move=True) == "wine@2"
    [standing] = mm.tags("wine", ledger=ledger.folder)
    assert (str(standing), standing.version) == ("wine@gold", "wine@2")
    assert [each.version for each in mm.tags(ledger=ledger.folder, history=True)] == ["wine@1", "wine@2"]
    assert list(ledger)[-1].body["before"] == three[0].digest


def test_a_tag_that_is_taken_away_is_free_again(ledger, three):
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    assert mm.tag("wine", "gold", ledger=ledger.folder, remove=True) == "wine@1"
    assert mm.tags(ledger=ledger.folder) == []
    with pytest.raises(UnknownName):
        open_dataset(ledger, "wine@gold")
    with pytest.raises(UnknownName, match="tag in this ledger"):
        mm.tag("wine", "gold", ledger=ledger.folder, remove=True)
    assert mm.tag("wine@2", "gold", ledger=ledger.folder) == "wine@2"
    assert [each.removed for each in mm.tags("wine", ledger=ledger.folder, history=True)] == [False, True, False]


def test_the_same_tag_of_two_names_is_two_tags(ledger, three):
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    mm.tag("beer", "gold", ledger=ledger.folder)
    assert open_dataset(ledger, "wine@gold").entry == three[0]
    assert open_dataset(ledger, "beer@gold").entry == three[1]


@pytest.mark.parametrize("tag", ["", "2", "2nd", "Gold", "a@b", "../a", "a b", "-x", "x" * 65, "gold\n", "é"])
def test_what_could_be_taken_for_something_else_is_no_tag(ledger, three, tag):
    with pytest.raises(InputError, match="cannot be a tag"):
        mm.tag("wine", tag, ledger=ledger.folder)
    assert len(ledger) == 3


def test_versions_list_those_of_a_name_or_one_alone(ledger, three):
    mm.tag("wine@1", "gold", ledger=ledger.folder)
    listed = mm.versions(ledger.folder)
    assert [each.reference for each in listed] == ["wine@1", "beer@1", "wine@2"]
    assert listed[0].to_json()["tags"] == ["gold"]
    assert [each.reference for each in mm.versions(ledger.folder, "wine")] == ["wine@1", "wine@2"]
    for one in ("wine@1", "wine@gold", three[0].subject, three[0].digest[:20]):
        assert [each.reference for each in mm.versions(ledger.folder, one)] == ["wine@1"], one
    assert mm.references(ledger.folder) == ["wine", "beer", "wine@1", "wine@2", "wine@gold"]
    assert mm.references(ledger.folder / "nowhere") == []


def test_a_digest_that_could_mean_several_is_refused(ledger):
    starts = {}
    for seed in range(1000):  # some two of them begin with the same four digits
        start = mm.Dataset.of(table(seed)).digest[7:11]
        if start in starts:
            break
        starts[start] = seed
    first, second = (published(ledger, "x", each) for each in (starts[start], seed))
    with pytest.raises(LedgerError, match="several datasets"):
        open_dataset(ledger, start)
    with pytest.raises(LedgerError, match="several datasets"):
        open_dataset(ledger, f"x@{start}")
    assert first.subject[:11] == second.subject[:11]
    assert open_dataset(ledger, first.subject[7:20]).entry == first


TAGGER = """
import sys, mintmark as mm
try:
    mm.tag(sys.argv[2], "gold", ledger=sys.argv[1])
    print("tagged")
except mm.MintmarkError:
    print("refused")
"""


def test_of_two_who_tag_at_once_one_is_refused(ledger, three):
    both = [
        subprocess.Popen([sys.executable, "-c", TAGGER, str(ledger.folder), f"wine@{n}"], stdout=subprocess.PIPE)
        for n in (1, 2)
    ]
    assert sorted(each.communicate(timeout=60)[0] for each in both) == [b"refused\n", b"tagged\n"]
    assert len(mm.tags(ledger=ledger.folder, history=True)) == 1
