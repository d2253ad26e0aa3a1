"""A run that is killed or stopped loses nothing, and two runs may share a ledger."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RECIPE = """\
name: {name}
seed: 5
real: {{from: a.csv, holdout: 0.3}}
steps:
  rows: {{make: tabular.trees, count: 600000}}
assay: [validity.schema]
gate: ["validity.schema >= 0.5"]
release: {{formats: [parquet]}}
"""
# Whoever runs the tests in the background may have them ignore the interrupt, and children would too.
CODE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from mintmark.cli import main; main()"
COMMAND = [sys.executable, "-c", CODE]


def prepare(folder: Path, *names: str) -> None:
    lines = (f"{i % 17},{'xyz'[i * i % 3]},{i * 31 % 997 / 4}" for i in range(3000))
    (folder / "a.csv").write_text("n,c,x\n" + "\n".join(lines) + "\n")
    for name in names:
        (folder / f"{name}.yaml").write_text(RECIPE.format(name=name))


def start(folder: Path, name: str) -> "subprocess.Popen[str]":
    command = [*COMMAND, "run", f"{name}.yaml", "--json"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def shards(folder: Path) -> list[Path]:
    return sorted((folder / ".mintmark" / "work").glob("*/shard-*.json"))


def wait_for_shards(folder: Path, count: int, process: "subprocess.Popen[str]") -> None:
    while len(shards(folder)) < count and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_goes_on_from_its_finished_shards_to_the_same_rows(tmp_path, how):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
        prepare(folder, "t")
    expected = json.loads(start(whole, "t").communicate()[0])
    first = start(cut, "t")
    wait_for_shards(cut, 2, first)
    first.send_signal(how)
    _, said = first.communicate()
    if how == signal.SIGINT:
        assert first.returncode == 130
        assert "Traceback" not in said
    kept = {path.name: path.stat().st_mtime_ns for path in shards(cut)}
    assert len(kept) >= 2
    assert not (cut / "released").exists()
    second = start(cut, "t")
    out, said = second.communicate()
    assert second.returncode == 0, said
    assert json.loads(out)["digest"] == expected["digest"]
    assert f"sampling rows: tabular.trees {len(kept)}/6" in said
    assert not (cut / ".mintmark" / "work").exists() or shards(cut) == []


@pytest.mark.slow
def test_two_runs_at_once_on_one_ledger_both_succeed(tmp_path):
    prepare(tmp_path, "one", "two")
    running = [start(tmp_path, name) for name in ("one", "two")]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said
    listed = subprocess.run([*COMMAND, "show", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert {one["name"] for one in json.loads(listed.stdout)} == {"one", "two"}
    checked = subprocess.run(
        [*COMMAND, "verify", ".mintmark"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.slow
def test_the_workers_of_a_killed_run_end_with_it(tmp_path):
    prepare(tmp_path, "t")
    command = [*COMMAND, "run", "t.yaml", "--workers", "2"]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    wait_for_shards(tmp_path, 1, first)
    first.kill()
    first.communicate(timeout=30)  # the pipe is at its end when all who hold it have gone
    assert first.returncode == -signal.SIGKILL
    assert not (tmp_path / "released").exists()
