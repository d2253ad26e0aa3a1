"""Fingerprints of rows: equal rows have equal 64-bit numbers, whatever their storage types."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.metrics.features import Space

Prints = NDArray[np.uint64]

GOLDEN = 0x9E3779B97F4A7C15


def parts(space: Space, *datasets: Dataset) -> list[Prints]:
    """For each dataset the parts of its rows' fingerprints, shape (n, columns).

    A row's fingerprint is the sum of its parts (modulo 2^64); less one part it is that of the row without that column.
    """
    out = [np.empty((len(each), len(space.columns)), np.uint64) for each in datasets]
    for place, found in enumerate(_columns(space, datasets)):
        for array, part in zip(out, found, strict=True):
            array[:, place] = part
    return out


def prints(space: Space, *datasets: Dataset) -> list[Prints]:
    """For each dataset its rows' fingerprints, shape (n,), in the memory of one column."""
    out = [np.zeros(len(each), np.uint64) for each in datasets]
    for found in _columns(space, datasets):
        for array, part in zip(out, found, strict=True):
            array += part
    return out


def fingerprints(matrix: NDArray[np.float64]) -> Prints:
    """Those of rows that are numbers already, shape (n, columns) to (n,); missing is NaN."""
    out = np.zeros(len(matrix), np.uint64)
    for place, column in enumerate(matrix.T):
        out += _mix(_bits(column) + _salt(place))
    return out


def copied(rows: Prints, originals: Prints) -> NDArray[np.bool_]:
    """Which rows, given by their parts, stand among the originals; shape (n,)."""
    return _among(rows.sum(axis=1), originals.sum(axis=1))


def nearly_copied(rows: Prints, originals: Prints) -> NDArray[np.bool_]:
    """Which rows agree with an original in all columns but at most one; shape (n,)."""
    whole, whole_originals = rows.sum(axis=1), originals.sum(axis=1)
    found = np.zeros(len(rows), dtype=bool)
    for place in range(rows.shape[1]):
        found |= _among(whole - rows[:, place], whole_originals - originals[:, place])
    return found


def _columns(space: Space, datasets: Sequence[Dataset]) -> Iterator[list[Prints]]:
    """Column by column, for each dataset what it adds to its rows' fingerprints, shape (n,)."""
    for place, column in enumerate(space.columns):
        if column.kind == Kind.TEXT:
            values = _text_codes([each.table[column.name] for each in datasets])
        else:
            values = [Space((column,), {}).matrix(each)[:, 0] for each in datasets]
            if column.decimals is not None:
                values = [arrays.rounded(each, column.decimals) for each in values]
        yield [_mix(_bits(value) + _salt(place)) for value in values]


def _among(values: Prints, known: Prints) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    ordered = np.sort(known)
    return ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values


def _text_codes(arrays_: list[pa.ChunkedArray]) -> list[NDArray[np.float64]]:
    words = [arrays.text(array) for array in arrays_]
    codes = pa.concat_arrays(words).dictionary_encode().indices
    ends = np.cumsum([len(each) for each in words])[:-1]
    return np.split(pc.cast(codes, pa.float64()).to_numpy(zero_copy_only=False), ends)


def _salt(place: int) -> np.uint64:
    """Keeps a value in one column from looking like the same value in another."""
    return np.uint64((place + 1) * GOLDEN % 2**64)


def _bits(values: NDArray[np.float64]) -> Prints:
    clean = np.where(np.isnan(values), np.nan, values + 0.0)  # one NaN, and −0 becomes 0
    return clean.view(np.uint64)


def _mix(state: Prints) -> Prints:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
