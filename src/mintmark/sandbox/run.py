"""The way in: programs, and what came of them."""

import threading
from collections.abc import Iterable, Iterator

from mintmark.errors import InputError
from mintmark.sandbox.batch import each, started
from mintmark.sandbox.program import Level, Outcome, Program
from mintmark.sandbox.selftest import prove
from mintmark.sandbox.walls import walls


def run(
    programs: Iterable[Program], *, workers: int = 2, level: Level = "bubblewrap", python: str | None = None
) -> Iterator[Outcome]:
    """Runs programs that nobody trusts, `workers` at a time, and yields their outcomes in the order of the programs.

    Before the first one, the walls are tried out: once per process. Where they do not hold nothing is run, and
    Unconfined says what failed and how to mend it. `level="process"` is weaker, and every outcome records it: limits on
    time, memory and output, but files can be read, the network reached, and a malicious program can say that it passed.
    `python` is another interpreter for programs in Python than the one that runs this.

    Raises Unconfined or InputError.
    """
    if workers < 1:
        raise InputError("programs need a worker", found=str(workers), fix="workers=1 or more")
    held = walls(level, python)
    prove(held)
    return each(programs, held, workers=workers)


def output(program: Program, *, level: Level = "bubblewrap", python: str | None = None) -> str:
    """What a program of our own writes when it works on what nobody trusts; as far as it got.

    Raises Unconfined.
    """
    held = walls(level, python)
    prove(held)
    return started(program, held, threading.Event()).stdout.decode("utf-8", "replace")
