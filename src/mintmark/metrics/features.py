"""The columns that datasets share, as numbers in common codes: how every metric but the schema's sees its data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.errors import CannotMeasure

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """Columns in the order of the real data; keys are left out, for they say nothing but which row this is."""

    columns: tuple[Column, ...]
    """As the real data has them, less grid and domain; `levels` holds those of all datasets."""
    left_out: Mapping[str, str]
    """Columns that cannot be compared, with the reason."""
    whole: int | None = None
    """How many columns could be compared, where only some of them are: see `sides.narrowed`."""

    @classmethod
    def of(cls, real: Dataset, *others: Dataset) -> "Space":
        """The columns that all hold under one name and that can be read alike; CannotMeasure where there are none."""
        kept, left_out = [], {}
        for column in real.columns.columns:
            if column.kind == Kind.KEY:
                continue
            reason = next((r for other in others if (r := _unreadable(other, column))), "")
            if reason:
                left_out[column.name] = reason
            else:
                kept.append(_with_levels(column, (real, *others)) if column.discrete else _off_grid(column))
        if not kept:
            raise CannotMeasure(
                "the datasets share no column that can be compared",
                found=", ".join(f"{name} ({why})" for name, why in left_out.items()) or "only keys",
            )
        return cls(tuple(kept), left_out)

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def categorical(self) -> list[int]:
        """Positions of the columns whose numbers are codes of levels."""
        return [place for place, column in enumerate(self.columns) if column.discrete]

    def matrix(self, dataset: Dataset) -> Floats:
        """All rows, shape (n, columns): quantities, codes of levels, and lengths of texts; missing is NaN."""
        out = np.empty((len(dataset), len(self.columns)))
        for place, column in enumerate(self.columns):
            out[:, place] = _values(dataset, column)
        return out

    def note(self) -> dict[str, Any]:
        """What a reading's details say of columns that were not compared, or not word for word."""
        texts = [column.name for column in self.columns if column.kind == Kind.TEXT]
        drawn = f"{len(self.columns):,} of {self.whole:,}, drawn at random" if self.whole else ""
        return {
            **({"columns_compared": drawn} if drawn else {}),
            **({"left_out": dict(list(self.left_out.items())[:50])} if self.left_out else {}),
            **({"texts_by_length": texts[:50]} if texts else {}),
        }


def dealt(dataset: Dataset, parts: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Deals rows at random into parts, shape (n,); rows of one group are never parted, for they know each other."""
    group = dataset.columns.group
    if group is None:
        return rng.permutation(len(dataset)) % parts
    words = pc.fill_null(arrays.text(dataset.table[group]), "")
    code = words.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return (rng.permutation(int(code.max(initial=-1)) + 1) % parts)[code]


def _unreadable(other: Dataset, column: Column) -> str:
    if column.name not in other.columns:
        return "not there"
    try:
        _words(other, column.name) if column.discrete else _quantities(other, _off_grid(column))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        wanted = column.type if column.kind in TEMPORAL else column.kind
        return f"{other.table[column.name].type} cannot be read as {wanted}"
    return ""


def _values(dataset: Dataset, column: Column) -> Floats:
    if not column.discrete:
        return _quantities(dataset, column)
    codes, words = _words(dataset, column.name)
    place = {level: code for code, level in enumerate(column.levels)}
    return np.array([*(place.get(word, np.nan) for word in words), np.nan])[codes]


def _words(dataset: Dataset, name: str) -> tuple[NDArray[np.int32], list[str]]:
    """Each row's place among the distinct words, shape (n,), and these; missing is −1. Worked out once."""
    key = ("words", name)
    if key not in dataset.memo:
        encoded = arrays.text(dataset.table[name]).dictionary_encode()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        dataset.memo[key] = codes.astype(np.int32), encoded.dictionary.to_pylist()
    found: tuple[NDArray[np.int32], list[str]] = dataset.memo[key]
    return found


def _quantities(dataset: Dataset, column: Column) -> Floats:
    """Quantities, or lengths of texts, shape (n,). Worked out once."""
    key = ("quantities", column)
    if key not in dataset.memo:
        dataset.memo[key] = _read(dataset.table[column.name].combine_chunks(), column)
    found: Floats = dataset.memo[key]
    return found


def _read(array: pa.Array, column: Column) -> Floats:
    if column.kind == Kind.TEXT:
        lengths: Floats = pc.utf8_length(arrays.text(array)).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return lengths
    if column.kind in TEMPORAL:
        return arrays.numbers(arrays.times(array, column.type), column)
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)):
        array = array.cast(pa.float64())
    return arrays.numbers(array, column)


def _off_grid(column: Column) -> Column:
    """Others need not keep to the grid and the domain of the real values: the comparison must see where they do not."""
    return replace(column, step=1, low=None, high=None)


def _with_levels(column: Column, datasets: tuple[Dataset, ...]) -> Column:
    known = set(column.levels)
    found = {word for each in datasets for word in _words(each, column.name)[1]}
    return replace(column, levels=(*column.levels, *sorted(found - known)))
