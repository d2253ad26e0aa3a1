"""How long work says how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""(what is being done, how much of it is done, of how much); what follows a comma may change as it goes on."""


def silent(what: str, done: int, total: int) -> None:
    """Says nothing."""
    del what, done, total


def judging(progress: Progress) -> Progress:
    """Tells the metrics' progress as that of one act."""
    return lambda metric, done, total: progress(f"judging, {metric}", done, total)
