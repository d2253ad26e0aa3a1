"""From what a process left to a verdict: passed is only what the harness says, and nothing speaks against."""

import json
import signal
from typing import Any

from mintmark.sandbox.program import Level, Outcome, Program, Reason
from mintmark.sandbox.watch import Ended

SHOWN = 2000
_STOPPED: dict[str, tuple[Reason, str]] = {
    "time": ("time limit", "ran longer than {limits.seconds:g} s"),
    "memory": ("memory limit", "all processes together held more than {limits.memory_mb} MB"),
    "output": ("output limit", "wrote more than {limits.output_kb} KB"),
    "cancelled": ("cancelled", "stopped because nobody waited for it any more"),
}


def judge(program: Program, ended: Ended, level: Level) -> Outcome:
    """What came of a program."""
    said = _said(ended.verdict)
    reason, detail, failed = _reason(program, ended, said)
    seconds = said.get("seconds") if reason == "passed" else None
    memory = said.get("memory_kb", 0)
    return Outcome(
        passed=reason == "passed",
        reason=reason,
        detail=detail,
        failed=failed,
        seconds=float(seconds if isinstance(seconds, int | float) else ended.seconds),
        memory_mb=max(ended.memory_mb, memory / 1024 if isinstance(memory, int) else 0.0),
        stdout=ended.stdout[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN],
        stderr=ended.stderr[: 4 * SHOWN].decode("utf-8", "replace")[:SHOWN],
        level=level,
    )


def _said(data: bytes | bytearray) -> dict[str, Any]:
    try:
        said = json.loads(data)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _reason(program: Program, ended: Ended, said: dict[str, Any]) -> tuple[Reason, str, tuple[int, ...]]:
    if ended.stopped is not None:
        reason, text = _STOPPED[ended.stopped]
        return reason, text.format(limits=program.limits), ()
    code = said.get("code")
    if not isinstance(code, int):
        return "no verdict", f"the harness was ended before it could judge (status {ended.status})", ()
    if ended.status != 0:
        return "no verdict", f"something ended the harness after its verdict (status {ended.status})", ()
    killed = _killed(code)
    if program.tests:
        return _by_tests(program, said, killed)
    if killed is not None:
        return *killed, ()
    if code != 0:
        last = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        return ("memory limit" if last and last[-1].startswith("MemoryError") else "error"), _ended_with(code, last), ()
    wrong = _differs(ended.stdout.decode("utf-8", "replace"), program.expected or "")
    return ("wrong output", wrong, ()) if wrong else ("passed", "", ())


def _by_tests(
    program: Program, said: dict[str, Any], killed: tuple[Reason, str] | None
) -> tuple[Reason, str, tuple[int, ...]]:
    if said.get("broken") is not None:
        everything = tuple(range(len(program.tests)))
        if killed is not None and said.get("kind") == "exit":
            return *killed, everything
        memory = said.get("kind") == "MemoryError"
        return "memory limit" if memory else "error", str(said["broken"]), everything
    failed = tuple(int(place) for place, _ in said["failed"])
    if said.get("gone") and killed is not None:
        return *killed, failed
    if failed:
        wrong = said["failed"][0][1]
        return "memory limit" if "(MemoryError" in wrong else "test failed", wrong, failed
    if said.get("ran") != len(program.tests) or said.get("gone") is not False:
        return "no verdict", "not all tests were run", ()
    return "passed", "", ()


def _killed(code: int) -> tuple[Reason, str] | None:
    """What a signal says of a program that was ended by it."""
    if code == -signal.SIGXCPU:
        return "time limit", "used more CPU time than it may"
    if code == -signal.SIGXFSZ:
        return "error", "wrote a larger file than it may"
    return None


def _ended_with(code: int, last: list[str]) -> str:
    how = f"exit code {code}" if code > 0 else f"signal {-code}"
    return f"{how}: {last[-1][:400]}" if last else how


def _differs(given: str, expected: str) -> str:
    """Where two outputs differ, or nothing; blanks at ends of lines and of the whole do not count."""
    ours, theirs = (_lines(text) for text in (expected, given))
    for place, (wanted, found) in enumerate(zip(ours, theirs, strict=False), start=1):
        if wanted != found:
            return f"line {place}: expected {wanted[:200]!r}, found {found[:200]!r}"
    return "" if len(ours) == len(theirs) else f"expected {len(ours)} lines, found {len(theirs)}"


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]
