"""What filters draw on: where paths start, where models' answers are kept, what may be spent, who hears of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mintmark.models.purse import UNBOUNDED, Budget


def _silent(what: str, done: int, total: int) -> None:
    del what, done, total


@dataclass(frozen=True)
class Means:
    """Handed to filters that ask or read files. Without parameters it says and keeps nothing, and has no bound."""

    answers: Path | None = None
    """The file that keeps what models answered, for whoever asks the same again; None: nothing is kept."""
    account: str = ""
    """Whose budget what is asked is booked to: that of the recipe, whoever else asks for it."""
    budget: Budget = UNBOUNDED
    say: Callable[[str, int, int], None] = _silent
    """(how it stands, how much is done, of how much)"""
    base: Path | None = None
    """The folder that paths in parameters start from; None: the working folder."""


NOTHING = Means()
"""Keeps no answers, and says nothing."""
