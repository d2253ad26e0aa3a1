"""Equal numbers of real and synthetic texts: what questions about writing are put to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark.data import arrays
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


@dataclass(frozen=True)
class Labelled:
    """Texts in random order, each with its class."""

    texts: list[str]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def of(self, known: Sequence[str]) -> "Labelled":
        """Those of these classes."""
        pairs = [pair for pair in zip(self.texts, self.labels, strict=True) if pair[1] in set(known)]
        return Labelled([text for text, _ in pairs], [label for _, label in pairs])

    def first(self, count: int) -> "Labelled":
        """So many of them."""
        return Labelled(self.texts[:count], self.labels[:count])

    def rest(self, count: int) -> "Labelled":
        """All but the first so many."""
        return Labelled(self.texts[count:], self.labels[count:])


def labelled(
    data: Dataset, columns: Sequence[str], target: str | None, rng: np.random.Generator, most: int | None = None
) -> Labelled:
    """At most so many texts with their classes; CannotMeasure where nothing with classes is predicted."""
    if target is None:
        raise CannotMeasure("no column is named as the one that is predicted")
    if target not in data.columns:
        raise CannotMeasure(f"the column that is predicted, {target}, is not in all data")
    if not data.columns[target].discrete:
        raise CannotMeasure("the column that is predicted has no classes")
    table = data.table.take(pa.array(rng.permutation(len(data))[:most]))
    labels = arrays.text(table[target]).to_pylist()
    read = texts(table, tuple(columns))
    kept = [place for place, text in enumerate(read) if text and text.strip() and labels[place] is not None]
    return Labelled([str(read[place]) for place in kept], [labels[place] for place in kept])


def classes(one: Labelled, other: Labelled, *, fewest: int) -> list[str]:
    """The classes that both sides have so often, in order of name; CannotMeasure where there are no two."""
    counts = [Counter(side.labels) for side in (one, other)]
    found = sorted(name for name in counts[0] if min(count[name] for count in counts) >= fewest)
    if len(found) < 2:
        raise CannotMeasure(f"there are no two classes of which both sides have {fewest} texts")
    return found


def _is_text(data: Dataset, name: str) -> bool:
    if name not in data.columns:
        return False
    held = data.table.schema.field(name).type
    held = held.value_type if pa.types.is_dictionary(held) else held
    return pa.types.is_string(held) or pa.types.is_large_string(held)
