"""What is public of a column, whatever rows there are: what the user declares, and what its name and type say."""

import datetime as dt
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

from mintmark.data import arrays, infer
from mintmark.data.schema import TEMPORAL, Column, Kind
from mintmark.errors import InputError
from mintmark.generators.tabular.surrogates import Surrogate

WORDS = 12.0
"""Words of made-up text: those of the real text stay hidden."""
FORM = ("[d]",) * 14
"""Of text keys where no form is declared."""


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


Word = Annotated[str, BeforeValidator(_word)]
Edge = float | Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, dt.date) else value)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Declared:
    """What the user says of one column without having looked at the rows; all that is not said is found privately."""

    kind: Kind | None = None
    levels: tuple[Word, ...] | None = None
    """All categories that there may be."""
    min: Edge | None = None
    """The smallest value that there may be; dates and times as text."""
    max: Edge | None = None
    decimals: Annotated[int, Field(ge=0, le=12)] | None = None
    specials: tuple[float, ...] = ()
    """Codes that are not quantities."""
    missing: bool | None = None
    """May values be missing? Where nobody says, it is found out privately."""
    form: str | None = None
    """Of text keys: `#` for a digit, `?` for a letter, all else as it is: `ACC-######`."""

    def column(self, name: str, type_: pa.DataType) -> Column:
        """The column as far as it is public: bounds and levels may be wanting. InputError where it cannot be so."""
        kind = self._kind(name, type_)
        if not _holds(type_, kind):
            raise InputError(f"a column of {type_} is of no kind {kind}", where=f"public.{name}",
                             fix="declare another kind, or levels")  # fmt: skip
        out = Column(name, kind, type_, nullable=self.missing is not False)
        if (self.min is None) != (self.max is None):
            raise InputError("declare both ends or none", where=f"public.{name}", found=f"{self.min} to {self.max}")
        if out.discrete:
            self._refuse(name, kind, min=self.min, max=self.max, decimals=self.decimals, form=self.form)
            return _with(out, levels=self._levels(name, kind))
        self._refuse(name, kind, levels=self.levels)
        if not out.numeric:
            self._refuse(name, kind, min=self.min, max=self.max, decimals=self.decimals)
            return out
        self._refuse(name, kind, form=self.form)
        return self._bounded(_with(out, decimals=_decimals(out, self.decimals), specials=tuple(sorted(self.specials))))

    def surrogate(self, column: Column, missing: float) -> Surrogate:
        """Keys and text in a form that no real value had a part in."""
        form = tuple({"#": "[d]", "?": "[u]"}.get(sign, sign) for sign in self.form) if self.form else FORM
        return Surrogate(column, missing, form=form, words=(WORDS,) * 11)

    def _kind(self, name: str, type_: pa.DataType) -> Kind:
        if self.kind is not None:
            return self.kind
        if self.levels is not None:
            ordered = pa.types.is_dictionary(type_) and type_.ordered
            return Kind.BOOLEAN if pa.types.is_boolean(type_) else Kind.ORDERED if ordered else Kind.CATEGORY
        return Kind.NUMBER if self.min is not None and arrays.kind_of(type_) is None else said(name, type_)

    def _levels(self, name: str, kind: Kind) -> tuple[str, ...]:
        levels = self.levels if self.levels is not None else ("false", "true") if kind == Kind.BOOLEAN else ()
        if self.levels is not None and (not levels or len(set(levels)) < len(levels)):
            raise InputError("levels are different from each other, and at least one", where=f"public.{name}",
                             found=", ".join(levels) or "none")  # fmt: skip
        return levels

    def _bounded(self, column: Column) -> Column:
        if self.min is None or self.max is None:
            return column
        low, high = (_number(column, edge) for edge in (self.min, self.max))
        if not low <= high or not np.isfinite([low, high]).all():
            raise InputError("the smallest value lies above the largest", where=f"public.{column.name}",
                             found=f"{self.min} to {self.max}")  # fmt: skip
        return _with(column, low=low, high=high)

    def _refuse(self, name: str, kind: Kind, **said_: object) -> None:
        for field, value in said_.items():
            if value is not None:
                raise InputError(f"a column of kind {kind} has no `{field}`", where=f"public.{name}",
                                 found=str(value), fix="declare its kind, or leave this out")  # fmt: skip


def said(name: str, type_: pa.DataType) -> Kind:
    """The kind that name and storage type alone say: no value has a part in it."""
    known = arrays.kind_of(type_)
    if known:
        return known
    if pa.types.is_dictionary(type_):
        return Kind.ORDERED if type_.ordered else Kind.CATEGORY
    if pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return Kind.TEXT
    if infer.CALLED_KEY.search(name) and not pa.types.is_floating(type_) and not pa.types.is_decimal(type_):
        return Kind.KEY
    if pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return Kind.GEO if arrays.is_latitude_or_longitude(name) else Kind.NUMBER
    return Kind.CATEGORY


def _holds(type_: pa.DataType, kind: Kind) -> bool:
    """Can values of this storage type mean this?"""
    counted = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_)
    if kind in TEMPORAL:
        return arrays.kind_of(type_) == kind
    if kind in (Kind.NUMBER, Kind.GEO):
        return counted
    return kind != Kind.BOOLEAN or pa.types.is_boolean(type_)


def _decimals(column: Column, declared: int | None) -> int | None:
    if column.kind in TEMPORAL:
        return None
    if pa.types.is_integer(column.type):
        return 0
    return declared if declared is not None or not pa.types.is_decimal(column.type) else int(column.type.scale)


def _number(column: Column, edge: float | str) -> float:
    if isinstance(edge, float | int):
        return float(edge)
    try:
        return float(arrays.numbers(arrays.from_text(pa.array([edge]), column.type), column)[0])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f"this is no {column.type}", where=f"public.{column.name}", found=repr(edge)) from error


def _with(column: Column, **changes: Any) -> Column:
    return Column(**{**vars(column), **changes})
