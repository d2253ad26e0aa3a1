"""A process is killed at random moments, again and again: the ledger always holds, and the work always goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from mintmark import digest
from mintmark.data.dataset import Dataset
from mintmark.ledger.audit import verify
from mintmark.ledger.gc import gc
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.living import collected
from mintmark.ledger.naming import named
from mintmark.ledger.retention import Policy
from mintmark.ledger.versions import MAKING, open_dataset, publish_dataset
from mintmark.pipeline.moving import export_ledger, import_ledger
from mintmark.pipeline.verify import verify as verify_release

PLAN = digest.of_json("plan")

SHARDS = 12

RUN = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa
from mintmark import digest
from mintmark.data.dataset import Dataset
from mintmark.gate import Gate
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.lineage import lineage
from mintmark.ledger.versions import open_dataset, publish_dataset
from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.pipeline.release import release
from mintmark.report.story import Provenance, Story
from mintmark.seeds import Seed

PLAN, SHARDS = sys.argv[2], int(sys.argv[3])
MAKING = dict(recipe=None, recipe_digest=PLAN, seed=7, steps={}, versions={}, depth=1, real_share=0.0)

def shard(index):
    return pa.table({"x": Seed(7).child("rows", index).rng().normal(size=4000)})

def run(to):
    ledger = Ledger.open(to / ".mintmark")
    work = ledger.work(PLAN)
    refs = []
    for index in range(SHARDS):
        ref = work.done(index)
        if ref is None:
            table = shard(index)
            ref = ledger.objects.put_table([table], table.schema)
            work.finish(index, ref)
            print("made", index, flush=True)
        refs.append(ref)
    schema = Dataset.of(shard(0)).schema
    entry = publish_dataset(ledger, name="x", schema=schema, shards={"rows": refs}, body=MAKING)
    print("recorded", flush=True)
    version = open_dataset(ledger, entry.number)
    whole = pa.concat_tables(version.shards("rows"))
    finding = Evidence("privacy.copies", Claim.PRIVACY, "lower", Reading(0.0, (0.0, 0.01), len(whole)))
    decision = Gate.of("privacy.copies <= 0.02").decide([finding], validated=True)
    data = Dataset(schema, {"rows": whole})
    story = Story("x", schema, version.rows(), entry.subject, (finding,), decision, Provenance(), data)
    release(story, lambda: version.shards("rows"), to / "x", page="", lineage=lineage(ledger, entry.subject),
            ledger=ledger, overwrite=True)
    print("released", flush=True)
    work.clear()

print("ready", flush=True)
sys.stdin.readline()
while True:
    run(Path(sys.argv[1]))
    print("done", flush=True)
"""


def test_kills_at_random_moments_leave_a_sound_ledger_and_lose_no_finished_shard(tmp_path: Path) -> None:
    folder = tmp_path / ".mintmark"
    moments = random.Random(20261121)
    shards: dict[str, str] = {}
    subjects: set[str] = set()
    entries = kills = 0
    coming = _start(tmp_path)
    while kills < 12:
        runner, coming = coming, _start(tmp_path)  # the next one warms up while this one is killed
        _until_ready(runner)
        _lines(runner, moments.randrange(2 * SHARDS))  # by its progress, for machines are slow and fast
        time.sleep(moments.uniform(0.0, 0.03))
        os.kill(runner.pid, signal.SIGKILL)
        runner.communicate()
        kills += 1
        if not (folder / "manifests").is_dir():
            continue
        ledger = Ledger.open(folder, create=False)
        assert verify(ledger).entries >= entries, "an entry was lost"
        entries = len(ledger)
        subjects |= {entry.subject for entry in ledger.find("dataset")}
        for path in (folder / "work").glob("*/shard-*.json"):
            ref = ledger.work(PLAN).done(int(path.stem[-5:]))
            assert ref is not None, "a shard that was finished is gone"
            assert shards.setdefault(path.stem, ref.content) == ref.content
        if (tmp_path / "x").exists():
            assert verify_release(tmp_path / "x").ok
    coming.kill()
    coming.communicate()
    assert entries >= 3, "the runs never got anywhere: the moments say nothing"
    assert len(subjects) == 1, "a resumed run made other rows"
    assert len(shards) >= 2, "nothing was ever left half done: the moments say nothing"
    assert open_dataset(Ledger.open(folder), "x").rows() == {"rows": SHARDS * 4000}


def test_a_run_that_was_killed_does_not_make_its_finished_shards_again(tmp_path: Path) -> None:
    first = _start(tmp_path)
    _until_ready(first)
    made = _lines(first, 4)
    os.kill(first.pid, signal.SIGKILL)
    rest, _ = first.communicate()
    made += [line for line in rest.splitlines(keepends=True) if line.startswith("made")]
    second = _start(tmp_path)
    _until_ready(second)
    assert second.stdout is not None
    again = []
    while (line := second.stdout.readline()) != "recorded\n":
        again.append(line)
    assert _lines(second, 1) == ["released\n"]
    second.kill()
    second.communicate()
    # Killed between a shard's note and its line, the first run has finished one more than it said.
    assert set(made).isdisjoint(again)
    assert len(made) + len(again) in (SHARDS - 1, SHARDS)
    assert verify_release(tmp_path / "x").ok


def test_what_kills_leave_behind_is_swept(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / ".mintmark")
    draft = ledger.folder / "drafts" / "of-a-killed-process"
    draft.write_bytes(b"half a shard")
    os.utime(draft, (0, 0))
    assert gc(ledger).leftovers == ("drafts/of-a-killed-process",)
    assert list((ledger.folder / "drafts").iterdir()) == []


# Time says little where machines are slow and fast: each dies by SIGKILL before its n-th change to the disk.
DYING = """
import os, pathlib, signal, sys
left = int(sys.argv[1])
def dying(act):
    def step(*given, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*given, **more)
    return step
def begin():
    for name in ("unlink", "replace", "rename", "rmdir", "mkdir", "write_bytes"):
        setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
    os.unlink, os.rmdir = dying(os.unlink), dying(os.rmdir)
"""
SWEEP = """
from datetime import timedelta
from mintmark.ledger.gc import gc
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.retention import Policy
begin()
gc(Ledger.open(pathlib.Path(sys.argv[2])), grace=timedelta(0), policy=Policy(last=1))
"""
IMPORT = """
from mintmark.pipeline.moving import import_ledger
begin()
import_ledger(sys.argv[3], ledger=sys.argv[2])
"""


def _published(ledger: Ledger, name: str, count: int) -> None:
    for seed in range(count):
        data = Dataset.of({name: [seed * 7.5, seed * 2.5]})
        ref = ledger.objects.put_table([data.table], data.table.schema)
        making = {**dict.fromkeys(MAKING), "steps": {}, "depth": 1}
        publish_dataset(ledger, name=name, schema=data.schema, shards={"rows": [ref]}, body=making)


def _killed(code: str, moment: int, *arguments: Path) -> bool:
    """Was it killed, and not through before?"""
    command = [sys.executable, "-c", DYING + code, str(moment), *map(str, arguments)]
    done = subprocess.run(command, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


@pytest.mark.slow
def test_a_sweep_that_is_killed_leaves_a_ledger_that_knows_what_it_may_miss(tmp_path: Path) -> None:
    """Of 20 versions 19 go. Whenever it is killed, what is missing was entered first, and the next sweep ends it."""
    ledger = Ledger.open(tmp_path / ".mintmark")
    _published(ledger, "x", 20)
    (ledger.folder / "work" / "old" / "sampler").mkdir(parents=True)
    moments = random.Random(20261125)
    states = set()
    for _ in range(6):
        assert _killed(SWEEP, moments.randrange(30), ledger.folder)
        gone, kept = collected(ledger), list(ledger.objects)
        assert verify(ledger).entries == 20 + len(gone)
        assert open_dataset(ledger, "x@20").sample(5, rng=np.random.default_rng(0)).table.num_rows == 2
        for each in named(ledger):
            assert each.entry.digest in gone or all(map(ledger.objects.holds, each.entry.objects))
        states.add((len(gone), len(kept)))
    assert any(0 < gone < 19 for gone, _ in states), "never killed while it entered"
    assert any(1 < kept < 20 for _, kept in states), "never killed while it removed"
    gc(ledger, grace=timedelta(0), policy=Policy(last=1))
    assert (len(collected(ledger)), len(list(ledger.objects))) == (19, 1)
    assert not (ledger.folder / "work" / "old").exists()


@pytest.mark.slow
def test_an_import_that_is_killed_shows_nothing_or_all(tmp_path: Path) -> None:
    source, host = Ledger.open(tmp_path / "from"), Ledger.open(tmp_path / "host")
    _published(source, "x", 8)
    _published(host, "y", 1)
    export_ledger(tmp_path / "x.tar", ledger=source.folder)
    moments = random.Random(20261125)
    for to, early, late in ((tmp_path / "new", 4, 30), (tmp_path / "new", 30, 58), (host.folder, 4, 20),
                            (host.folder, 20, 40)):  # fmt: skip
        killed = _killed(IMPORT, moments.randrange(early, late), to, tmp_path / "x.tar")
        names = [each.name for each in named(Ledger.open(to))]
        assert names.count("x") == (0 if killed else 8)
        verify(Ledger.open(to))
    for to, others in ((tmp_path / "new", 0), (host.folder, 1)):
        import_ledger(tmp_path / "x.tar", ledger=to)
        assert len(named(Ledger.open(to))) == 8 + others
        assert verify(Ledger.open(to)).entries == 8 + 2 * others


def _start(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RUN, str(folder), PLAN, str(SHARDS)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def _lines(runner: "subprocess.Popen[str]", count: int) -> list[str]:
    assert runner.stdout is not None
    return [runner.stdout.readline() for _ in range(count)]


def _until_ready(runner: "subprocess.Popen[str]") -> None:
    """Waits for the imports, which would else take most of the kills, and lets it go."""
    assert runner.stdout is not None
    assert runner.stdin is not None
    assert runner.stdout.readline() == "ready\n"
    runner.stdin.write("go\n")
    runner.stdin.flush()
