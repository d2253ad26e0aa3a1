"""How values are written, apart from what they mean: last digits, decimals, whole minutes, missing values, lengths."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.metrics.features import Floats, Space

Codes = NDArray[np.int64]

DIGITS = 6
"""Most decimals that are told apart."""
UNROUNDED = 13 + 9 * DIGITS
WHOLE = UNROUNDED + 1
WEEKDAY = WHOLE + 6
SIZE = WEEKDAY + 7
"""How many codes there are."""

COLUMNS = 60
"""Most columns of numbers whose digits are looked at, the first ones."""

_SPANS = (86_400, 3_600, 60, 10, 1)
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_TIMES = ("whole days", "whole hours", "whole minutes", "tens of seconds", "whole seconds", "parts of seconds")
_DAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")
"""The first is 1 January 1970."""


def texture(values: Floats, column: Column) -> Codes:
    """How each value is written, as a code below `SIZE`, shape (n,); −1 where it is missing or not finite."""
    out = np.full(len(values), -1)
    there = np.isfinite(values)
    out[there] = _temporal(values[there], column) if column.kind in TEMPORAL else _written(np.abs(values[there]))
    return out


def word(code: int) -> str:
    """A code in words."""
    if code >= WEEKDAY:
        return _DAYS[code - WEEKDAY]
    if code >= WHOLE:
        return _TIMES[code - WHOLE]
    if code == UNROUNDED:
        return f"more than {DIGITS} decimals"
    if code >= 13:
        decimals, digit = divmod(code - 13, 9)
        return f"{decimals + 1} decimal{'s' if decimals else ''}, the last {digit + 1}"
    return "0" if code == 0 else f"ends in {code if code < 10 else '0' * (code - 9)}"


@dataclass(frozen=True)
class Textures:
    """Nuisance features of rows: what may betray a class, but ought to have nothing to do with it."""

    names: tuple[str, ...]
    categorical: tuple[int, ...]
    values: tuple[Floats, ...]
    """For each table, shape (n, features)."""


def textures(space: Space, tables: tuple[Floats, ...], *, without: int) -> Textures:
    """Of all columns but one: digits of numbers, lengths of texts, and what is missing, where they vary at all."""
    names: list[str] = []
    categorical: list[int] = []
    parts: list[list[Floats]] = []
    written = 0
    for j, column in enumerate(space.columns):
        if j == without:
            continue
        if column.numeric and written < COLUMNS:
            written += 1
            codes = [texture(rows[:, j], column).astype(np.float64) for rows in tables]
            _add(f"{column.name}: digits", codes, names, parts, categorical)
        if column.kind == Kind.TEXT:
            _add(f"{column.name}: length", [rows[:, j] for rows in tables], names, parts)
        _add(f"{column.name}: missing", [np.isnan(rows[:, j]).astype(np.float64) for rows in tables], names, parts)
    values = (np.stack(list(side), axis=1) for side in zip(*parts, strict=True)) if parts else ()
    return Textures(tuple(names), tuple(categorical), tuple(values))


def _add(
    name: str, sides: list[Floats], names: list[str], parts: list[list[Floats]], categorical: list[int] | None = None
) -> None:
    flat = np.concatenate(sides)
    if len(flat) and (flat != flat[0]).any():
        if categorical is not None:
            categorical.append(len(names))
        names.append(name)
        parts.append(sides)


def _written(values: Floats) -> Codes:
    """Of values from 0 on: the decimals and the last digit that is not 0, or how many zeros stand at the end."""
    out = np.full(len(values), UNROUNDED)
    left = np.arange(len(values))
    for decimals in range(DIGITS + 1):
        scaled = values[left] * 10.0**decimals
        whole = np.rint(scaled)
        # A decimal fraction is not exact as a float; a value that is not rounded lies this near once in 10⁶.
        round_ = np.abs(scaled - whole) <= 5e-7 + 4e-16 * scaled
        digit = (whole[round_] % 10).astype(np.int64)
        out[left[round_]] = _integers(whole[round_], digit) if decimals == 0 else 13 + 9 * (decimals - 1) + digit - 1
        left = left[~round_]
    return out


def _integers(whole: Floats, digit: Codes) -> Codes:
    zeros = 10 + (whole % 100 == 0) + (whole % 1000 == 0)
    return np.where(whole == 0, 0, np.where(digit > 0, digit, zeros)).astype(np.int64)


def _temporal(values: Floats, column: Column) -> Codes:
    """The coarsest span of which a time is a whole number; of a date the weekday."""
    if column.kind == Kind.DATE:
        days = values if pa.types.is_date32(column.type) else np.floor(values / 86_400_000)
        return (WEEKDAY + days.astype(np.int64) % 7).astype(np.int64)
    seconds = values / _UNITS[column.type.unit]
    out = np.full(len(values), WHOLE + len(_SPANS))
    for place, span in reversed(list(enumerate(_SPANS))):
        out[np.abs(seconds - span * np.rint(seconds / span)) < 1e-6 * span] = WHOLE + place
    return out
