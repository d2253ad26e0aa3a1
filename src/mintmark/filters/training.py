"""The training texts that a filter compares with."""

from mintmark.data.dataset import Dataset
from mintmark.errors import DataError
from mintmark.words.texts import Column, names, texts


def training(real: Dataset | None, column: Column) -> list[str]:
    """The training texts, where there are training rows that have these columns."""
    wanted = set(names(column))
    tables = [table for table in real.tables.values() if wanted <= set(table.column_names)] if real else []
    return [text for table in tables for text in texts(table, column) if text and text.strip()]


def needed(real: Dataset | None, column: Column, what: str) -> list[str]:
    """The same, where a filter cannot do without them; DataError where there are none."""
    found = training(real, column)
    if not found:
        held = sorted({name for table in real.tables.values() for name in table.column_names}) if real else []
        fix = "give the step training rows" if not real else f"their columns: {', '.join(held[:20])}"
        raise DataError(f"{what} needs training texts in {' and '.join(names(column))}", found="none", fix=fix)
    return found


def whose(row: int) -> str:
    """Which row it is, in words; −1 is a training row."""
    return "a training row" if row < 0 else f"row {row:,} of those sifted"
