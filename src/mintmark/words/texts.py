"""The texts of a table: one string a row, or None where there is none."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from mintmark.errors import DataError, UnknownName

Column = str | Annotated[tuple[str, ...], Field(min_length=1)]
"""One text column, or several that are read as one text, a line for each."""


def texts(rows: pa.Table, column: Column) -> list[str | None]:
    """What a column holds, or several joined by line breaks; a text is None where all of them are missing.

    Raises UnknownName where there is no such column, and DataError where one holds no text.
    """
    parts = [_one(rows, name) for name in names(column)]
    if len(parts) == 1:
        return parts[0]
    return [_joined(row) for row in zip(*parts, strict=True)]


def names(column: Column) -> tuple[str, ...]:
    """The columns that are meant."""
    return (column,) if isinstance(column, str) else tuple(column)


def plain(text: str) -> str:
    """The same text without what does not matter to its meaning: compatible forms of letters, and capitals.

    Normalisation form KC (Unicode Standard Annex 15), then case folding.
    """
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def short(text: str, most: int = 160) -> str:
    """A text on one line, cut where it is long: as people are shown it."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def is_blank(text: str | None) -> bool:
    """Is there nothing to read?"""
    return text is None or not text.strip()


def _one(rows: pa.Table, name: str) -> list[str | None]:
    if name not in rows.column_names:
        raise UnknownName("column", name, rows.column_names)
    held = rows.schema.field(name).type
    stored = held.value_type if pa.types.is_dictionary(held) else held
    if pa.types.is_null(stored):
        return [None] * len(rows)
    if not (pa.types.is_string(stored) or pa.types.is_large_string(stored)):
        read = [
            each.name for each in rows.schema if pa.types.is_string(each.type) or pa.types.is_large_string(each.type)
        ]
        fix = f"columns of text: {', '.join(read[:20]) or 'none'}"
        raise DataError(f"column {name} holds no text", found=str(held), fix=fix)
    return rows[name].to_pylist()


def _joined(parts: Sequence[str | None]) -> str | None:
    there = [part for part in parts if part is not None]
    return "\n".join(there) if there else None
