"""The sandbox on HumanEval: references pass, hollow ones fail, and mutants fare as they do in a bare interpreter."""

import ast
import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mintmark.sandbox.program import Limits, Program
from mintmark.sandbox.run import run

pytestmark = [
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
    pytest.mark.skipif("MINTMARK_DATA" not in os.environ, reason="MINTMARK_DATA is not set"),
]

EVERY = 6
"""Of the mutants, one in so many is tried here; the benchmark `sandbox` tries them all."""

# Our own mutants of HumanEval's references: nobody hostile wrote them, so a bare interpreter may be the oracle.
ORACLE = """
import json, signal, sys
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
for source, tests in json.load(sys.stdin):
    space, passed = {}, True
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        for text in (source, *tests): exec(text, space)
    except BaseException: passed = False
    finally: signal.setitimer(signal.ITIMER_REAL, 0)
    print(json.dumps(passed))
"""


@pytest.fixture(scope="module")
def problems():
    path = Path(os.environ["MINTMARK_DATA"]).resolve() / "humaneval" / "HumanEval.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def held(problem, source):
    return Program(source, (problem["test"], f"check({problem['entry_point']})"), limits=Limits(seconds=4))


def test_all_references_pass(problems):
    assert len(problems) == 164
    programs = (held(one, one["prompt"] + one["canonical_solution"]) for one in problems)
    wrong = [
        (one["task_id"], found)
        for one, found in zip(problems, run(programs, workers=2), strict=True)
        if not found.passed
    ]
    assert wrong == []


def test_solutions_that_do_nothing_fail(problems):
    """The prompt alone is a function whose body is its docstring."""
    few = problems[::3]
    outcomes = run((held(one, one["prompt"] + "\n    pass\n") for one in few), workers=2)
    assert {found.reason for found in outcomes} == {"test failed"}


def test_mutants_pass_here_if_and_only_if_they_pass_in_a_bare_interpreter(problems):
    """One operator changed. Those that survive do so because HumanEval's tests do not tell them apart."""
    from benchmarks.sandbox import mutants

    chosen = [(one, source) for one in problems for source in mutants(one)][::EVERY]
    assert len(chosen) > 100
    programs = [held(one, source) for one, source in chosen]
    found = [outcome.passed for outcome in run(programs, workers=2)]
    words = [sys.executable, "-c", ORACLE]
    asked = json.dumps([(program.source, program.tests) for program in programs])
    done = subprocess.run(words, input=asked, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "0"})
    bare = [line == "true" for line in done.stdout.splitlines() if line in ("true", "false")]
    assert [program.source for program, ours, theirs in zip(programs, found, bare, strict=True) if ours != theirs] == []
    assert found.count(False) / len(found) > 0.9
    assert all(ast.parse(program.source) for program in programs)
