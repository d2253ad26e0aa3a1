"""Programs that would do harm. Each is contained: it ends in time, and nothing of it is left outside."""

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mintmark.sandbox.program import Limits, Program
from mintmark.sandbox.run import run

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

NAME = "import ctypes\nctypes.CDLL(None).prctl(15, b'mm-hostile', 0, 0, 0)\n"
"""Gives the process, and all that it forks, a name by which survivors are found."""

PROGRAMS = Path(__file__).parents[1] / "programs"
HOSTILE = {path.stem: path.read_text() for path in (PROGRAMS / "hostile").glob("*.txt")}
"""The first line says how each may end."""
ESCAPES = {path.stem: path.read_text() for path in (PROGRAMS / "escapes").glob("*.txt")}
"""Each prints nothing where it is held; what it prints is what it could do."""

LIMITS = Limits(seconds=10, memory_mb=192, disk_mb=4)
SHORT = replace(LIMITS, seconds=0.7)
"""For what will run until it is stopped."""


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_harm_is_contained(name):
    source = HOSTILE[name]
    reasons = source.splitlines()[0].removeprefix("# Ends by: ").split(", ")
    limits = SHORT if "time limit" in reasons else LIMITS
    start = time.monotonic()
    [found] = run([Program(NAME + source, expected="done", limits=limits)], workers=1)
    assert time.monotonic() - start < 30
    assert found.reason in reasons, found
    assert len(found.stdout) <= 2000
    assert len(found.stderr) <= 2000
    wait_for_none_left()


def wait_for_none_left():
    until = time.monotonic() + 5
    while survivors := [p for p in Path("/proc").iterdir() if p.name.isdigit() and comm(p) == "mm-hostile"]:
        assert time.monotonic() < until, survivors
        time.sleep(0.05)


def comm(folder):
    try:
        return (folder / "comm").read_text().strip()
    except OSError:
        return ""


@pytest.mark.parametrize("name", sorted(ESCAPES))
def test_there_is_no_way_out(name, tmp_path):
    file = tmp_path / "secret"
    file.write_text("secret")
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(0o777 if folder == tmp_path else 0o755)
    abstract = f"\0mintmark-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as ear, socket.socket(socket.AF_UNIX) as other:
        other.bind(abstract)
        other.listen()
        told = {"HOME": str(Path.home()), "SECRET": str(file), "PORT": ear.getsockname()[1], "ABSTRACT": abstract}
        source = "".join(f"{key} = {value!r}\n" for key, value in {**told, "PID": os.getpid()}.items())
        [found] = run([Program(source + ESCAPES[name], expected="", limits=LIMITS)], workers=1)
    assert found.passed, found
    assert file.read_text() == "secret"
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_many_hostile_programs_at_once_do_not_harm_a_good_one():
    bomb = HOSTILE["fork_bomb"]
    programs = [Program(bomb, expected="", limits=SHORT), Program("print(1)", expected="1")] * 3
    found = [one.reason for one in run(programs, workers=2)]
    assert found == ["time limit", "passed"] * 3


def test_nothing_outlives_the_process_that_runs_it():
    source = NAME + HOSTILE["endless_loop"]
    code = (
        "from mintmark.sandbox.run import run\nfrom mintmark.sandbox.program import Program\n"
        f"print(list(run([Program({source!r}, expected='')], workers=1)))"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=env) as process:
        until = time.monotonic() + 30
        while not any(comm(path) == "mm-hostile" for path in Path("/proc").iterdir() if path.name.isdigit()):
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    wait_for_none_left()
