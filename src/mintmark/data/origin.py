"""Where each row came from: a few makings, and for every run of rows which of them made it, in which order.

Rows that one step made in one shard, one below the other, are one run: a million rows are ten runs. Rows that are
picked singly are runs of one. A side table, one row a run, says it all; no column is added to the data.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import ipc

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import DataError

REAL, SYNTHETIC, AUGMENTED, UNKNOWN = "real", "synthetic", "augmented", "unknown"
ORIGINS = (REAL, SYNTHETIC, AUGMENTED, UNKNOWN)
"""Of the world; made; made from rows of the world, each from few; nobody says."""
MADE = (SYNTHETIC, AUGMENTED)
"""Rows that somebody's generator made."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Making:
    """How a run of rows came about; None where there is no such thing, or nobody knows."""

    origin: str
    depth: int | None = None
    """Generations between the row and the world: 0 for a real row."""
    real_share: float | None = None
    """Of what it stands on: 1 for a real row, for a made one the real share of what was learnt from."""
    step: str | None = None
    """The step that made it, as the recipe calls it."""
    generator: str | None = None
    version: str | None = None
    """The package that brings the generator, with its version."""
    parameters: Digest | None = None
    """Of the generator's parameters: they stand under the step in the dataset's entry."""
    seed: str | None = None
    """The step's place in the tree of random streams; shard n drew from `SEED/sample/n`."""
    given: "Making | None" = None
    """How the rows that it completes were made: row n was given row n."""
    where: str | None = None
    """What was asked of the rows, as JSON; which of it a row meets stands in its own columns."""
    data: Digest | None = None
    """What was learnt from; of a row from outside, the data that it stands in."""
    recipe: Digest | None = None
    teacher: str | None = None
    """The model that wrote it."""
    prompt: str | None = None
    basis: str | None = None
    """How it is known where it, or what it was learnt from, comes from, in words."""

    def __post_init__(self) -> None:
        if self.origin not in ORIGINS:
            raise DataError("this is no origin of a row", found=repr(self.origin), fix=f"one of {', '.join(ORIGINS)}")
        wrong = [name for name, kind in _KINDS.items() if not isinstance(getattr(self, name), kind | None)]
        if wrong or (self.depth or 0) < 0 or not 0 <= (self.real_share or 0) <= 1:
            raise DataError("this does not say how a row was made", found=", ".join(wrong) or repr(self))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**vars(self), "given": self.given.to_json() if self.given else None}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Making":
        """The inverse of `to_json`; DataError where the body is none."""
        given = body.get("given")
        try:
            return cls(**{**body, "given": cls.from_json(given) if given else None})
        except (TypeError, AttributeError, RecursionError) as error:
            raise DataError("this does not say how a row was made", found=str(error)) from error


_KINDS = {field.name: {"depth": int, "real_share": float | int, "given": Making}.get(field.name, str)
          for field in fields(Making)}  # fmt: skip


@dataclass(frozen=True)
class Whence:
    """Where one row came from."""

    making: Making
    shard: int | None
    row: int
    """Its number in its step, or in the data from outside that it stands in; the first is 0."""


@dataclass(frozen=True, eq=False)
class Origins:
    """The runs of a table, in order; whatever is equal is said once, so that equal origins are told alike."""

    makings: tuple[Making, ...]
    rows: Ints
    """(runs,) how long each is."""
    making: Ints
    """(runs,) its place among `makings`."""
    shard: Ints
    """(runs,) −1 where there are no shards."""
    first: Ints
    """(runs,) the number that its first row had in its step; the others count on."""

    @classmethod
    def of(cls, making: Making, rows: int, *, shard: int = -1, first: int = 0) -> "Origins":
        """The origins of one run."""
        return _merged((making,), *(np.array([n], np.int64) for n in (rows, 0, shard, first)))

    @classmethod
    def concat(cls, parts: Sequence["Origins"]) -> "Origins":
        """The origins of tables that stand one below the other."""
        known = {making: place for place, making in enumerate(dict.fromkeys(m for part in parts for m in part.makings))}
        moved = [np.array([known[m] for m in part.makings], np.int64)[part.making] for part in parts]
        none = [np.zeros(0, np.int64)]
        return _merged(
            tuple(known),
            np.concatenate([*none, *(part.rows for part in parts)]),
            np.concatenate([*none, *moved]),
            np.concatenate([*none, *(part.shard for part in parts)]),
            np.concatenate([*none, *(part.first for part in parts)]),
        )

    def __len__(self) -> int:
        return int(self.rows.sum())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origins) and self.to_arrow().equals(other.to_arrow())

    __hash__ = None  # type: ignore[assignment]

    def take(self, places: NDArray[Any]) -> "Origins":
        """The origins of these rows, in this order, each as often as it is named."""
        places = np.asarray(places, np.int64)
        if len(places) and (places.min() < 0 or places.max() >= len(self)):
            wrong = int(places.min() if places.min() < 0 else places.max())
            raise DataError("there is no such row", found=f"{wrong:,}", fix=f"rows go from 0 to {len(self) - 1:,}")
        run = np.searchsorted(self._ends, places, side="right")
        first = self.first[run] + places - self._starts[run]
        return _merged(self.makings, np.ones(len(places), np.int64), self.making[run], self.shard[run], first)

    def slice(self, start: int, rows: int) -> "Origins":
        """The origins of so many rows from `start` on, or of as many as there are."""
        begin = np.clip(self._starts, start, start + rows)
        left = np.clip(self._ends, start, start + rows) - begin
        return _merged(self.makings, left, self.making, self.shard, self.first + begin - self._starts)

    def at(self, row: int) -> Whence:
        """Where one row came from; DataError where there is no such row."""
        one = self.take(np.array([row]))
        shard = int(one.shard[0])
        return Whence(one.makings[0], shard if shard >= 0 else None, int(one.first[0]))

    def mask(self, *origins: str) -> NDArray[np.bool_]:
        """Which rows are of these origins, shape (n,)."""
        wanted = np.array([making.origin in origins for making in self.makings], bool)
        return np.repeat(wanted[self.making], self.rows)

    @property
    def shares(self) -> dict[str, float]:
        """The share of the rows of each origin that there is."""
        return self._by(lambda making: making.origin)

    @property
    def depths(self) -> dict[int | None, float]:
        """The share of the rows of each depth."""
        return dict(sorted(self._by(lambda making: making.depth).items(), key=lambda pair: (pair[0] is None, pair[0])))

    @property
    def depth(self) -> int | None:
        """The most generations that any row lies from the world; None where that of some row is not known."""
        depths = [making.depth for making in self.makings]
        return None if None in depths else max((depth for depth in depths if depth is not None), default=0)

    @property
    def real_share(self) -> float | None:
        """Of the rows, by weight; None where of some nobody says whether they are real."""
        shares = self.shares
        return None if UNKNOWN in shares else shares.get(REAL, 0.0)

    @property
    def standing(self) -> float | None:
        """How much of what the rows stand on is real, by weight; None where that of some row is not known.

        A real row stands on itself. So real rows among made ones never lower it, and made ones that were learnt from
        real rows do not either: what lowers it is what was learnt from made rows.
        """
        shares = np.array([np.nan if m.real_share is None else m.real_share for m in self.makings])
        found = float(np.average(shares[self.making], weights=self.rows)) if len(self) else np.nan
        return None if np.isnan(found) else found

    def to_arrow(self) -> pa.Table:
        """The side table: a row for each run, with its first row in the data, its length and all of its making."""
        columns: dict[str, Any] = {"start": self._starts, "rows": self.rows, "first": self.first}
        columns["shard"] = pa.array(self.shard, mask=self.shard < 0)
        for name, type_ in _MAKING.items():
            told = pa.array([_written(getattr(making, name)) for making in self.makings], _plain(type_))
            told = told.dictionary_encode().cast(type_) if type_ == _WORD else told
            columns[name] = told.take(pa.array(self.making))
        return pa.table(columns)

    @classmethod
    def from_arrow(cls, table: pa.Table, *, where: str = "") -> "Origins":
        """The inverse of `to_arrow`; DataError where the table is none, or has gaps."""
        try:
            table = table.select([*_NUMBERS, *_MAKING])
            rows, start, first, shard = (
                table[name].cast(pa.int64()).fill_null(-1).to_numpy() for name in ("rows", "start", "first", "shard")
            )
            codes = np.stack([_codes(table[name].cast(type_)) for name, type_ in _MAKING.items()])
        except (KeyError, ValueError, TypeError, pa.ArrowException) as error:
            raise DataError("this is no table of origins", where=where, found=str(error)) from error
        if (rows < 1).any() or (first < 0).any() or not np.array_equal(start, np.cumsum(rows) - rows):
            raise DataError("the runs of rows have gaps", where=where, fix="take the file as it was written")
        _, single, which = np.unique(codes, axis=1, return_index=True, return_inverse=True)
        told = table.select(list(_MAKING)).take(pa.array(single)).to_pylist()
        return _merged(tuple(_read(row, where) for row in told), rows, which.ravel().astype(np.int64), shard, first)

    def _by(self, key: Any) -> dict[Any, float]:
        out: dict[Any, int] = {}
        counted = np.bincount(self.making, self.rows, minlength=len(self.makings))
        for making, rows in zip(self.makings, counted, strict=True):
            out[key(making)] = out.get(key(making), 0) + int(rows)
        return {name: rows / len(self) for name, rows in out.items()}

    @cached_property
    def _ends(self) -> Ints:
        return np.cumsum(self.rows)

    @cached_property
    def _starts(self) -> Ints:
        return self._ends - self.rows


def packed(tables: Mapping[str, Origins]) -> bytes:
    """The side tables of all tables of a dataset as one Arrow stream, with the table's name before each run."""
    sides = [(name, origins.to_arrow()) for name, origins in tables.items()]
    named = [side.add_column(0, "table", pa.array([name] * side.num_rows, pa.string())) for name, side in sides]
    whole = pa.concat_tables(named).unify_dictionaries().combine_chunks()
    buffer = pa.BufferOutputStream()
    with ipc.new_stream(buffer, whole.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(whole)
    return buffer.getvalue().to_pybytes()


def unpacked(data: bytes, *, where: str = "") -> dict[str, Origins]:
    """The inverse of `packed`; DataError where the bytes are none."""
    try:
        with ipc.open_stream(data) as stream:
            whole = stream.read_all()
        names = np.array(whole["table"].cast(pa.string()).to_pylist(), object)
    except (pa.ArrowException, KeyError, OSError) as error:
        raise DataError("this is no table of origins", where=where, found=str(error)) from error
    found = dict.fromkeys(names.tolist())
    return {str(name): Origins.from_arrow(whole.filter(pa.array(names == name)), where=where) for name in found}


def chain(making: Making) -> Iterator[Making]:
    """A making, what it was given, what that was given, and so on."""
    step: Making | None = making
    while step is not None:
        yield step
        step = step.given


_WORD = pa.dictionary(pa.int32(), pa.string())
_MAKING = {
    field.name: {"depth": pa.int64(), "real_share": pa.float64()}.get(field.name, _WORD) for field in fields(Making)
}
_NUMBERS = ("start", "rows", "first", "shard")


def _plain(type_: pa.DataType) -> pa.DataType:
    return pa.string() if type_ == _WORD else type_


def _codes(column: pa.ChunkedArray) -> Ints:
    """A number for each value, the same for equal ones; −1 where there is none."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    flat = column.unify_dictionaries().combine_chunks()
    return pc.fill_null(flat.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _merged(makings: tuple[Making, ...], rows: Ints, making: Ints, shard: Ints, first: Ints) -> Origins:
    """Runs that go on where the one before them ends become one, and makings of no row are forgotten."""
    some = rows > 0
    rows, making, shard, first = rows[some], making[some], shard[some], first[some]
    goes_on = (making[1:] == making[:-1]) & (shard[1:] == shard[:-1]) & (first[1:] == first[:-1] + rows[:-1])
    begins = np.flatnonzero(np.append(True, ~goes_on)) if len(rows) else np.zeros(0, np.int64)
    rows = np.add.reduceat(rows, begins) if len(rows) else rows
    making, shard, first = making[begins], shard[begins], first[begins]
    used, at = np.unique(making, return_index=True)
    order = used[np.argsort(at)]
    moved = np.zeros(len(makings), np.int64)
    moved[order] = np.arange(len(order))
    return Origins(tuple(makings[place] for place in order), rows, moved[making], shard, first)


def _written(value: Any) -> Any:
    return digest.canonical(value.to_json()).decode() if isinstance(value, Making) else value


def _read(row: Mapping[str, Any], where: str) -> Making:
    try:
        given = json.loads(row["given"]) if row["given"] else None
    except (ValueError, RecursionError) as error:
        raise DataError("this does not say what was given", where=where, found=str(row["given"])[:80]) from error
    return Making.from_json({**row, "given": given})
