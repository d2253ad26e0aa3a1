"""The whole story of one row: from the record that published it, or from the folder that it was released in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mintmark import digest
from mintmark.data import sources
from mintmark.data.origin import REAL, UNKNOWN, Making, Origins, Whence, chain
from mintmark.data.sources import released
from mintmark.digest import Digest
from mintmark.errors import InputError, LedgerError, UnknownName
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import open_dataset

SHOWN = 1200
"""Letters of a step's parameters in words: a model's script alone can fill pages."""


@dataclass(frozen=True)
class RowOrigin:
    """Where one row came from, with what the digests in it stand for."""

    dataset: str
    digest: Digest
    table: str
    row: int
    whence: Whence
    parameters: Mapping[str, Any] | None
    """The generator's; None where there is none, or the record is not at hand."""
    cells: Mapping[str, Any]
    """What stands in the row under the columns that were asked for."""

    @property
    def making(self) -> Making:
        """How it came about."""
        return self.whence.making

    @property
    def stream(self) -> str | None:
        """The random stream that it was drawn from."""
        return f"{self.making.seed}/sample/{self.whence.shard}" if self.making.seed else None

    def to_json(self) -> dict[str, Any]:
        """What `mintmark lineage NAME --row N --json` answers."""
        making = self.making.to_json()
        return {
            "dataset": self.dataset,
            "digest": self.digest,
            "table": self.table,
            "row": self.row,
            **making,
            "parameters": {"digest": self.making.parameters, "values": self.parameters},
            "shard": self.whence.shard,
            "stream": self.stream,
            "row_there": self.whence.row,
            "where": json.loads(self.making.where) if self.making.where else None,
            "cells": dict(self.cells),
        }

    @property
    def lines(self) -> Iterator[str]:
        """The same in words, a line each."""
        yield f"row {self.row:,} of {self.table} in {self.dataset} ({_brief(self.digest)})"
        making = self.making
        yield f"{making.origin}: {_made(making, self.whence.row)}"
        if self.parameters is not None:
            told = json.dumps(self.parameters, ensure_ascii=False)
            told = told if len(told) <= SHOWN else f"{told[:SHOWN]}… (all of it in JSON)"
            yield f"parameters: {told} ({_brief(making.parameters)})"
        elif making.parameters:
            yield f"parameters: {_brief(making.parameters)}, which the record holds"
        if self.stream:
            yield f"drawn from the random stream {self.stream}, in shard {self.whence.shard}"
        for given in list(chain(making))[1:]:
            yield f"it completes {_made(given, self.whence.row)}, from {given.seed}/sample/{self.whence.shard}"
        if making.where:
            held = ", ".join(f"{name} is {value}" for name, value in self.cells.items())
            yield f"asked of its step: {making.where}; in this row {held}"
        if making.generator:
            yield f"learnt from: {_brief(making.data) or 'nothing'}; {making.basis}"
            yield f"teacher: {making.teacher or 'none'}; prompt: {making.prompt or 'none'}"
        elif making.basis:
            yield f"how that is known: {making.basis}"
        yield _far(making)
        if making.recipe:
            yield f"recipe {_brief(making.recipe)}"


def row_origin(name: str | Path, row: int, *, table: str | None = None, ledger: Path | str = ".mintmark") -> RowOrigin:
    """Where a row of a dataset came from; the first row is 0.

    `name` is that of a dataset of the record, its digest or its entry's number, or a released folder, which answers by
    itself. Raises UnknownName for a dataset or a table that is not there, InputError for a row that is not, LedgerError
    where origins were not recorded, and DataError where they are not as they were signed.
    """
    if isinstance(row, bool) or not isinstance(row, int | np.integer):
        raise InputError("a row is a whole number, 0 or more", found=repr(row))
    folder = Path(name)
    if (folder / released.STATEMENT).is_file():
        return _of_release(folder, int(row), table)
    return _of_record(Ledger.open(Path(ledger), create=False), str(name), int(row), table)


def _of_record(record: Ledger, name: str, row: int, table: str | None) -> RowOrigin:
    version = open_dataset(record, name)
    table = _table(table, version.rows())
    whence = _at(version.origins(table), row, version.name)
    asked = list(json.loads(whence.making.where)) if whence.making.where else []
    cells = version.taken(table, np.array([row])).select(asked) if asked else None
    return RowOrigin(version.name, version.entry.subject, table, row, whence, _recorded(record, whence.making),
                     _cells(cells))  # fmt: skip


def _of_release(folder: Path, row: int, table: str | None) -> RowOrigin:
    sides = released.sides(folder)
    try:
        told = json.loads((folder / "evidence.json").read_bytes())
        dataset, made = told["dataset"], told["provenance"]
        table = _table(table, sides or dataset["rows"])
        whence = _at(sides.get(table), row, str(folder))
        known = made["parameters"].get(whence.making.step)
        asked = list(json.loads(whence.making.where)) if whence.making.where else []
        cells = sources.read(folder).table.slice(row, 1).select(asked) if asked else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        fix = f"see what was altered: mintmark verify {folder}"
        raise LedgerError("this release cannot be understood", where=str(folder), found=str(error), fix=fix) from error
    return RowOrigin(dataset["name"], dataset["digest"], table, row, whence, _same(known, whence.making), _cells(cells))


def _table(wanted: str | None, there: Mapping[str, Any]) -> str:
    if wanted is None:
        if len(there) != 1:
            raise InputError("say which table is meant: --table", found=", ".join(there))
        return next(iter(there))
    if wanted not in there:
        raise UnknownName("table", wanted, there)
    return wanted


def _at(origins: Origins | None, row: int, where: str) -> Whence:
    if origins is None:
        fix = "make it again: mintmark run"
        raise LedgerError("where its rows came from was not recorded", where=where, fix=fix)
    if not 0 <= row < len(origins):
        fix = f"rows go from 0 to {len(origins) - 1:,}"
        raise InputError("there is no such row", where=where, found=f"{row:,}", fix=fix)
    return origins.at(row)


def _recorded(record: Ledger, making: Making) -> Mapping[str, Any] | None:
    """The parameters behind a digest, from the entry of whichever dataset the step made rows for."""
    for entry in record.find(Act.DATASET):
        if making.step and entry.body.get("recipe_digest") == making.recipe:
            known = _same((entry.body["steps"].get(making.step) or {}).get("parameters"), making)
            if known is not None:
                return known
    return None


def _same(known: Any, making: Making) -> Mapping[str, Any] | None:
    return known if isinstance(known, dict) and digest.of_json(known) == making.parameters else None


def _cells(cells: pa.Table | None) -> dict[str, Any]:
    return {} if cells is None else {name: str(cells[name][0]) for name in cells.column_names}


def _made(making: Making, row: int) -> str:
    if making.generator:
        return f"row {row:,} of step {making.step}, made by {making.generator} ({making.version})"
    return f"row {row:,} of the data {_brief(making.data)}, which were not made here"


def _far(making: Making) -> str:
    if making.origin == REAL:
        return "of the world: no generation lies between"
    if making.origin == UNKNOWN or making.depth is None:
        return "how far it is from the world is not known"
    far = f"{making.depth} generation{'s' if making.depth != 1 else ''} from the world"
    if making.real_share is None:
        return f"{far}; how much of what it was learnt from is real is not known"
    return f"{far}; of what it was learnt from {making.real_share:.0%} is real"


def _brief(found: Digest | None) -> str:
    return found[:19] if found else ""
