"""Answers in code: run in the sandbox against tests."""

from collections.abc import Iterable, Iterator, Sequence

from mintmark.answers.verified import Verified
from mintmark.sandbox.program import Level, Limits, Program
from mintmark.sandbox.run import run


def verify(
    pairs: Iterable[tuple[str, Sequence[str]]],
    *,
    limits: Limits | None = None,
    workers: int = 2,
    level: Level = "bubblewrap",
) -> Iterator[Verified]:
    """Whether answers hold what their tests ask, in order: each pair is an answer and tests in Python.

    An answer is the only block of Python in a text, or the whole text where it has no blocks. With several blocks it
    is not verified: which of them is meant is not for the verifier to say. Raises Unconfined where nothing may be run.
    """
    bounds = limits or Limits()
    # Something must be run in the place of what is not one program, so that outcomes stay in order.
    programs = (Program(source(answer) or _NOTHING, tuple(tests), limits=bounds) for answer, tests in pairs)
    for outcome in run(programs, workers=workers, level=level):
        said = outcome.detail if outcome.reason in ("error", "test failed") else ""
        yield Verified(outcome.passed, outcome.reason + (f": {said}" if said else ""))


_NOTHING = "raise ValueError('the answer is not one block of Python')"


def source(answer: str) -> str | None:
    """The program that an answer gives, or None where there is not just one."""
    blocks: list[tuple[str, list[str]]] = []
    within = False
    for line in answer.splitlines():
        if line.lstrip().startswith("```"):
            within = not within
            if within:
                blocks.append((line.strip().strip("`").strip().lower(), []))
        elif within:
            blocks[-1][1].append(line)
    if not blocks:
        return answer
    given = ["\n".join(lines) + "\n" for tongue, lines in blocks if tongue in ("", "python", "py", "python3")]
    return given[0] if len(given) == 1 and not within else None
