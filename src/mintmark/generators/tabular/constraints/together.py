"""Columns whose values exist only in certain combinations are learnt as one: `together(city, country)`.

Only combinations that at least `rare` training rows show are kept, and only these are made. A row that bears a rarer
one is learnt with a common one in its place, so that nothing of it is stored: one that shares a value with it, where
there is such a one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays, constraints
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import ConditionError, DataError
from mintmark.generators.tabular.constraints.form import Known

COARSE = 3
"""A column with so many times fewer values than there are combinations is learnt beside these."""
MOST = 20_000
"""So many combinations can be one column, at most."""


@dataclass(frozen=True)
class Together:
    """Columns, and the combinations of their values."""

    columns: tuple[Column, ...]
    combos: pa.Table
    """One row for each combination, by falling frequency: levels as text, all other values as they are stored."""
    counts: NDArray[np.int64]
    """(combinations,) training rows that show each."""
    composite: Column

    @property
    def defines(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(column.name for column in self.columns)

    @property
    def reads(self) -> tuple[str, ...]:
        """None."""
        return ()

    @property
    def latent(self) -> tuple[Column, ...]:
        """The combination, under the name of the column with most values; and the coarse ones among the others.

        Of these the combination is the finer: methods that learn what is coarse first go on from there.
        """
        return (self.composite, *self.coarse)

    @property
    def said(self) -> str:
        """How it meets the constraint, in words."""
        return f"{', '.join(self.defines)} are learnt as one column of {len(self.counts)} combinations"

    @cached_property
    def coarse(self) -> tuple[Column, ...]:
        """Columns that take far fewer values than there are combinations."""
        return tuple(
            column
            for column in self.columns
            if column.name != self.composite.name
            and column.kind not in (Kind.TEXT, Kind.KEY)
            and COARSE * len(self.stored[column.name].unique()) <= len(self.counts)
        )

    @cached_property
    def stored(self) -> dict[str, pa.Array]:
        """The combinations in the storage types of their columns."""
        return {column.name: _typed(self.combos[column.name], column) for column in self.columns}

    def forward(self, known: Known, rng: np.random.Generator) -> dict[str, pa.Array]:
        """The combination of each row; of those that are too rare to be kept, a common one that is like it."""
        places = self.places(known)
        for name in sorted(self.defines, key=lambda name: -len(self.stored[name].unique())):
            rows = np.flatnonzero(places < 0)
            part = {name: known[name].take(pa.array(rows))}
            alike = np.flatnonzero(self.places(part, (name,)) >= 0)
            if len(alike):
                there = {name: part[name].take(pa.array(alike))}
                places[rows[alike]] = self.matching(there, (name,), rng)
        lost = np.flatnonzero(places < 0)
        places[lost] = rng.choice(len(self.counts), size=len(lost), p=self.counts / self.counts.sum())
        told = {column.name: self.stored[column.name].take(pa.array(places)) for column in self.coarse}
        return {self.composite.name: arrays.from_codes(places, self.composite)} | told

    def inverse(self, known: Known, latent: Known) -> dict[str, pa.Array]:  # noqa: ARG002
        """The columns of each combination."""
        places = pa.array(arrays.codes(latent[self.composite.name], self.composite), pa.int64())
        return {name: column.take(places) for name, column in self.stored.items()}

    def places(self, known: Known, names: tuple[str, ...] | None = None) -> NDArray[np.int64]:
        """Which combination each row bears in these columns (by default all), the most frequent first; −1 for none."""
        names = names or self.defines
        table = pa.table({name: known[name] for name in names})
        codes, _ = constraints.combinations([pa.table({name: self.stored[name] for name in names}), table], names)
        combos, rows = codes[: len(self.counts)], codes[len(self.counts) :]
        distinct, first = np.unique(combos, return_index=True)
        at = np.searchsorted(distinct, rows)
        at = np.minimum(at, len(distinct) - 1)
        return np.where(distinct[at] == rows, first[at], -1)

    def matching(self, known: Known, names: tuple[str, ...], rng: np.random.Generator) -> NDArray[np.int64]:
        """For rows of which these columns are known: a combination that bears their values, drawn by its frequency.

        Raises ConditionError for values that stand in none.
        """
        first = self.places(known, names)
        lost = np.flatnonzero(first < 0)
        if len(lost):
            found = ", ".join(f"{name}: {known[name][int(lost[0])]}" for name in names)
            raise ConditionError(f"no combination of {', '.join(self.defines)} has these values", found=found,
                                 fix="give values that enough training rows show together")  # fmt: skip
        own = self.places(self.stored, names)
        out = np.empty(len(first), np.int64)
        for head in np.unique(first):
            rows, alike = np.flatnonzero(first == head), np.flatnonzero(own == head)
            out[rows] = rng.choice(alike, size=len(rows), p=self.counts[alike] / self.counts[alike].sum())
        return out

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads, but for the combinations themselves."""
        return {"form": "together", "columns": list(self.defines), "counts": self.counts.tolist(),
                "composite": self.composite.to_json()}  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any], schema: TableSchema, combos: pa.Table) -> "Together":
        """The inverse of `to_json`."""
        columns = tuple(schema[name] for name in body["columns"])
        return cls(columns, combos, np.array(body["counts"], np.int64), Column.from_json(body["composite"]))


def learnt(columns: tuple[Column, ...], known: Known, *, rare: int) -> Together:
    """The form, from training rows; DataError where no combination, or too many, can be kept."""
    names = [column.name for column in columns]
    codes, _ = constraints.combinations([pa.table({name: known[name] for name in names})], names)
    _, first, counts = np.unique(codes, return_index=True, return_counts=True)
    kept = np.flatnonzero(counts >= rare)
    # Ties are broken by the values, so that the order of rows never shows.
    shown = [tuple(str(arrays.text(known[name].take(pa.array([first[at]])))[0]) for name in names) for at in kept]
    kept = kept[sorted(range(len(kept)), key=lambda at: (-counts[kept[at]], shown[at]))]
    where = f"together({', '.join(names)})"
    if not len(kept):
        raise DataError(f"no combination is shown by at least {rare} rows", where=where,
                        fix="leave this constraint out, or name columns with fewer values")  # fmt: skip
    if len(kept) > MOST:
        raise DataError("there are too many combinations to be learnt as one column", where=where,
                        found=f"{len(kept):,}", fix=f"at most {MOST:,} can be")  # fmt: skip
    rows = pa.array(first[kept])
    combos = pa.table({column.name: _plain(known[column.name].take(rows), column) for column in columns})
    levels = tuple(str(place) for place in range(len(kept)))
    finest = max(names, key=lambda name: len(combos[name].unique()))
    return Together(columns, combos, counts[kept], Column(finest, Kind.CATEGORY, pa.string(), levels=levels))


def _plain(values: pa.Array, column: Column) -> pa.Array:
    return arrays.text(values) if column.discrete else values


def _typed(values: pa.ChunkedArray, column: Column) -> pa.Array:
    flat = values.combine_chunks()
    if not column.discrete:
        return flat
    # What is never made is in no dictionary either.
    shown = set(flat.to_pylist())
    known = replace(column, levels=tuple(level for level in column.levels if level in shown))
    return arrays.from_codes(arrays.codes(flat, known), known)
