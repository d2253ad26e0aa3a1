"""A column that lies above or below a bound is learnt as its distance from it: `end >= start` is start and a gap.

The gap is never negative, so the inequality holds however well or badly the gap was learnt. Where the bound is unknown
(a missing value, or a code that is no quantity), the column is learnt as itself beside the gap; in all other rows the
gap alone decides, also whether the column is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays, infer, masked
from mintmark.data.expressions import Expression, of_column
from mintmark.data.masked import INSTANT, Masked
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import RecipeError
from mintmark.generators.tabular.constraints import values
from mintmark.generators.tabular.constraints.form import Known, evaluated

SIGNS = {">": (1, True), ">=": (1, False), "<": (-1, True), "<=": (-1, False)}
"""Which side of its bound a column lies on, and whether it may not touch it."""


@dataclass(frozen=True)
class Gap:
    """`column SIGN value`, as a distance."""

    column: Column
    sign: str
    value: Expression
    columns: Mapping[str, Column]
    """Those that the bound reads."""
    gap: Column
    share: bool
    """Is it learnt as a share of its bound? So is what lies between 0 and a bound: neither end is then crossed."""
    alone: Column | None
    """The column as itself, for rows whose bound is unknown; None where such rows have no value."""

    @property
    def defines(self) -> tuple[str, ...]:
        """The column that lies on one side of the bound."""
        return (self.column.name,)

    @property
    def reads(self) -> tuple[str, ...]:
        """What the bound is computed from."""
        return self.value.columns

    @property
    def latent(self) -> tuple[Column, ...]:
        """The gap, under the column's name, and the column where it must stand alone."""
        return (self.gap,) if self.alone is None else (self.gap, self.alone)

    @property
    def said(self) -> str:
        """How it meets the constraint, in words."""
        how = "a share of" if self.share else "its distance from"
        return f"{self.column.name} is learnt as {how} {self.value.text}"

    def forward(self, known: Known, rng: np.random.Generator) -> dict[str, pa.Array]:
        """Distances; where the bound is unknown, those of other rows stand in, so that their distribution stays."""
        found = _distances(known, self.column, self.sign, self.value, self.columns, share=self.share)
        numbers = np.where(found.lacking, np.nan, found.distance)
        if found.unbound.any():
            others = numbers[~found.unbound]
            drawn = others[rng.integers(len(others), size=len(numbers))] if len(others) else np.full(len(numbers), 0.0)
            numbers = np.where(found.unbound, drawn, numbers)
        out = {self.gap.name: _stored(numbers, self.gap)}
        return out if self.alone is None else out | {self.alone.name: known[self.column.name]}

    def inverse(self, known: Known, latent: Known) -> dict[str, pa.Array]:
        """The bound and the gap together, on the column's own grid and on the right side."""
        bound = evaluated(self.value, known, self.columns)
        gap = of_column(latent[self.gap.name], self.gap)
        rows, side = len(gap.values), SIGNS[self.sign][0]
        bound = bound.spread(rows)
        distance = np.maximum(np.where(gap.missing, 0.0, gap.values), 0.0)
        if self.share:
            beyond = masked.calculate("*", bound, Masked(np.minimum(distance, 1.0), gap.missing))
        else:
            beyond = masked.calculate("+", bound, Masked(side * distance, gap.missing))
        made = self._on_its_side(values.stored(beyond, self.column, rows), bound)
        if self.alone is not None and bound.missing.any():
            made = _where(bound.missing, latent[self.alone.name], made)
        return {self.column.name: made}

    def wanted(self, known: Known, like: Known) -> Masked:
        """The bound that leaves the given column the gap of the row that it resembles."""
        rows = len(known[self.column.name])
        bound = evaluated(self.value, like, self.columns).spread(rows)
        given = of_column(known[self.column.name], self.column)
        sign = "/" if self.share else "-"
        gap = masked.calculate(sign, of_column(like[self.column.name], self.column), bound)
        return masked.calculate(sign, given, gap)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"form": "gap", "column": self.column.name, "sign": self.sign, "value": self.value.text,
                "gap": self.gap.to_json(), "share": self.share,
                "alone": self.alone and self.alone.to_json()}  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any], schema: TableSchema) -> "Gap":
        """The inverse of `to_json`."""
        value = Expression.parse(body["value"])
        alone = None if body["alone"] is None else Column.from_json(body["alone"])
        columns = {name: schema[name] for name in value.columns}
        gap = Column.from_json(body["gap"])
        return cls(schema[body["column"]], body["sign"], value, columns, gap, bool(body["share"]), alone)

    def _on_its_side(self, made: pa.Array, bound: Masked) -> pa.Array:
        """Rounding to the grid may cross the bound: then the next value of the grid is taken."""
        side, _ = SIGNS[self.sign]
        for _ in range(2):
            holds = masked.compare(self.sign, of_column(made, self.column), bound)
            crossed = ~(holds.values | holds.missing)
            if not crossed.any():
                break
            made = values.moved(made, self.column, np.where(crossed, float(side), 0.0))
        return made


def learnt(
    column: Column, sign: str, value: Expression, known: Known, columns: Mapping[str, Column], *, spare: str
) -> Gap | None:
    """The form, from training rows; None where the column has no distance from this bound.

    `spare` names the column as itself, where that must be learnt too.
    """
    if not column.numeric or not value.columns or column.name in value.columns:
        return None
    try:
        found = _distances(known, column, sign, value, columns)
        share = sign in ("<", "<=") and column.kind == Kind.NUMBER and _nowhere_negative(found, known, column)
        if share:
            found = _distances(known, column, sign, value, columns, share=True)
    except (RecipeError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    present = found.distance[~found.lacking & ~found.unbound]
    own = arrays.numbers(known[column.name], column)
    if not len(present) or (present < 0).any() or np.isin(own, column.specials).any():
        return None
    gap = _gap_column(column, found)
    stands_alone = bool((found.unbound & ~found.lacking).any())
    alone = None if not stands_alone else Column(**{**vars(column), "name": spare})
    return Gap(column, sign, value, columns, gap, share, alone)


@dataclass(frozen=True)
class _Distances:
    distance: NDArray[np.float64]
    """Seconds between moments, else the unit of the column."""
    lacking: NDArray[np.bool_]
    """Where the column itself is missing."""
    unbound: NDArray[np.bool_]
    """Where the bound is."""
    moments: bool


def _distances(
    known: Known, column: Column, sign: str, value: Expression, columns: Mapping[str, Column], *, share: bool = False
) -> _Distances:
    own = of_column(known[column.name], column)
    bound = evaluated(value, known, columns).spread(len(own.values))
    if share:
        part = masked.calculate("/", own, bound)
        filled = np.clip(np.where(part.missing, 0.0, part.values), 0.0, 1.0)
        return _Distances(filled, own.missing, bound.missing, moments=False)
    side = float(SIGNS[sign][0])
    difference = masked.calculate("-", own, bound)
    distance = np.where(difference.missing, 0.0, side * difference.values)
    noise = masked.NEAR * np.abs(np.where(own.missing, 0.0, own.values.astype(np.float64)))
    distance = np.where((distance < 0) & (distance >= -noise), 0.0, distance)
    return _Distances(distance, own.missing, bound.missing, own.kind == INSTANT)


def _nowhere_negative(found: _Distances, known: Known, column: Column) -> bool:
    """Do a column and its bound, which lies above it, both keep to 0 and more?"""
    own = arrays.numbers(known[column.name], column)
    return not (own < 0).any() and not (own + np.where(found.unbound, 0.0, found.distance) < 0).any()


def _gap_column(column: Column, found: _Distances) -> Column:
    numbers = np.where(found.lacking | found.unbound, np.nan, found.distance)
    if found.moments:
        seen = infer.column(column.name, pa.chunked_array([_stored(numbers, _SPAN)]), Kind.DURATION)
    else:
        seen = infer.column(column.name, pa.chunked_array([_stored(numbers, _PLAIN)]), Kind.NUMBER)
    # Rows without a bound take the gaps of others, missing ones among them: those alone can be missing.
    nullable = bool((found.lacking & ~found.unbound).any())
    return Column(**{**vars(seen), "nullable": nullable})


_SPAN = Column("gap", Kind.DURATION, pa.duration("us"), nullable=True)
_PLAIN = Column("gap", Kind.NUMBER, pa.float64(), nullable=True)


def _stored(numbers: NDArray[np.float64], gap: Column) -> pa.Array:
    missing = np.isnan(numbers)
    if gap.kind == Kind.DURATION:
        micros = np.rint(np.where(missing, 0.0, numbers) * 1e6).astype(np.int64)
        return pa.array(micros, pa.int64(), mask=missing).cast(pa.duration("us"))
    rounded = numbers if gap.decimals is None else arrays.rounded(np.where(missing, 0.0, numbers), gap.decimals)
    return pa.array(np.where(missing, 0.0, rounded), pa.float64(), mask=missing)


def _where(mask: NDArray[np.bool_], yes: pa.Array, no: pa.Array) -> pa.Array:
    places = np.where(mask, np.arange(len(yes)), len(yes) + np.arange(len(no)))
    return pa.concat_arrays([yes.cast(no.type), no]).take(pa.array(places))
