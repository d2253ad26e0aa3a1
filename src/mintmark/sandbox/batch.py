"""Programs, run side by side: outcomes in the order of the programs, and never more than a few at hand."""

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from typing import Any

from mintmark.sandbox import calls
from mintmark.sandbox.languages import language
from mintmark.sandbox.program import Outcome, Program
from mintmark.sandbox.verdict import judge
from mintmark.sandbox.walls import NOBODY, Walls
from mintmark.sandbox.watch import Ended, watch

_START = "import sys; sys.path.insert(0, sys.argv[1]); from mintmark.sandbox.inside.harness import main; main()"
"""Where the harness lies is no place from which programs can import: it is taken off the path by `main`."""


def each(programs: Iterable[Program], held: Walls, *, workers: int) -> Iterator[Outcome]:
    """Yields the outcomes in order. Asks for programs as they are needed; what runs is stopped if nobody goes on."""
    stop = threading.Event()
    waiting: deque[Future[Outcome]] = deque()
    # Threads suffice: the work is done by the processes that they wait for.
    with ThreadPoolExecutor(workers, thread_name_prefix="sandbox") as pool:
        try:
            for program in programs:
                waiting.append(pool.submit(one, program, held, stop))
                if len(waiting) >= 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def one(program: Program, held: Walls, stop: threading.Event) -> Outcome:
    """Runs one program to its verdict."""
    return judge(program, started(program, held, stop), held.level)


def started(program: Program, held: Walls, stop: threading.Event) -> Ended:
    """Starts a program behind its walls and watches it to its end."""
    with contextlib.ExitStack() as stack:
        folder = "/tmp" if held.level == "bubblewrap" else stack.enter_context(_folder(held))  # noqa: S108
        task = stack.enter_context(_memory(json.dumps(_job(program, held, folder)).encode()))
        tests = stack.enter_context(_memory(json.dumps(program.tests).encode()))
        stdin = stack.enter_context(_memory(program.stdin.encode("utf-8", "surrogatepass")))
        keeps = [task, tests]
        if held.level == "bubblewrap":
            keeps.append(stack.enter_context(_memory(calls.filtering())))
        verdict = os.pipe()
        words = [
            *held.command(program, filter_fd=keeps[-1]),
            *(str(held.python), "-s", "-P", "-S", "-B", "-X", "utf8", "-c", _START),
            *(held.inside(), *(str(fd) for fd in (task, tests, verdict[1]))),
        ]
        return watch(
            words,
            env=held.environment(program, folder),
            folder="/" if held.level == "bubblewrap" else folder,
            stdin=subprocess.DEVNULL if program.tests else stdin,
            keeps=keeps,
            verdict=verdict,
            limits=program.limits,
            stop=stop,
        )


def _job(program: Program, held: Walls, folder: str) -> dict[str, Any]:
    limits, tongue = program.limits, language(program.language)
    file = f"{folder}/{tongue.file}"
    bounds = {
        "RLIMIT_CPU": ceil(limits.seconds),
        "RLIMIT_FSIZE": limits.disk_mb * 2**20,
        "RLIMIT_NPROC": limits.processes + held.others(),
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_CORE": 0,
    }
    if not tongue.reserves:
        bounds["RLIMIT_AS"] = limits.memory_mb * 2**20
    argv = [] if program.tests else tongue.command(str(held.python), file=file, memory_mb=limits.memory_mb)
    return {"source": program.source, "limits": bounds, "argv": argv, "file": file}


@contextlib.contextmanager
def _memory(data: bytes) -> Iterator[int]:
    """A file in memory that can be read once and not written to; nothing of it is ever on the disk."""
    writing = os.memfd_create("mintmark")
    try:
        with os.fdopen(os.dup(writing), "wb") as file:
            file.write(data)
        reading = os.open(f"/proc/self/fd/{writing}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(writing)
    try:
        yield reading
    finally:
        os.close(reading)


@contextlib.contextmanager
def _folder(held: Walls) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="mintmark-run-", ignore_cleanup_errors=True) as folder:
        if held.drops:
            os.chown(folder, NOBODY, NOBODY)
        yield folder
