"""Programs behind walls: what passes, what does not and why; where bubblewrap is missing, these are skipped."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mintmark
from mintmark.errors import InputError, MintmarkError, Unconfined, UnknownName
from mintmark.sandbox import selftest
from mintmark.sandbox.languages import LANGUAGES
from mintmark.sandbox.program import Limits, Program
from mintmark.sandbox.run import run
from mintmark.sandbox.walls import walls

CROSSING = Path(__file__).parents[1] / "programs" / "crossing"
walled = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")


def outcome(source, *tests, **more):
    [found] = run([Program(source, tests, **more)], workers=1)
    return found


@walled
def test_the_walls_hold_here():
    assert selftest.failures(walls("bubblewrap")) == {}


@walled
def test_a_right_program_passes_and_a_wrong_one_says_which_test_failed():
    right, wrong = "def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"
    tests = ("assert add(1, 0) == 1", "def check(f):\n    assert f(1, 2) == 3\n", "check(add)")
    passed = outcome(right, *tests)
    assert (passed.passed, passed.reason, passed.failed, passed.level) == (True, "passed", (), "bubblewrap")
    assert 0 < passed.seconds < 10
    assert 1 < passed.memory_mb < 512
    failed = outcome(wrong, *tests)
    assert (failed.passed, failed.reason, failed.failed) == (False, "test failed", (2,))
    assert failed.detail == "assert f(1, 2) == 3 (AssertionError: )"


@walled
@pytest.mark.parametrize("name", sorted(path.stem for path in CROSSING.glob("*.txt")))
def test_what_tests_commonly_do_works_across_the_wall(name):
    source, tests = (CROSSING / f"{name}.txt").read_text().split("# tests\n")
    found = outcome(source, tests)
    assert found.passed, found
    assert not outcome(source, f"{tests}\nassert False").passed


@walled
def test_a_test_sees_globals_as_they_stand_and_may_bind_names_anew():
    source = "count = 0\nname = 'program'\ndef add():\n    global count\n    count += 1\n"
    assert outcome(source, "add()\nname = 'test'", "assert count == 1", "assert name == 'test'").passed


@walled
@pytest.mark.parametrize(
    ("source", "reason", "says"),
    [
        ("def f(:\n", "error", "SyntaxError"),
        ("x = 1\ny = nothing\n", "error", "line 2: NameError"),
        ("g = 1\n", "test failed", "name 'f' is not defined"),
        ("def f():\n    raise KeyError('k')\n", "test failed", "KeyError: 'k'"),
        ("def f():\n    return 2\n", "test failed", "assert f() == 1"),
        ("def f():\n    while True: pass\n", "time limit", ""),
        ("def f():\n    return len(bytearray(10**9))\n", "memory limit", "MemoryError"),
        ("x = bytearray(10**9)\n", "memory limit", "MemoryError"),
        ("def f():\n    while True: print('x' * 1000)\n", "output limit", "64 KB"),
        ("def f():\n    return f()\n", "test failed", "RecursionError"),
    ],
)
def test_the_reason_is_told(source, reason, says):
    found = outcome(source, "assert f() == 1", limits=Limits(seconds=1.5))
    assert (found.passed, found.reason) == (False, reason)
    assert says in found.detail, found


@walled
def test_output_is_compared_outside():
    assert outcome("print(int(input()) * 2, ' ')", stdin="21\n", expected="42").passed
    wrong = outcome("print(int(input()) * 2)", stdin="20\n", expected="42\n")
    assert (wrong.reason, wrong.detail) == ("wrong output", "line 1: expected '42', found '40'")
    short = outcome("print(1)", expected="1\n2\n")
    assert (short.reason, short.detail) == ("wrong output", "expected 2 lines, found 1")
    crash = outcome("print(1)\nraise SystemExit(3)", expected="1")
    assert (crash.reason, crash.detail) == ("error", "exit code 3")
    assert outcome("if __name__ == '__main__':\n    print('é')\n    exit()", expected="é").passed
    assert outcome("import sys\nprint(repr(sys.stdin.read()))", expected="''").passed


@walled
@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("sh", "read x\necho $((x * 2))"),
        ("node", "const x = require('fs').readFileSync(0, 'utf8'); console.log(Number(x) * 2)"),
    ],
)
def test_other_languages_run_where_they_are_installed(language, source):
    if shutil.which(LANGUAGES[language].argv[0], path="/usr/bin:/bin") is None:
        pytest.skip(f"{language} is not installed")
    found = outcome(source, language=language, stdin="21\n", expected="42\n")
    assert found.passed, found


@walled
def test_outcomes_come_in_order_and_programs_are_asked_for_as_they_are_needed():
    asked = []

    def programs():
        for number in itertools.count():
            asked.append(number)
            yield Program(f"print({number})", expected=str(number if number % 2 else -1))

    outcomes = run(programs(), workers=2)
    assert [next(outcomes).passed for _ in range(6)] == [False, True] * 3
    outcomes.close()
    assert len(asked) <= 6 + 2 * 2


@walled
def test_the_same_program_has_the_same_outcome_twice():
    source = "import random\nprint(hash('a'), list({'a', 'b', 'c'}))"
    first, second = (outcome(source, expected="").stdout for _ in range(2))
    assert first == second
    drawn = "import random\ndef f():\n    return random.random()\n"
    assert outcome(drawn, "import random\nassert random.random() == 0.8444218515250481").passed


@walled
def test_packages_are_there_only_when_they_are_asked_for():
    source = "import numpy\ndef f():\n    return int(numpy.arange(4).sum())\n"
    assert outcome(source, "assert f() == 6").reason == "error"
    found = outcome(source, "assert f() == 6", packages=True, limits=Limits(memory_mb=1024))
    assert found.passed, found


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Program("x = 1"), "neither"),
        (lambda: Program("x = 1", ("assert x",), expected="1"), "both"),
        (lambda: Program("x = 1", ("assert x",), stdin="1"), "no input"),
        (lambda: Program("1", ("assert 1",), language="node"), "node is run for its output"),
        (lambda: Limits(seconds=0), "too low"),
        (lambda: run([], workers=0), "worker"),
    ],
)
def test_a_program_that_cannot_be_judged_is_refused(make, says):
    with pytest.raises(InputError, match=says):
        make()
    with pytest.raises(UnknownName, match="bubblewrap"):
        run([], workers=1, level="buble")
    with pytest.raises(UnknownName, match="python"):
        Program("1", expected="1", language="pyton")


def test_without_bubblewrap_nothing_is_run(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    walls_anew()
    with pytest.raises(Unconfined, match="apt-get install bubblewrap"):
        run([Program("open('ran', 'w')", expected="")], workers=1)
    walls_anew()


def test_walls_that_do_not_hold_stop_everything(monkeypatch, tmp_path):
    """A bubblewrap that starts its command without any wall: each probe finds its hole, and nothing is run."""
    if os.geteuid() != 0:
        pytest.skip("only root is handed over to nobody by setpriv here")
    false = tmp_path / "bwrap"
    false.write_text(
        '#!/bin/sh\nwhile [ "$1" != -- ] && [ "$1" != /usr/bin/setpriv ]; do shift; done\n'
        '[ "$1" = -- ] && shift\nexec "$@"\n'
    )
    false.chmod(0o755)
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        folder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    walls_anew()
    with pytest.raises(Unconfined) as caught:
        run([Program("print(1)", expected="1")], workers=1, python="/usr/bin/python3")
    walls_anew()
    said = str(caught.value)
    for name in ("not even a harmless program runs",) if "start" in said else ("network", "secrets", "writes"):
        assert name in said, said
    assert "process" in said


def walls_anew():
    from mintmark.sandbox.walls import _walls

    _walls.cache_clear()


needs_system_python = pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no /usr/bin/python3")


@needs_system_python
def test_the_weaker_level_is_recorded_and_bounds_mistakes():
    try:
        found = list(
            run(
                [
                    Program("def f():\n    return 1\n", ("assert f() == 1",)),
                    Program("while True: pass", expected="", limits=Limits(seconds=1)),
                    Program("x = bytearray(10**10)", expected=""),
                    Program("while True: print('x' * 100)", expected=""),
                ],
                workers=2,
                level="process",
                python="/usr/bin/python3",
            )
        )
    except MintmarkError as error:
        pytest.fail(str(error))
    assert [one.reason for one in found] == ["passed", "time limit", "memory limit", "output limit"]
    assert {one.level for one in found} == {"process"}


def test_an_interpreter_beside_ones_own_files_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    with pytest.raises(Unconfined, match="holds your home"):
        run([], workers=1, python=str(tmp_path / "me" / "bin" / "python3"))


def test_root_runs_nothing_as_root_at_the_weaker_level(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("not root")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Unconfined, match="root would run"):
        run([], workers=1, level="process", python=str(closed / "python3"))


@walled
@needs_system_python
def test_somebody_who_is_not_root_has_the_same_walls():
    if os.geteuid() != 0:
        pytest.skip("the other tests are run by somebody who is not root")
    source = Path(mintmark.__file__).parents[1]
    code = (
        "from mintmark.sandbox.run import run\nfrom mintmark.sandbox.program import Program\n"
        "programs = [Program('f = abs', ('assert f(-1) == 1',)), Program('f = 1', ('assert f == 2',))]\n"
        "print([one.reason for one in run(programs, workers=2)])"
    )
    words = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "/usr/bin/python3", "-c", code]
    done = subprocess.run(
        words, env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, cwd="/"
    )
    if "No module named 'mintmark'" in done.stderr or sys.version_info[:2] < (3, 11):
        pytest.skip("the source lies where only root may read")
    assert done.stdout == "['passed', 'test failed']\n", done.stderr
