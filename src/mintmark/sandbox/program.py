"""A program that is to be run, what it may use, and what came of it."""

from dataclasses import dataclass, field
from typing import Literal

from mintmark.errors import InputError
from mintmark.sandbox.languages import language

Level = Literal["bubblewrap", "process"]
"""How well a program is held: walls of the kernel's namespaces, or limits on a process and no walls."""

Reason = Literal[
    "passed",
    "test failed",
    "wrong output",
    "error",
    "time limit",
    "memory limit",
    "output limit",
    "no verdict",
    "cancelled",
]
"""Why a program passed or did not; few, so that a yield can be counted by them."""


@dataclass(frozen=True)
class Limits:
    """What a program may use."""

    seconds: float = 10.0
    """Of the clock, start included; and of each process's CPU, rounded up."""
    memory_mb: int = 512
    """Of address space for each process, and of resident memory for all of them together."""
    disk_mb: int = 16
    """In the only folder that may be written to, /tmp, and in any one file."""
    processes: int = 16
    """At one time, threads and the sandbox's own three included."""
    files: int = 64
    """Open at one time, for each process."""
    output_kb: int = 64
    """On standard output and on standard error, each."""

    def __post_init__(self) -> None:
        least = {"seconds": 0.1, "memory_mb": 64, "disk_mb": 1, "processes": 4, "files": 16, "output_kb": 1}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise InputError(f"the limit {name} is too low to run anything", fix=f"at least {bound}")


@dataclass(frozen=True)
class Program:
    """Source code with what it is held to: tests, or the output expected for an input.

    Raises InputError where it is held to nothing, or to what its language has no means for.
    """

    source: str
    tests: tuple[str, ...] = ()
    """Python statements that raise where the program is wrong; all see what the program defines and what earlier
    tests defined. They are believed: a test that checks nothing passes everything."""
    stdin: str = ""
    expected: str | None = None
    """Standard output, compared without regard to blanks at the ends of lines and of the whole."""
    language: str = "python"
    packages: bool = False
    """Whether packages installed beside Mintmark can be imported; else the standard library alone is promised."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        tongue = language(self.language)
        if bool(self.tests) == (self.expected is not None):
            found = "both" if self.tests else "neither"
            fix = "a program that is held to nothing cannot pass: give one of the two"
            raise InputError("a program needs tests or an expected output", found=found, fix=fix)
        if self.tests and not tongue.tests:
            raise InputError(
                f"tests are written in Python; {self.language} is run for its output", fix="give expected="
            )
        if self.tests and self.stdin:
            raise InputError("a program with tests gets no input", fix="leave stdin out, or give expected= for tests=")


@dataclass(frozen=True)
class Outcome:
    """What came of one program."""

    passed: bool
    reason: Reason
    detail: str
    """What exactly went wrong; empty where it passed."""
    failed: tuple[int, ...]
    """Which tests failed, counted from 0."""
    seconds: float
    memory_mb: float
    """The largest process, or all together where that was seen to be more."""
    stdout: str
    stderr: str
    """Their first 2,000 characters."""
    level: Level
