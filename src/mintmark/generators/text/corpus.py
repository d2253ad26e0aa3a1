"""Texts that a method starts from: those of the training rows, each once, or none, for it may be given rows instead."""

from collections.abc import Sequence
from pathlib import Path

from mintmark.data.dataset import Dataset
from mintmark.errors import DataError
from mintmark.generators import storage
from mintmark.generators.text import tables

Texts = tuple[str, ...]


def learn(real: Dataset | None, column: str, what: str) -> Texts:
    """The different texts of a column, in order; none where the training rows have no such column."""
    there = tables.holds(real, column)
    return tuple(dict.fromkeys(tables.texts(there, column, what))) if there else ()


def need(texts: Texts, called: str, column: str, what: str) -> Texts:
    """The texts; DataError where there are none, and no rows were given either."""
    if not texts:
        raise DataError(f"{what} has no {called}", found="neither given rows nor training rows with them",
                        fix=f"name real data with a column {column}, or give rows")  # fmt: skip
    return texts


def save(folder: Path, method: str, called: str, texts: Sequence[str]) -> None:
    """Writes `model.json`, which holds them under that name."""
    storage.write(folder, method, {called: list(texts)})


def load(folder: Path, method: str, called: str) -> Texts:
    """Reads what `save` wrote; LedgerError where it was altered."""
    body, _ = storage.read(folder, method)
    with storage.reading(folder):
        return tuple(map(str, body[called]))
