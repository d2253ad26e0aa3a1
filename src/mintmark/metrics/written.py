"""Equal numbers of real and synthetic texts: what questions about writing are put to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import CannotMeasure
from mintmark.metrics.enough import MINIMUM, enough
from mintmark.metrics.metric import Case, Role
from mintmark.words.texts import texts

MOST = 20_000
"""Most texts of either side that are read."""


@dataclass(frozen=True)
class Written:
    """Texts of both sides in random order, without those that are missing or empty."""

    columns: tuple[str, ...]
    real: list[str]
    made: list[str]
    note: dict[str, Any]
    """What a reading's details say of what was read: see `note`."""

    @property
    def n(self) -> int:
        """Texts on each side."""
        return len(self.real)


def written(case: Case, rng: np.random.Generator, most: int = MOST) -> Written:
    """As many real as synthetic texts, drawn at random; CannotMeasure where there is no text, or little of it."""
    real, made = case.reference, case.need(Role.SYNTHETIC)
    columns = columns_of_text(real, made)
    sides = [some(data, columns, rng, most) for data in (real, made)]
    enough(MINIMUM, real=len(sides[0]), synthetic=len(sides[1]))
    n = min(map(len, sides))
    return Written(columns, sides[0][:n], sides[1][:n], note(real, columns))


def columns_of_text(real: Dataset, *others: Dataset) -> tuple[str, ...]:
    """The columns that hold text in the real data, and in all others; CannotMeasure where there are none."""
    found = tuple(
        column.name
        for column in real.columns.columns
        if column.kind == Kind.TEXT and all(_is_text(data, column.name) for data in (real, *others))
    )
    if not found:
        raise CannotMeasure("no column that all the data share holds text")
    return found


def note(real: Dataset, columns: Sequence[str]) -> dict[str, Any]:
    """What a reading's details say of what was read: the columns of text, and those that not all data hold."""
    lacking = [each.name for each in real.columns.columns if each.kind == Kind.TEXT and each.name not in columns]
    left_out = dict.fromkeys(lacking[:50], "not there, or no text, in other data")
    return {"texts": list(columns[:50]), **({"left_out": left_out} if left_out else {})}


def some(data: Dataset, columns: Sequence[str], rng: np.random.Generator, most: int = MOST) -> list[str]:
    """At most so many texts, in random order; several columns are read as one text."""
    picked = rng.permutation(len(data))[:most]
    rows = data.table.select(list(columns)).take(pa.array(picked))
    return [text for text in texts(rows, tuple(columns)) if text and text.strip()]


def _is_text(data: Dataset, name: str) -> bool:
    if name not in data.columns:
        return False
    held = data.table.schema.field(name).type
    held = held.value_type if pa.types.is_dictionary(held) else held
    return pa.types.is_string(held) or pa.types.is_large_string(held)
