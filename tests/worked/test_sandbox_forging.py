"""Programs that would rather be believed than be right: none of tests/programs/forging may pass."""

import shutil
from pathlib import Path

import pytest

from mintmark.sandbox.program import Limits, Program
from mintmark.sandbox.run import run

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

FORGERIES = {path.stem: path.read_text() for path in (Path(__file__).parents[1] / "programs" / "forging").glob("*.txt")}
"""Each is wrong about `f(2) == 4`."""
TESTS = ("assert f(2) == 4  # 4711-canary",)
LOOSE = (
    # Written carelessly, but never so that a wrong program passes by itself.
    "cases = [(2, 4), (3, 9)]\nassert all(map(lambda case: f(case[0]) == case[1], cases))",
    "assert abs(f(2) - 4) < 1e-9\nassert 4 in [f(2)] and isinstance(f(2), int)",
)


@pytest.mark.parametrize("name", sorted(FORGERIES))
def test_no_forgery_passes(name):
    programs = [Program(FORGERIES[name], (test,), limits=Limits(seconds=1, memory_mb=128)) for test in (*TESTS, *LOOSE)]
    for found in run(programs, workers=2):
        assert not found.passed, found
        assert "saw the tests" not in found.stdout


def test_what_is_expected_never_enters_the_program():
    source = "import os, sys\nprint(sorted(os.environ), sys.argv, os.listdir('/tmp'), sys.stdin.read())\n"
    [found] = run([Program(source, expected="canary-4711")], workers=1)
    assert found.reason == "wrong output"
    assert "['/tmp/program.py'] ['program.py']" in found.stdout
    assert "4711" not in found.stdout


def test_a_program_holds_no_descriptor_but_its_own():
    source = """
import os, stat
def f():
    found = []
    for fd in range(64):
        try:
            found.append(stat.S_ISFIFO(os.fstat(fd).st_mode))
        except OSError:
            pass
    return found
"""
    # Nothing to read from, two outputs, and the two pipes to the tests.
    [found] = run([Program(source, ("assert f() == [False, True, True, True, True]",))], workers=1)
    assert found.passed, found


@pytest.mark.parametrize(
    "last",
    [
        FORGERIES["writes_the_verdict_everywhere"].replace("def f(x): return 0", "os.kill(os.getppid(), 9)"),
        "import os\nos.kill(os.getppid(), 9)",
        "import os\nos.abort()",
        "import os\nos.kill(os.getppid(), 19)",
    ],
)
def test_a_script_that_is_right_must_also_end_well(last):
    source = f"print('right', flush=True)\n{last}\n"
    [found] = run([Program(source, expected="right", limits=Limits(seconds=1.5))], workers=1)
    assert not found.passed
    assert found.stdout.startswith("right\n")


def test_an_object_of_the_program_is_never_compared_with_data():
    source = """
class Money:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return True
    def __sub__(self, other): return Money(0)
"""
    tests = (
        "assert Money(1) == Money(2)",
        "assert Money(1) != 1 and 1 != Money(1) and [Money(1)] != [1]",
        "Money(1) - Money(1)",
        "Money(1) - 1",
        "1 - Money(1)",
    )
    [found] = run([Program(source, tests)], workers=1)
    assert found.failed == (3, 4)
    assert "computes with plain data" in found.detail


def test_a_name_of_pythons_own_is_not_the_programs():
    """Given, it would decide what the test means; held back, the test would try Python's function for the program's."""
    source = "def sum(xs): return 0\nid = 3\n"
    [found] = run([Program(source, ("assert sum([1, 2]) == 3", "assert max(1, 2) == 2"))], workers=1)
    assert found.failed == (0,)
    assert "defines 'sum', which is Python's own" in found.detail


def test_a_program_must_be_there_until_the_end():
    """It answers before it is asked, rightly even, and leaves."""
    source = FORGERIES["answers_out_of_turn"].replace('"gives", true', '"gives", 4').replace("range(9)", "range(1)")
    assert '"gives", 4' in source
    [found] = run([Program(source, TESTS)], workers=1)
    assert (found.passed, found.reason) == (False, "test failed")
    assert "ended" in found.detail


def test_what_a_program_imports_and_defines_again_is_the_programs():
    source = "from math import isqrt\ndef isqrt(n): return 0\n"
    hidden = "from math import isqrt\nglobals()['isqrt'] = lambda n: 0\n"
    tests = ("assert isqrt(9) == 3",)
    assert [one.passed for one in run([Program(source, tests), Program(hidden, tests)], workers=2)] == [False] * 2
    [found] = run([Program("from math import isqrt\nimport math\n", (*tests, "assert math.isqrt(9) == 3"))], workers=1)
    assert found.passed, found


def test_a_test_that_swallows_everything_still_notices_that_the_program_is_gone():
    swallow = "try:\n    f(2)\nexcept BaseException:\n    pass"
    [found] = run([Program("import os\ndef f(x): os._exit(0)", (swallow, "x = 1"))], workers=1)
    assert found.failed == (0, 1)
