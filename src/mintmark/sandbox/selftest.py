"""Whether the walls hold: hostile programs are run behind them, and what they could do is judged from outside."""

import json
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mintmark.errors import Unconfined
from mintmark.sandbox.batch import started
from mintmark.sandbox.program import Level, Limits, Program
from mintmark.sandbox.walls import SLACK, Walls
from mintmark.sandbox.watch import Ended

_LIMITS = Limits(seconds=10, memory_mb=128, disk_mb=2, processes=8, output_kb=16)
_PROBES = Path(__file__).parent / "probes"
_MEND = (
    "bubblewrap needs user namespaces, Linux 5.14 or later and in a container the right to make them"
    " (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0;"
    " docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined);"
    " or accept the weaker level: process"
)


@dataclass(frozen=True)
class Ground:
    """What a hostile program is told to reach for."""

    port: int
    """Where this process listens on the machine's loopback."""
    secret: Path
    """A file that everybody on the machine may read, in a folder that everybody may write to."""
    content: str


@dataclass(frozen=True)
class Probe:
    """One hostile program, and what is wrong if it did this or that."""

    name: str
    levels: tuple[Level, ...]
    wrong: Callable[[Ended], str]
    limits: Limits = _LIMITS

    def program(self, ground: Ground, level: Level) -> Program:
        most = self.limits.processes + (0 if level == "bubblewrap" else 2 * SLACK)
        told = f"PORT = {ground.port}\nSECRET = {str(ground.secret)!r}\nNONCE = {ground.content!r}\nMOST = {most}\n"
        source = told + (_PROBES / f"{self.name}.txt").read_text(encoding="utf-8")
        return Program(source, expected="", limits=self.limits)


@cache
def prove(held: Walls) -> None:
    """Tries the walls, once per process. Raises Unconfined that says what did not hold, and then nothing may be run."""
    problems = failures(held)
    if problems:
        found = "; ".join(f"{name}: {what}" for name, what in problems.items())
        fix = _MEND if held.level == "bubblewrap" else "no level is left: run code on another machine"
        raise Unconfined(f"untrusted code cannot be held here (level {held.level})", found=found, fix=fix)


def failures(held: Walls) -> dict[str, str]:
    """What did not hold, by the name of the probe; where nothing starts at all, that alone."""
    with tempfile.TemporaryDirectory(prefix="mintmark-probe-") as folder, socket.create_server(("127.0.0.1", 0)) as ear:
        Path(folder).chmod(0o777)
        secret = Path(folder) / "secret"
        content = secrets.token_hex(6)
        secret.write_text(content)
        secret.chmod(0o644)
        ground = Ground(ear.getsockname()[1], secret, content)
        never = threading.Event()

        def tried(probe: Probe) -> str:
            wrong = probe.wrong(started(probe.program(ground, held.level), held, never))
            return wrong or (_survivor(content) if probe.name == "time" else "")

        first, *others = (probe for probe in PROBES if held.level in probe.levels)
        if wrong := tried(first):
            return {first.name: wrong}
        with ThreadPoolExecutor(2) as pool:
            found = {probe.name: wrong for probe, wrong in zip(others, pool.map(tried, others), strict=True) if wrong}
        if held.level == "bubblewrap" and list(Path(folder).iterdir()) != [secret]:
            found["writes"] = "a file was left outside"
        return found


def _starts(ended: Ended) -> str:
    if ended.stdout.strip() == b"started":
        return ""
    said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"not even a harmless program runs: {said[-1] if said else f'status {ended.status}'}"


def _reached(ended: Ended) -> str:
    """What the program says that it could do. It is ours, so it is believed; silence is a failure too."""
    try:
        reached = json.loads(ended.stdout)
    except ValueError:
        return f"the probe gave no answer ({ended.stopped or ended.stderr.decode('utf-8', 'replace')[-200:]})"
    return ", ".join(str(one) for one in reached)


def _flood(ended: Ended) -> str:
    held = ended.stopped == "output" and len(ended.stdout) <= _LIMITS.output_kb * 1024
    return "" if held else "a flood of output was not cut"


def _late(ended: Ended) -> str:
    return "" if ended.stopped == "time" and ended.seconds < 5 else "an endless program was not stopped in time"


def _survivor(name: str) -> str:
    """Whether a process of this name is there still, a second after all should have gone."""
    until = time.monotonic() + 1
    while any(_named(folder, name) for folder in Path("/proc").iterdir()):
        if time.monotonic() > until:
            return "a process in a session of its own outlived its time"
        time.sleep(0.02)
    return ""


def _named(folder: Path, name: str) -> bool:
    with suppress(OSError):
        return folder.name.isdigit() and (folder / "comm").read_text().strip() == name
    return False


_BOTH: tuple[Level, ...] = ("bubblewrap", "process")
_WALLED: tuple[Level, ...] = ("bubblewrap",)
PROBES = (
    Probe("start", _BOTH, _starts),
    Probe("network", _WALLED, _reached),
    Probe("capabilities", _WALLED, _reached),
    Probe("writes", _WALLED, _reached),
    Probe("secrets", _WALLED, _reached),
    Probe("environment", _BOTH, _reached),
    Probe("forks", _BOTH, _reached, Limits(memory_mb=1024, processes=8)),
    Probe("memory", _BOTH, _reached),
    Probe("output", _BOTH, _flood),
    Probe("time", _WALLED, _late, Limits(seconds=1, memory_mb=128, processes=8)),
)
