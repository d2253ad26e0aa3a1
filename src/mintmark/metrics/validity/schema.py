"""Do rows keep to the schema of the real data: its columns, types, levels, domain, grid and missing values?"""

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic.dataclasses import dataclass

from mintmark.data import arrays, domain
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TEMPORAL, Column, TableSchema
from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Schema:
    """A program that was written for the real table reads the synthetic one: on how many rows does it stumble?

    The value is the share of rows without a fault in any column; 1 is best. A column that is absent, that the real
    table lacks, or that cannot be read as its type is a fault of every row. Else a row is at fault where a value is
    missing that never may be, is no known level, lies outside the observed domain, or is finer than the real ones: a
    number by its decimals (2.25 where all have one, 1.5 where all are whole), a time by its grid (an hour where all are
    whole days). Fresh real rows, too, leave what was observed now and then: the ceiling says how often. The interval is
    exact (Clopper–Pearson). Order of columns and other types that can hold the same values are told but are no fault.
    """

    claim: ClassVar[Claim] = Claim.VALIDITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = True

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:  # noqa: ARG002
        """The share of sound rows; details name each column's faults and how many rows they touch."""
        real = _real(case).columns
        data = case.need(Role.SYNTHETIC)
        table = data.table
        enough(1, synthetic=table.num_rows)
        sound = np.ones(table.num_rows, dtype=bool)
        faults: dict[str, dict[str, int]] = {}
        for column in real.columns:
            for fault, rows in _faults(column, data).items():
                if rows.any():
                    faults.setdefault(column.name, {})[fault] = int(rows.sum())
                    sound &= ~rows
        for name in table.schema.names:
            if name not in real:
                faults[name] = {"the real data has no such column": table.num_rows}
                sound[:] = False
        hits = int(sound.sum())
        details: dict[str, Any] = {"faults": dict(list(faults.items())[:100]), "notes": _notes(real, data)}
        return Reading(hits / len(sound), intervals.proportion(hits, len(sound)), len(sound), details)


def _real(case: Case) -> Dataset:
    return case.reference if case.train is None else case.train


def _faults(column: Column, data: Dataset) -> dict[str, Mask]:
    table = data.table
    everywhere = np.ones(table.num_rows, dtype=bool)
    if column.name not in data.columns:
        return {"the column is absent": everywhere}
    array = table[column.name].combine_chunks()
    missing = array.is_null().to_numpy(zero_copy_only=False)
    try:
        found = _outside(column, array)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return {f"{array.type} cannot be read as {column.type}": everywhere}
    found = {fault: rows & ~missing for fault, rows in found.items()}
    return found if column.nullable else {**found, "missing": missing}


def _outside(column: Column, array: pa.Array) -> dict[str, Mask]:
    if column.discrete:
        return {"not a known level": arrays.codes(array, column) == -2}
    if not column.numeric:
        array.cast(column.type)
        return {}
    if column.kind in TEMPORAL:
        return _off_grid(column, array)
    if array.type != column.type:
        array = array.cast(column.type) if not _is_number(array.type) else array.cast(pa.float64(), safe=False)
    values = arrays.numbers(array, column)
    found = {"outside the domain": _off_domain(column, values) & ~np.isin(values, column.specials)}
    if column.decimals is not None:
        tolerance = max(domain.exactness(type_) for type_ in (array.type, column.type))
        finite = np.where(np.isfinite(values), values, 0.0)
        gap = np.abs(arrays.rounded(finite, column.decimals) - finite)
        found["finer than the observed decimals"] = gap > tolerance * np.maximum(1, np.abs(finite))
    return found


def _off_grid(column: Column, array: pa.Array) -> dict[str, Mask]:
    """Times in the finer of both units, so that none is rounded before it is looked at."""
    arrays.same_zone(array.type, column.type)
    readable = array.cast(column.type, safe=False)
    array = array if pa.types.is_temporal(array.type) else array.cast(column.type)
    ours, theirs = _nanoseconds(array.type), _nanoseconds(readable.type)
    unit = min(ours, theirs)
    stored = array.cast(pa.int32() if array.type.bit_width == 32 else pa.int64()).fill_null(0)
    ticks = stored.to_numpy(zero_copy_only=False).astype(np.int64) * (ours // unit)
    grid = column.step * (theirs // unit)
    return {
        "outside the domain": _off_domain(column, np.floor_divide(ticks, grid).astype(np.float64)),
        "off the observed grid": ticks % grid != 0,
    }


def _off_domain(column: Column, values: NDArray[np.float64]) -> Mask:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    return (values < low) | (values > high) | np.isinf(values)


def _is_number(type_: pa.DataType) -> bool:
    return pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)


def _nanoseconds(type_: pa.DataType) -> int:
    """The unit of a temporal type."""
    if pa.types.is_date(type_):
        return 86_400_000_000_000 if pa.types.is_date32(type_) else 1_000_000
    return {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}[type_.unit]


def _notes(real: TableSchema, data: Dataset) -> list[str]:
    found = data.table.schema
    shared = [name for name in found.names if name in real]
    both = set(shared)
    notes = [
        f"{name} is stored as {found.field(name).type}, in the real data as {real[name].type}"
        for name in shared
        if found.field(name).type != real[name].type
    ]
    if shared != [name for name in real.names if name in both]:
        notes.append("the columns stand in another order")
    return notes[:100]
