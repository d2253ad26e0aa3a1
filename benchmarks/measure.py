"""Times a command as a whole process: wall and CPU seconds, and the peak of its memory."""

import functools
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    peak_mb: float
    out: str


def python(code: str, *, folder: Path) -> Cost:
    """Runs Python code in a fresh process; raises with what it said if it fails."""
    return command([sys.executable, "-c", code], folder=folder)


def command(words: list[str], *, folder: Path) -> Cost:
    said = folder / "said.txt"
    start = time.perf_counter()
    with said.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(words, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    text = said.read_text(encoding="utf-8")
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise RuntimeError(text)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3, text)


def peer(name: str, folder: Path) -> tuple[dict, dict, Cost]:
    """What a function of `peers.py` says of a folder, the seconds that it took by itself, and its whole process.

    Peers run in an environment of their own, through files: MINTMARK_PEERS names its Python, the first of several.
    """
    script = Path(__file__).with_name("peers.py")
    cost = command([os.environ["MINTMARK_PEERS"].split(os.pathsep)[0], str(script), str(folder), name], folder=folder)
    found = [json.loads(line) for line in cost.out.splitlines() if line.startswith("{")]
    if not found:
        raise RuntimeError(cost.out)
    return found[0].pop("values"), found[0], cost


@functools.cache
def having(script: str, name: str) -> str | None:
    """The first Python of MINTMARK_PEERS that has a peer; the script says so when it is given the name alone."""
    pythons = filter(None, os.environ.get("MINTMARK_PEERS", "").split(os.pathsep))
    return next((one for one in pythons if subprocess.run([one, script, name], check=False).returncode == 0), None)


def machine() -> str:
    packages = ("mintmark", "numpy", "pyarrow", "scikit-learn", "lightgbm", "pandas")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}; {versions}."


def table(*rows: tuple[str, ...]) -> str:
    head, *body = rows
    lines = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *body)]
    return "\n".join(lines)


def adult() -> Path | None:
    """The Adult table of MINTMARK_DATA, or None."""
    root = os.environ.get("MINTMARK_DATA")
    return Path(root).resolve() / "adult" / "adult.csv.gz" if root else None
