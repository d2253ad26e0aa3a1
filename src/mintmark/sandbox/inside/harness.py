"""Runs inside the sandbox: limits itself, parts into program and tests, and tells the outside what came of the tests.

The process forks before it has read the tests. The child closes the way to the outside and becomes the program; the
parent reads the tests and puts them to the program over a pair of pipes. So the program can neither read the tests
nor say that it passed: whatever it prints, raises, patches, kills or exits with, only the parent writes the verdict.
"""

from __future__ import annotations

import builtins
import ctypes
import json
import os
import re
import resource
import signal
import sys
import time

from mintmark.sandbox.inside import remote, side, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_DUMPABLE = 4
SHOWN = 400
IMPORTED = {
    "bisect",
    "cmath",
    "collections",
    "copy",
    "datetime",
    "decimal",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "random",
    "re",
    "statistics",
    "string",
    "typing",
}
"""Modules that tests may use because the program imported them; they import all others by themselves."""


def main() -> None:
    sys.path.remove(sys.argv[1])
    job_fd, tests_fd, verdict_fd = (int(word) for word in sys.argv[2:5])
    job = json.loads(_whole(job_fd))
    # Nobody of the same user may look into the memory of this process or take its descriptors: ptrace(2).
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit(job["limits"])
    verdict = script(job, (tests_fd, verdict_fd)) if job["argv"] else tested(job, tests_fd, verdict_fd)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    verdict["memory_kb"] = max(usage.ru_maxrss, 0)
    sys.stdout.flush()
    sys.stderr.flush()
    data = json.dumps(verdict).encode("ascii")
    while data:
        data = data[os.write(verdict_fd, data) :]
    os._exit(0)


def limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        # A second more for time: the soft limit tells of itself by its signal, the hard one kills in silence.
        spare = 1 if name == "RLIMIT_CPU" else 0
        soft, last = most, most + spare
        resource.setrlimit(
            which, (soft, last) if hard == resource.RLIM_INFINITY else (min(soft, hard), min(last, hard))
        )


def script(job: dict[str, Any], ours: tuple[int, ...]) -> dict[str, Any]:
    """Runs the program as a process of its own, with the input that is standard input already."""
    with open(job["file"], "w", encoding="utf-8", errors="surrogatepass") as file:  # noqa: PTH123
        file.write(job["source"])
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        for fd in ours:
            os.close(fd)
        os.execv(job["argv"][0], job["argv"])  # noqa: S606
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - start}


def tested(job: dict[str, Any], tests_fd: int, verdict_fd: int) -> dict[str, Any]:
    asks, answers = os.pipe(), os.pipe()
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        for fd in (tests_fd, verdict_fd, asks[1], answers[0]):
            os.close(fd)
        try:
            side.Program(wire.Line(asks[0], answers[1])).live(job["source"])
        finally:
            os._exit(0)
    os.close(asks[0])
    os.close(answers[1])
    verdict = put(json.loads(_whole(tests_fd)), job["source"], remote.Channel(wire.Line(answers[0], asks[1])))
    verdict["seconds"] = time.monotonic() - start
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return verdict | {"code": os.waitstatus_to_exitcode(status)}


def put(tests: list[str], source: str, channel: remote.Channel) -> dict[str, Any]:
    """Puts each test to the program; all share one namespace, as lines of one file would."""
    try:
        said = channel.receive()
    except remote.Gone:
        said = ["broken", "the program ended itself before the tests", "exit"]
    if said[0] != "ready":
        return {"ran": 0, "failed": [], "broken": str(said[1])[:2000], "kind": str(said[2])}
    bench = Bench(channel, source)
    if "random" in "".join(tests):
        __import__("random").seed(0)
    failed: list[tuple[int, str]] = []
    for place, test in enumerate(tests):
        wrong = bench.failure(place, test)
        if wrong is not None:
            failed.append((place, wrong))
        if channel.gone:
            failed += [(rest, "not run: the program had ended") for rest in range(place + 1, len(tests))]
            break
    if not failed:
        failed = bench.end(len(tests) - 1)
    return {"ran": len(tests), "failed": failed, "broken": None, "gone": channel.gone}


class Bench:
    """The namespace in which tests run: what the program defined, what it imported, and what the tests define."""

    def __init__(self, channel: remote.Channel, source: str) -> None:
        self.channel = channel
        self.imported = imported(source)
        self.space: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins} | self.imported
        self.given: dict[str, Any] = {}
        self.lines: dict[str, list[str]] = {}

    def failure(self, place: int, test: str) -> str | None:
        """What went wrong in a test, or None."""
        name = f"test {place}"
        self.lines[name] = test.splitlines()
        try:
            code = compile(test, name, "exec")
            self.refresh(test)
            exec(code, self.space)  # noqa: S102
        except BaseException as error:  # noqa: BLE001
            return told(error, self.lines)
        # A test may have swallowed the end of the program together with an exception that it waited for.
        return "the program ended during the test" if self.channel.gone else None

    def end(self, last: int) -> list[tuple[int, str]]:
        """Whether the program is there still: it might have answered before it was asked, and left."""
        try:
            self.channel.names()
        except BaseException as error:  # noqa: BLE001
            return [(last, told(error, self.lines))]
        return []

    def refresh(self, test: str) -> None:
        """Gives the test the program's names as they stand now, but for those that tests have bound anew."""
        for name, value in self.channel.names().items():
            if hasattr(builtins, name):
                # Given, it would let the program decide what `all` or `abs` means in a test; held back, the test
                # would try Python's own function in place of the program's.
                if re.search(rf"\b{name}\b", test):
                    raise NameError(f"the program defines {name!r}, which is Python's own, and the test uses it")
            elif name not in self.imported and self.space.get(name) is self.given.get(name):
                self.space[name] = self.given[name] = value


def told(error: BaseException, lines: dict[str, list[str]]) -> str:
    """The innermost line of a test that an error passed through, and the error."""
    line, step = "", error.__traceback__
    while step is not None:
        line = "".join(lines.get(step.tb_frame.f_code.co_filename, [])[step.tb_lineno - 1 :][:1]).strip() or line
        step = step.tb_next
    try:
        said = f"{type(error).__name__}: {error}"
    except BaseException:  # noqa: BLE001
        said = type(error).__name__
    return f"{line[:SHOWN]} ({said[:SHOWN]})" if line else said[:SHOWN]


def imported(source: str) -> dict[str, Any]:
    """The well-known modules that the program imports, imported here anew.

    Modules alone: a function that it imports might be defined by it once more, and is asked of the program.
    """
    found: dict[str, Any] = {}
    only_tree = 0x400  # ast.PyCF_ONLY_AST; importing `ast` would cost more than it is worth
    for node in compile(source, "program.py", "exec", only_tree).body:
        if type(node).__name__ == "Import":
            for name in node.names:
                if name.name in IMPORTED:
                    found[name.asname or name.name] = __import__(name.name)
    return found


def _whole(fd: int) -> bytes:
    with os.fdopen(fd, "rb") as file:
        return file.read()
