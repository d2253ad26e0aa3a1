"""Tables, their assets and their schema: what is read, generated, assayed and released."""

import html
import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark import digest
from mintmark.data import arrays, content, finite, infer
from mintmark.data.assets import Assets
from mintmark.data.origin import Origins
from mintmark.data.schema import Schema, TableSchema
from mintmark.digest import Digest
from mintmark.errors import DataError, MissingExtra

ROWS = "rows"
"""The name of the only table where nobody gave one."""


@dataclass(frozen=True)
class Dataset:
    """Tables by name, with the schema that says what their columns mean."""

    schema: Schema
    tables: Mapping[str, pa.Table]
    assets: Assets = field(default_factory=Assets)
    origins: Mapping[str, Origins] = field(default_factory=dict, compare=False, repr=False)
    """Where the rows of each table came from, as far as that is recorded; no part of the digest."""

    def __post_init__(self) -> None:
        if set(self.schema.tables) != set(self.tables):
            raise DataError("schema and tables differ", found=f"{sorted(self.schema.tables)} and {sorted(self.tables)}")
        for name, table in self.tables.items():
            if table.schema.names != self.schema[name].names:
                raise DataError(
                    f"table {name} does not hold the columns of its schema", found=", ".join(table.schema.names)
                )
        for name, origins in self.origins.items():
            rows = self.tables[name].num_rows if name in self.tables else 0
            if len(origins) != rows:
                fix = "take the file of origins that was written with these rows"
                found = f"{len(origins):,} origins and {rows:,} rows"
                raise DataError(f"the origins of {name} are not those of its rows", found=found, fix=fix)
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))
        object.__setattr__(self, "origins", MappingProxyType(dict(self.origins)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Dataset, (self.schema, dict(self.tables), self.assets, dict(self.origins))

    @classmethod
    def of(cls, data: Any, *, schema: TableSchema | None = None, name: str = ROWS) -> "Dataset":
        """A one-table dataset from anything that speaks Arrow: pyarrow, pandas, polars, DuckDB, Hugging Face datasets.

        Where no schema is given, kinds are inferred from the values.
        """
        if isinstance(data, Dataset):
            return data
        try:
            table = _arrow(data)
        except (pa.ArrowException, ValueError) as error:
            raise DataError("this cannot be read as a table", found=str(error), fix="mend the columns") from error
        if schema is None:
            infer.refuse_unusable(table)
            table = finite.table(table)
            schema = infer.table_schema(table)
        return cls(Schema({name: schema}), {name: table})

    @property
    def name(self) -> str:
        """The name of the only table."""
        if len(self.tables) != 1:
            raise DataError("this needs exactly one table", found=", ".join(self.tables) or "none")
        return next(iter(self.tables))

    @property
    def table(self) -> pa.Table:
        """The only table."""
        return self.tables[self.name]

    @property
    def columns(self) -> TableSchema:
        """The schema of the only table."""
        return self.schema[self.name]

    def __len__(self) -> int:
        return sum(table.num_rows for table in self.tables.values())

    @cached_property
    def digest(self) -> Digest:
        """What this dataset is named after: its schema's names and types, and its values."""
        tables = {name: content.of_tables([table], table.schema) for name, table in self.tables.items()}
        return digest.of_json({"tables": tables, "assets": list(self.assets)})

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """What was worked out from the values and will be asked for again; no part of what the dataset is."""
        return {}

    def select(self, rows: NDArray[Any], *, of: str | None = None) -> "Dataset":
        """These rows of a table, by position or mask, with all rows of other tables that hang from them."""
        of = of or self._top()
        tables, origins = dict(self.tables), dict(self.origins)
        picked = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows

        def keep(name: str, places: NDArray[Any]) -> None:
            tables[name] = tables[name].take(pa.array(places, pa.int64()))
            if name in origins:
                origins[name] = origins[name].take(places)

        keep(of, picked)
        queue = [of]
        for parent in queue:
            for name, column in self._hanging(parent):
                belongs = _belonging(tables[name], column, tables[parent][self.schema[parent].key])
                # What hangs from two tables loses rows to either, and its own children are looked at again.
                if not belongs.all():
                    keep(name, np.flatnonzero(belongs))
                    queue.append(name)
        return replace(self, tables=tables, origins=origins)

    def _hanging(self, parent: str) -> list[tuple[str, str]]:
        """The tables whose rows belong to rows of this one, and the columns that say so; a table may not own itself."""
        tables = self.schema.tables.items()
        return [
            (name, link.column)
            for name, table in tables
            for link in table.parents
            if link.parent == parent and name != parent
        ]

    def only(self, columns: Iterable[str]) -> "Dataset":
        """The only table with these columns alone."""
        names = list(columns)
        schema = Schema({self.name: self.columns.only(names)})
        return replace(self, schema=schema, tables={self.name: self.table.select(names)})

    def bind(self, more: "Dataset") -> "Dataset":
        """Hangs new tables beneath: the result holds the tables of both; a name may stand only once."""
        both = set(self.tables) & set(more.tables)
        if both:
            raise DataError("a table of this name is here already", found=", ".join(sorted(both)))
        schema = Schema({**self.schema.tables, **more.schema.tables})
        tables, origins = {**self.tables, **more.tables}, {**self.origins, **more.origins}
        return Dataset(schema, tables, self.assets | more.assets, origins)

    def split(self, share: float, *, rng: np.random.Generator, time: str | None = None) -> tuple["Dataset", "Dataset"]:
        """Parts off about `share` of the rows as (rest, part), both in their old order.

        Rows of one group stay together. With `time`, the part holds the latest rows, for the future is what is unseen;
        where rows are grouped it holds the groups that began last. Rows without a time stay with the rest.
        """
        if not 0 < share < 1:
            raise DataError("a share lies between 0 and 1", found=str(share))
        top = self._top()
        part = self._latest(top, time, share) if time else self._drawn(top, share, rng)
        if part.all() or not part.any():
            raise DataError(f"too few rows to part off {share:g} of them", found=f"{len(part)} rows")
        return self.select(~part, of=top), self.select(part, of=top)

    def _drawn(self, top: str, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
        table, group = self.tables[top], self.schema[top].group
        if group is None:
            part = np.zeros(table.num_rows, dtype=bool)
            part[rng.permutation(table.num_rows)[: round(share * table.num_rows)]] = True
            return part
        ids = _entities(table[group])
        count = int(ids.max(initial=-1)) + 1
        chosen = np.zeros(count, dtype=bool)
        order = rng.permutation(count)
        filled = np.cumsum(np.bincount(ids, minlength=count)[order])
        chosen[order[: max(1, int(np.searchsorted(filled, share * len(ids), side="right")))]] = True
        return chosen[ids]

    def _latest(self, top: str, time: str, share: float) -> NDArray[np.bool_]:
        column = self.schema[top][time]
        if not column.numeric:
            raise DataError(f"column {time} holds no times", found=str(column.kind))
        values = arrays.numbers(self.tables[top][time], column)
        if np.isnan(values).all():
            raise DataError(f"column {time} holds no times", found="missing values only")
        group = self.schema[top].group
        if group is not None:
            values = _first_of_each(values, _entities(self.tables[top][group]))
        return np.asarray(values > np.nanquantile(values, 1 - share), dtype=bool)

    def _top(self) -> str:
        tops = [name for name, table in self.schema.tables.items() if not table.parents]
        if len(tops) != 1:
            raise DataError("say which table is meant", found=", ".join(tops))
        return tops[0]

    def to_arrow(self) -> pa.Table:
        """The only table as Arrow."""
        return self.table

    def to_pandas(self) -> Any:
        """The only table as a pandas DataFrame; needs pandas."""
        _need("pandas")
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """The only table as a polars DataFrame; needs polars."""
        return _need("polars").from_arrow(self.table)

    def to_duckdb(self) -> Any:
        """The only table as a DuckDB relation."""
        return _need("duckdb").from_arrow(self.table)

    def to_datasets(self) -> Any:
        """The only table as a Hugging Face dataset; needs datasets."""
        return _need("datasets").Dataset(self.table)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        head = self.table.slice(0, 8)
        cells = "".join(
            "<tr>" + "".join(f"<td>{_escape(v)}</td>" for v in row.values()) + "</tr>" for row in head.to_pylist()
        )
        names = "".join(f"<th>{_escape(c.name)}<br><small>{c.kind}</small></th>" for c in self.columns.columns)
        return f"<table><tr>{names}</tr>{cells}</table><p>{self.table.num_rows:,} rows</p>"


EXTRAS = {"polars": "frames", "pandas": "frames", "datasets": "hub", "duckdb": "duckdb"}


def _belonging(table: pa.Table, column: str, keys: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which rows' `column` is among the keys, whatever their storage types are; shape (n,)."""
    references = table[column]
    if references.type != keys.type or pa.types.is_dictionary(keys.type):
        references, keys = arrays.text(references), arrays.text(keys)
    found = pc.is_in(references, value_set=keys.combine_chunks() if hasattr(keys, "chunks") else keys)
    return found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy()


def _entities(values: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number for each distinct value, shape (n,); a row whose value is missing is an entity of its own."""
    indices = pc.index_in(values, value_set=pc.unique(values).drop_null())
    ids = pc.fill_null(indices, -1).to_numpy().astype(np.int64)
    ids[ids < 0] = ids.max(initial=-1) + 1 + np.arange((ids < 0).sum())
    return ids


def _first_of_each(values: NDArray[np.float64], ids: NDArray[np.int64]) -> NDArray[np.float64]:
    first = np.full(int(ids.max(initial=-1)) + 1, np.inf)
    np.minimum.at(first, ids, np.where(np.isnan(values), np.inf, values))
    return np.where(np.isinf(first), np.nan, first)[ids]


def _need(package: str) -> Any:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise MissingExtra("this conversion", package, EXTRAS[package]) from error


def _escape(value: Any) -> str:
    return html.escape("" if value is None else str(value))


def _arrow(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if type(data).__module__.startswith("pandas"):
        return pa.Table.from_pandas(data, preserve_index=False).replace_schema_metadata(None)
    if hasattr(data, "__arrow_c_stream__"):
        return pa.table(data)
    if hasattr(data, "with_format") and hasattr(data, "data"):  # Hugging Face datasets
        return data.with_format("arrow")[:]
    if hasattr(data, "fetch_arrow_table"):  # DuckDB
        return data.fetch_arrow_table()
    if isinstance(data, Mapping):
        return pa.table(dict(data))
    raise DataError(
        "this cannot be read as a table",
        found=type(data).__name__,
        fix="give Arrow, pandas, polars, DuckDB or a dict of columns",
    )
