"""One thing that a contract demands, with a name for the list of tests."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Check:
    """A demand, as a sentence, and what puts it to the test: AssertionError says how it was broken."""

    demand: str
    run: Callable[..., None]

    def __call__(self, *things: Any) -> None:
        self.run(*things)

    def __str__(self) -> str:
        return self.demand

    def of(self, *things: Any) -> "Check":
        """The same demand of these things, to be called with none."""
        return Check(self.demand, partial(self.run, *things))


def must(kept: bool, broken: str, found: object = None) -> None:
    """AssertionError where a demand is not kept: also when Python skips `assert`."""
    if not kept:
        raise AssertionError(broken if found is None else f"{broken}; found {found!r}")
