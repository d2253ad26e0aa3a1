"""Compares expressions with math-verify. Runs inside the sandbox, as a program; nothing imports it.

Parsing mathematics evaluates text (sympy's parser is built on `eval`), and simplifying it can take for ever. So each
pair is compared in a process of its own, which has no way to the answers: its exit code is all that it can say.
"""

import json
import os
import signal
import sys

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

SAME, DIFFERENT, UNREADABLE = 10, 11, 12


def main() -> None:
    asked = json.load(sys.stdin)
    for given, wanted in asked["pairs"]:
        pid = os.fork()
        if pid == 0:
            signal.alarm(asked["seconds"])
            try:
                os.dup2(os.open("/dev/null", os.O_RDWR), 1)
                code = compared(given, wanted)
            except BaseException:  # noqa: BLE001
                code = UNREADABLE
            os._exit(code)
        _, status = os.waitpid(pid, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def compared(given: str, wanted: str) -> int:
    kinds = [LatexExtractionConfig(), ExprExtractionConfig()]
    # No limits of theirs: they would catch the alarm, and catch it too late in the middle of a power.
    ours, theirs = (parse(text, kinds, parsing_timeout=None) for text in (wanted, given))
    if not ours or not theirs:
        return UNREADABLE
    return SAME if verify(ours, theirs, timeout_seconds=None) else DIFFERENT


if __name__ == "__main__":
    main()
