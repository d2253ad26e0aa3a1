"""What a reader hands back: a table, how far its types can be trusted, and what had to be guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import pyarrow as pa

DEFAULT_MISSING = (
    "", "NA", "N/A", "n/a", "na", "#N/A", "#NA", "<NA>", "NaN", "nan", "NAN", "NULL", "Null", "null", "None", "?",
)  # fmt: skip
"""Texts that mean that nobody knows."""


class Told(Enum):
    """How much a source says about the types of its columns."""

    NOTHING = "every cell is text"
    NO_TIMES = "numbers are numbers, but dates and times are written as text"
    EVERYTHING = "types are as stored"


@dataclass(frozen=True)
class Request:
    """What is asked of a reader, beyond the place."""

    missing: Sequence[str] = DEFAULT_MISSING
    table: str | None = None
    query: str | None = None


@dataclass(frozen=True)
class Found:
    """A table as its source holds it."""

    table: pa.Table
    told: Told = Told.EVERYTHING
    notes: tuple[str, ...] = ()
    comma: bool = False
    """The source separates cells by something else, so a comma inside a number can be its decimal point."""
