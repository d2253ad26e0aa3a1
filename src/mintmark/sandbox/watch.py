"""One process and all that it starts: watched while it runs, stopped when it takes too much, and gone at the end."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mintmark.sandbox.program import Limits

Stopped = Literal["time", "memory", "output", "cancelled"]

LOOK = 0.05
"""Seconds between looks at the memory of what runs; most programs are done before the first."""
_READ = 1 << 16
_LONGEST_VERDICT = 1 << 22


@dataclass
class Ended:
    """What a process left."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    verdict: bytearray = field(default_factory=bytearray)
    stopped: Stopped | None = None
    status: int = 0
    seconds: float = 0.0
    memory_mb: float = 0.0
    """The most seen of all its processes together; 0 where it was done before the first look."""


def watch(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: str,
    stdin: int,
    keeps: Iterable[int],
    verdict: tuple[int, int],
    limits: Limits,
    stop: threading.Event,
) -> Ended:
    """Runs a command to its end, or to its limits. Its outputs are cut as they come, never gathered whole.

    `verdict` is a pipe, of which the command gets the writing end; it is done when that is closed. Both ends are
    closed here, and `keeps` are the other descriptors that the command gets.
    """
    ended = Ended()
    start = time.monotonic()
    reading, writing = verdict
    try:
        process = subprocess.Popen(  # noqa: S603
            words,
            env=dict(env),
            cwd=folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[*keeps, writing],
            start_new_session=True,
        )
    finally:
        os.close(writing)
    try:
        ended.stopped = _follow(process, reading, ended, start + limits.seconds, limits, stop)
    finally:
        os.close(reading)
        _end(process, ended, limits)
    ended.seconds = time.monotonic() - start
    return ended


def _follow(
    process: "subprocess.Popen[bytes]",
    reading: int,
    ended: Ended,
    until: float,
    limits: Limits,
    stop: threading.Event,
) -> Stopped | None:
    assert process.stdout is not None
    assert process.stderr is not None
    most = limits.output_kb * 1024
    with selectors.DefaultSelector() as select:
        select.register(reading, selectors.EVENT_READ, (ended.verdict, _LONGEST_VERDICT))
        for pipe, kept in ((process.stdout, ended.stdout), (process.stderr, ended.stderr)):
            select.register(pipe.fileno(), selectors.EVENT_READ, (kept, most))
        look = time.monotonic() + LOOK
        while reading in select.get_map():
            now = time.monotonic()
            if stop.is_set():
                return "cancelled"
            if now >= until:
                return "time"
            if now >= look:
                look = now + LOOK
                ended.memory_mb = max(ended.memory_mb, resident_mb(process.pid))
                if ended.memory_mb > limits.memory_mb:
                    return "memory"
            for key, _ in select.select(max(min(until, look) - now, 0)):
                kept, bound = key.data
                data = os.read(key.fd, _READ)
                kept += data
                if not data:
                    select.unregister(key.fd)
                elif len(kept) > bound:
                    del kept[bound:]
                    return "output"
    return None


def _end(process: "subprocess.Popen[bytes]", ended: Ended, limits: Limits) -> None:
    """Ends whatever is left, and takes what is in the pipes still."""
    if ended.stopped is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
    with contextlib.suppress(ProcessLookupError):
        # Under bubblewrap the first process of the namespace goes with its parent, and the namespace with its first.
        os.killpg(process.pid, signal.SIGKILL)
    ended.status = process.wait()
    for pipe, kept in ((process.stdout, ended.stdout), (process.stderr, ended.stderr)):
        assert pipe is not None
        with pipe:
            os.set_blocking(pipe.fileno(), False)
            while data := _rest(pipe.fileno()):
                kept += data
                if len(kept) > limits.output_kb * 1024:
                    del kept[limits.output_kb * 1024 :]
                    ended.stopped = ended.stopped or "output"
                    break


def _rest(fd: int) -> bytes:
    try:
        return os.read(fd, _READ)
    except BlockingIOError:
        return b""


def resident_mb(pid: int) -> float:
    """Memory of a process and all below it in MB, files left out. What forks share still is counted for each."""
    total, waiting = 0.0, [pid]
    while waiting:
        folder = Path("/proc", str(waiting.pop()))
        with contextlib.suppress(OSError):
            for line in (folder / "status").read_text().splitlines():
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) / 1024
            for task in (folder / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
    return total
