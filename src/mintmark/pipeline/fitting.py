"""Fits and samples in a process that does nothing else, and measures what that takes.

Peak memory belongs to a process, and what a process has once taken it seldom gives back; so each fit gets one of its
own. It is this module run as a program: nothing of the caller's is imported again, and nothing is pickled. What a long
fit says comes back through a pipe; its checkpoints lie where the caller wants them, so that the next process goes on.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import GenerationError, MintmarkError
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.tabular.constraints.obeying import Obeying
from mintmark.generators.workshop import ALONE, Workshop
from mintmark.pipeline import where as conditions
from mintmark.report.comparison.entrant import Cost
from mintmark.seeds import Seed

SPENT, DRAFT = "spent.json", "spent.draft"
"""Beside checkpoints: what the fit has cost up to them."""


@dataclass(frozen=True)
class Order:
    """One fit and the sampling after it, as plain data."""

    generator: str
    parameters: Mapping[str, Any]
    where: Mapping[str, Any]
    count: int
    seed: Seed


@dataclass(frozen=True)
class Delivery:
    """What came of an order."""

    rows: Dataset
    cost: Cost
    guarantee: Guarantee | None
    """What the sampler proves of its training rows, where it does."""
    notes: tuple[str, ...]
    """What the fit has to say against its result."""


def carry_out(order: Order, train: Path, *, workshop: Workshop = ALONE) -> Delivery:
    """The rows and what they cost; `train` is what `write` wrote.

    A fit that was killed with checkpoints in the workshop goes on from there, and its cost counts both parts. Raises
    what the generator raised, as a MintmarkError; GenerationError where its process was ended.
    """
    with tempfile.TemporaryDirectory(prefix="mintmark-") as name:
        folder = Path(name)
        what = {"generator": order.generator, "parameters": dict(order.parameters), "where": dict(order.where)}
        body = {**what, "count": order.count, "root": order.seed.root, "path": order.seed.path, "train": str(train),
                "workshop": None if workshop.folder is None else str(workshop.folder),
                "every_s": workshop.every_s}  # fmt: skip
        (folder / "order.json").write_text(json.dumps(body), encoding="utf-8")
        code = _run(folder, workshop)
        if code == 0 and (folder / "rows.arrow").is_file():
            told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
            guarantee = None if told["guarantee"] is None else Guarantee.from_json(told["guarantee"])
            return Delivery(read(folder / "rows.arrow"), Cost(**told["cost"]), guarantee, tuple(told["notes"]))
        raise _failure(folder, order.generator, code)


def write(data: Dataset, path: Path) -> None:
    """Writes a table with its schema, for `read`."""
    described = data.columns.arrow().with_metadata({"mintmark": json.dumps(data.schema.to_json()), "name": data.name})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, described) as out:
        out.write_table(data.table.cast(described))


def read(path: Path) -> Dataset:
    """The inverse of `write`; the rows are in memory."""
    with pa.OSFile(str(path), "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    told = table.schema.metadata
    return Dataset(
        Schema.from_json(json.loads(told[b"mintmark"])), {told[b"name"].decode(): table.replace_schema_metadata(None)}
    )


def _run(folder: Path, workshop: Workshop) -> int:
    """The program's exit code; what its fit says goes on to the workshop while it runs."""
    ear, mouth = os.pipe()
    command = [sys.executable, "-P", "-c", f"from {__name__} import main; main()", str(folder), str(mouth)]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with (folder / "said").open("wb") as said, os.fdopen(ear, encoding="utf-8") as heard:
        # The other end of its input is held here for as long as this process lives: see `_end_with_parent`.
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=paths,  # noqa: S603
                                 pass_fds=(mouth,))  # fmt: skip
        os.close(mouth)
        try:
            for line in heard:  # until nobody holds the other end
                workshop.say(*json.loads(line))
            return child.wait()
        finally:
            child.kill()
            child.wait()
            assert child.stdin
            child.stdin.close()


def _failure(folder: Path, generator: str, code: int) -> MintmarkError:
    try:
        told = json.loads((folder / "error.json").read_text(encoding="utf-8"))
        return GenerationError(told["wrong"], where=told["where"], found=told["found"], fix=told["fix"])
    except (OSError, ValueError):
        last = (folder / "said").read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    if code < 0:
        fix = "it may have run out of memory: compare on fewer rows" if code == -9 else ""
        return GenerationError(f"the process that ran {generator} was ended by signal {-code}", found=last, fix=fix)
    return GenerationError(f"the process that ran {generator} ended with code {code}", found=last)


def main() -> None:
    """The program: reads `order.json` in the folder that is named, and leaves rows and cost, or an error.

    What the fit says is written to the file descriptor that is named behind it.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    folder = Path(sys.argv[1])
    os.set_inheritable(int(sys.argv[2]), False)  # the caller listens until nobody holds it
    try:
        with os.fdopen(int(sys.argv[2]), "w", buffering=1, encoding="utf-8") as mouth:
            _carry_out(json.loads((folder / "order.json").read_text(encoding="utf-8")), folder, mouth)
    except MintmarkError as error:
        _leave(folder, {"wrong": error.wrong, "where": error.where, "found": error.found, "fix": error.fix})
    except MemoryError:
        _leave(folder, {"wrong": "the memory does not suffice", "where": "", "found": "", "fix": ""})
    except Exception as error:  # noqa: BLE001  # what goes wrong in a generator is said as its failure
        _leave(folder, {"wrong": f"{type(error).__name__}: {error}", "where": "", "found": "", "fix": ""})


def _carry_out(order: Mapping[str, Any], folder: Path, mouth: TextIO) -> None:
    train, seed = read(Path(order["train"])), Seed(order["root"], tuple(order["path"]))
    base = _resident("VmRSS")
    _forget_peak()
    generator = Obeying(catalog.build("generators", order["generator"], order["parameters"]))
    place = Path(order["workshop"]) if order["workshop"] is not None else None
    clock = _Clock(_spent(place))

    def say(how: str, done: int, total: int) -> None:
        if place is not None and place.is_dir():
            (place / DRAFT).write_text(json.dumps(clock.lap()), encoding="utf-8")
            (place / DRAFT).replace(place / SPENT)
        mouth.write(json.dumps([how, done, total]) + "\n")

    sampler = generator.fit(train, rng=seed.child("fit").rng(), workshop=Workshop(say, place, order["every_s"]))
    fitted = clock.lap()
    guarantee = getattr(sampler, "guarantee", None)
    given, doubts = None, list[str]()
    if order["where"]:
        # The bounds that are told from the training rows are none of the rows' that hide them.
        like = train if guarantee is None else sampler.sample(1, rng=seed.child("look").rng())
        rng = seed.child("where").rng()
        given = conditions.given(order["where"], like.columns, like.name, sampler, order["count"], rng=rng,
                                 doubt=doubts.append)  # fmt: skip
    clock = _Clock()
    made = sampler.sample(order["count"], rng=seed.child("sample").rng(), given=given)
    sampled = clock.lap()
    peak = max(_resident("VmHWM"), base)
    cost = Cost(*fitted, *sampled, rows=len(made), peak_bytes=peak, base_bytes=base)
    told = {"cost": vars(cost), "guarantee": guarantee and guarantee.to_json(),
            "notes": [*getattr(sampler, "notes", ()), *doubts]}  # fmt: skip
    (folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
    write(made, folder / "rows.arrow")


def _spent(place: Path | None) -> tuple[float, float]:
    """What a fit that goes on has cost before: processor seconds, and seconds on the clock."""
    if place is None or not any(path.name not in (SPENT, DRAFT) for path in place.glob("*")):
        return 0.0, 0.0  # without a checkpoint it starts anew
    try:
        processor, clock = json.loads((place / SPENT).read_text(encoding="utf-8"))
        return float(processor), float(clock)
    except (OSError, ValueError, TypeError):
        return 0.0, 0.0


class _Clock:
    """Processor seconds, of child processes too, and seconds on the clock, since it was made and before."""

    def __init__(self, before: tuple[float, float] = (0.0, 0.0)) -> None:
        self.start = (_processor() - before[0], time.perf_counter() - before[1])

    def lap(self) -> tuple[float, float]:
        return _processor() - self.start[0], time.perf_counter() - self.start[1]


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _resident(field: str) -> int:
    """Resident memory in bytes, now (VmRSS) or at its largest (VmHWM).

    Where there is no /proc, the largest ever: nothing is then known of what was there before.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith(field)).split()[1])
    except (OSError, StopIteration):
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return largest if sys.platform == "darwin" else 1024 * largest


def _forget_peak() -> None:
    """Lets the largest resident memory be counted from here on (Linux, proc(5): clear_refs, 5)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return  # then what reading the training rows took counts as well


def _leave(folder: Path, error: Mapping[str, str]) -> None:
    (folder / "error.json").write_text(json.dumps(error), encoding="utf-8")
    sys.exit(1)


def _end_with_parent() -> None:
    """A process whose parent was killed would fit on for nobody: its input then comes to an end."""
    os.read(0, 1)  # by the system: a lock of Python's own would not let the program end
    os._exit(1)
