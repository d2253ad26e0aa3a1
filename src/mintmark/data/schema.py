"""Column kinds, keys, order and constraints: the only place where modality is written down."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from mintmark.errors import DataError, UnknownName


class Kind(StrEnum):
    """What the values of a column mean, which their storage type alone does not say."""

    NUMBER = "number"
    CATEGORY = "category"
    ORDERED = "ordered"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    GEO = "geo"  # degrees of latitude or longitude
    TEXT = "text"
    KEY = "key"  # names a row or refers to one: carries no information about its value


class Personal(StrEnum):
    """What a column says of a person: such values are made anew and never learnt. Its kind is then `key`."""

    NAME = "name"  # in full
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    USERNAME = "username"
    EMAIL = "email"
    PHONE = "phone"
    STREET = "street"  # with the number of the house
    POSTCODE = "postcode"
    CITY = "city"
    ADDRESS = "address"  # street, postcode and city
    COMPANY = "company"
    IBAN = "iban"  # International Bank Account Number, ISO 13616
    CARD = "card"  # number of a payment card, ISO/IEC 7812
    SSN = "ssn"  # number by which a state knows a person
    IP = "ip"
    URL = "url"


NUMERIC = frozenset({Kind.NUMBER, Kind.GEO, Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.DURATION})
"""Kinds with distances between their values; see `arrays.numbers` for the unit."""

DISCRETE = frozenset({Kind.CATEGORY, Kind.ORDERED, Kind.BOOLEAN})
"""Kinds with levels; see `arrays.codes`."""

TEMPORAL = frozenset({Kind.DATETIME, Kind.DATE, Kind.TIME, Kind.DURATION})


@dataclass(frozen=True)
class Column:
    """One column: what its values mean, how they are stored, and the domain that they keep to."""

    name: str
    kind: Kind
    type: pa.DataType
    nullable: bool = False
    levels: tuple[str, ...] = ()
    """The categories, as text; in order where the kind is ordered, else by falling frequency."""
    decimals: int | None = None
    """Digits after the point that were observed; None where values are not rounded."""
    step: int = 1
    """Temporal kinds: the observed grid, in units of the type (1_000_000 for whole seconds in microseconds)."""
    low: float | None = None
    """The smallest value that is allowed, in the unit of `arrays.numbers`."""
    high: float | None = None
    specials: tuple[float, ...] = ()
    """Codes that are not quantities, such as −999 for "not asked"."""
    personal: Personal | None = None
    """What it says of a person, where it does."""

    @property
    def told(self) -> "Kind | Personal":
        """What a recipe calls it."""
        return self.personal or self.kind

    @property
    def numeric(self) -> bool:
        """Do its values have distances?"""
        return self.kind in NUMERIC

    @property
    def discrete(self) -> bool:
        """Does it have levels?"""
        return self.kind in DISCRETE

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; defaults are left out."""
        out: dict[str, Any] = {"name": self.name, "kind": str(self.kind), "type": str(self.type)}
        for key, empty in (("nullable", False), ("levels", ()), ("decimals", None), ("step", 1), ("low", None),
                           ("high", None), ("specials", ()), ("personal", None)):  # fmt: skip
            value = getattr(self, key)
            if value != empty:
                out[key] = list(value) if isinstance(value, tuple) else value
        return out

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Column":
        """The inverse of `to_json`."""
        rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
        rest["kind"], rest["type"] = Kind(body["kind"]), arrow_type(body["type"])
        if "personal" in rest:
            rest["personal"] = Personal(body["personal"])
        return cls(**rest)


@dataclass(frozen=True)
class Link:
    """A table's rows belong to the rows of another: `column` holds the parent's key."""

    column: str
    parent: str


@dataclass(frozen=True)
class TableSchema:
    """One table: its columns, what names its rows, whose rows they belong to and how they are ordered."""

    columns: tuple[Column, ...]
    key: str | None = None
    parents: tuple[Link, ...] = ()
    order: str | None = None
    group: str | None = None
    """Rows that share this column's value belong to one entity and are never split apart."""
    constraints: tuple[str, ...] = ()
    """Conditions that every row meets, in the language of `expressions`."""
    locale: str | None = None
    """Whose names and addresses are made, such as `de_DE`; told from the data where it is left out."""

    def __post_init__(self) -> None:
        twice = sorted(name for name, count in Counter(self.names).items() if count > 1)
        if twice:
            raise DataError("column names stand twice", found=", ".join(twice))

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        """The column of that name; UnknownName where there is none."""
        if name not in self._places:
            raise UnknownName("column", name, self.names)
        return self.columns[self._places[name]]

    def __contains__(self, name: str) -> bool:
        """Is there a column of that name? At once, however many there are."""
        return name in self._places

    @cached_property
    def _places(self) -> dict[str, int]:
        return {column.name: place for place, column in enumerate(self.columns)}

    def arrow(self) -> pa.Schema:
        """The storage types."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])

    def only(self, names: list[str]) -> "TableSchema":
        """The same table with these columns alone, in this order."""
        kept = tuple(self[name] for name in names)
        links = tuple(link for link in self.parents if link.column in names)
        inside = {"key": self.key, "order": self.order, "group": self.group}
        rest: dict[str, Any] = {key: value if value in names else None for key, value in inside.items()}
        constraints = tuple(c for c in self.constraints if not _mentions_other(c, self.names, names))
        return replace(self, columns=kept, parents=links, constraints=constraints, **rest)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "key": self.key,
            "parents": [{"column": link.column, "parent": link.parent} for link in self.parents],
            "order": self.order,
            "group": self.group,
            "constraints": list(self.constraints),
            **({"locale": self.locale} if self.locale else {}),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "TableSchema":
        """The inverse of `to_json`."""
        return cls(
            columns=tuple(Column.from_json(column) for column in body["columns"]),
            key=body["key"],
            parents=tuple(Link(**link) for link in body["parents"]),
            order=body["order"],
            group=body["group"],
            constraints=tuple(body["constraints"]),
            locale=body.get("locale"),
        )


@dataclass(frozen=True)
class Schema:
    """All tables of a dataset, by name."""

    tables: Mapping[str, TableSchema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", MappingProxyType(dict(self.tables)))

    def __getitem__(self, name: str) -> TableSchema:
        """The table of that name; UnknownName where there is none."""
        if name not in self.tables:
            raise UnknownName("table", name, self.tables)
        return self.tables[name]

    def __reduce__(self) -> tuple[Any, ...]:
        return Schema, (dict(self.tables),)  # a mapping proxy does not cross process borders

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {name: table.to_json() for name, table in self.tables.items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Schema":
        """The inverse of `to_json`."""
        return cls({name: TableSchema.from_json(table) for name, table in body.items()})


def _mentions_other(constraint: str, columns: list[str], kept: list[str]) -> bool:
    words = set(re.findall(r"\w+", constraint))
    return any(name in words or f"`{name}`" in constraint for name in columns if name not in kept)


_PARAMETRIC = {
    r"timestamp\[(s|ms|us|ns)\]": lambda unit: pa.timestamp(unit),
    r"timestamp\[(s|ms|us|ns), tz=(.+)\]": lambda unit, zone: pa.timestamp(unit, zone),
    r"time32\[(s|ms)\]": lambda unit: pa.time32(unit),
    r"time64\[(us|ns)\]": lambda unit: pa.time64(unit),
    r"duration\[(s|ms|us|ns)\]": lambda unit: pa.duration(unit),
    r"decimal(32|64|128|256)\((\d+), (-?\d+)\)": lambda bits, digits, scale: getattr(pa, f"decimal{bits}")(
        int(digits), int(scale)
    ),
    r"date32\[day\]": pa.date32,
    r"date64\[ms\]": pa.date64,
    r"dictionary<values=(.+), indices=(\w+), ordered=([01])>": lambda values, indices, ordered: pa.dictionary(
        arrow_type(indices), arrow_type(values), ordered == "1"
    ),
    r"fixed_size_binary\[(\d+)\]": lambda width: pa.binary(int(width)),
    r"(?:large_)?list<\w+: (.+?)(?: not null)?>": lambda inner: pa.list_(arrow_type(inner)),
}


def arrow_type(text: str) -> pa.DataType:
    """The Arrow type that prints as `text`; DataError where there is none."""
    for pattern, make in _PARAMETRIC.items():
        match = re.fullmatch(pattern, text)
        if match:
            return make(*match.groups())
    try:
        return pa.type_for_alias(text)
    except ValueError as error:
        raise DataError("this storage type is not known", found=text) from error
