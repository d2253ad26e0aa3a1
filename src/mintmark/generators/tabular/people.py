"""People in a table: which columns are about the same person, how many rows each has, and others in their place.

Columns are about one person where their names say so (`buyer_name`, `buyer_email`). A person stands in several rows
where a key or group column says who it is (`customer_id`), or where the values themselves repeat. Of this only the
structure is kept: how many rows people have, how each column is written, how often it is missing.
"""

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mintmark.data import arrays, hints, locales
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, Personal, TableSchema
from mintmark.generators.storage import need
from mintmark.generators.tabular import facets
from mintmark.generators.tabular.facets import Facet, Ints
from mintmark.generators.tabular.stock import Parts
from mintmark.generators.tabular.surrogates import Surrogate

DETERMINED = 1.01
"""One column determines another where it has at most so many different partners for each of its values."""
SIZES = 101
"""The number of rows that people have is remembered at so many steps of its distribution."""

_SEX_COLUMNS = re.compile("sex|gender|geschlecht|sexe|sexo|sesso|genere|genero|geslacht|kon|kjonn|plec|pohlavi")
_WOMAN = re.compile("f|female|w|woman|weiblich|frau|femme|feminin|mujer|femenino|donna|femmina|feminino|vrouw|kvinna|"
                    "kvinde|kvinne|kobieta|zena")  # fmt: skip
_MAN = re.compile("m|male|man|mannlich|herr|homme|masculin|hombre|masculino|uomo|maschio|mann|mand|muz|mezczyzna|mies")


@dataclass(frozen=True)
class Entity:
    """Somebody who may stand in several rows, and what columns say of them."""

    key: str | None
    """The column that says who it is, beside those about the person."""
    sizes: tuple[int, ...]
    """How many rows they have, at equal steps from the fewest to the most; each 1 where nobody stands twice."""
    facets: tuple[Facet, ...]


@dataclass(frozen=True)
class Register:
    """All people of a table, and what others are made of."""

    parts: Parts
    entities: tuple[Entity, ...]
    sex: str | None = None
    """The column that says who is a woman."""

    @property
    def names(self) -> frozenset[str]:
        """The columns that say who somebody is."""
        return frozenset(facet.column.name for entity in self.entities for facet in entity.facets)

    def make(self, count: int, beside: Mapping[str, pa.Array], keys: Mapping[str, Surrogate],
             rng: np.random.Generator) -> dict[str, pa.Array]:  # fmt: skip
        """The personal columns that are not there yet, shape (count,), and the keys that go with them.

        `beside` is what the rows hold already: where it says who somebody is, or of which sex, people are made to fit.
        """
        out: dict[str, pa.Array] = {}
        women = self._women(count, beside, rng)
        for entity in self.entities:
            who = self._who(entity, {**beside, **out}, women, rng)
            many = int(who.max(initial=-1)) + 1
            if entity.key and entity.key in keys and entity.key not in beside and entity.key not in out:
                out[entity.key] = keys[entity.key].make(many, rng).take(pa.array(who))
            first = np.zeros(many, np.int64)
            first[who[::-1]] = np.arange(count)[::-1]
            written = next((facet.forms for facet in entity.facets if facet.personal == Personal.POSTCODE), ())
            people = facets.persons(self.parts, women[first], written, rng)
            for facet in entity.facets:
                if facet.column.name not in beside:
                    out[facet.column.name] = facets.write(facet, people).take(pa.array(who))
        return out

    def _women(self, count: int, beside: Mapping[str, pa.Array], rng: np.random.Generator) -> NDArray[np.bool_]:
        either = rng.random(count) < 0.5
        if self.sex is None or self.sex not in beside:
            return either
        said = [_sex(text) for text in arrays.text(beside[self.sex]).to_pylist()]
        return np.array([other if woman is None else woman for woman, other in zip(said, either, strict=True)], bool)

    def _who(self, entity: Entity, there: Mapping[str, pa.Array], women: NDArray[np.bool_],
             rng: np.random.Generator) -> Ints:  # fmt: skip
        """Which of the people each row is about, shape (count,)."""
        said = [entity.key] if entity.key else []
        said += [facet.column.name for facet in entity.facets if facet.unique]
        told = next((there[name] for name in said if name in there), None)
        if told is not None:
            return _places(told)
        if max(entity.sizes) == 1:
            return np.arange(len(women))
        return _dealt(entity.sizes, women if self.sex else np.zeros(len(women), bool), rng)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        people = [{"key": entity.key, "sizes": list(entity.sizes),
                   "facets": [facet.to_json() for facet in entity.facets]} for entity in self.entities]  # fmt: skip
        return {"parts": self.parts.to_json(), "entities": people, "sex": self.sex}

    @classmethod
    def from_json(cls, schema: TableSchema, body: Mapping[str, Any]) -> "Register":
        """The inverse of `to_json`; LedgerError where it cannot be."""
        entities = tuple(
            Entity(
                None if part["key"] is None else schema[part["key"]].name,
                tuple(int(size) for size in part["sizes"]),
                tuple(Facet.from_json(schema[facet["column"]], facet) for facet in part["facets"]),
            )
            for part in body["entities"]
        )
        need(all(entity.sizes and min(entity.sizes) >= 1 for entity in entities), "rows of a person")
        sex = None if body["sex"] is None else schema[body["sex"]].name
        return cls(Parts.from_json(body["parts"]), entities, sex)


def learn(real: Dataset, *, rare: int) -> Register | None:
    """Who is in a table; None where no column says so."""
    schema, table = real.columns, real.table
    columns = [column for column in schema.columns if column.personal and facets.can_be_written(column)]
    if not columns:
        return None
    entities = tuple(entity for persons in _persons(columns) for entity in _entities(persons, schema, table, rare))
    # Imported by name, so that a table without people needs no Faker.
    faked = importlib.import_module(f"{__package__}.faked")
    parts = faked.parts(schema.locale or locales.guessed(columns, table), _words(columns, table, faked.ENDINGS))
    return Register(parts, entities, next((c.name for c in schema.columns if _is_sex(c)), None))


def _persons(columns: list[Column]) -> Iterator[list[Column]]:
    """Columns by whose they are; a second column of the same kind is about somebody else."""
    left = list(columns)
    while left:
        whose = {_role(column) for column in left}
        for role in sorted(whose):
            mine: dict[Personal, Column] = {}
            for column in left:
                if _role(column) == role and column.personal:
                    mine.setdefault(column.personal, column)
            yield list(mine.values())
            left = [column for column in left if column not in mine.values()]


def _role(column: Column) -> str:
    return hints.role(column.name, column.personal) if column.personal else ""


def _entities(persons: list[Column], schema: TableSchema, table: pa.Table, rare: int) -> Iterator[Entity]:
    """One person's columns under what says who it is, and apart from them those that it does not determine."""
    codes = {column.name: _codes(table[column.name]) for column in persons}
    head = max(persons, key=lambda column: int(codes[column.name].max(initial=-1)))
    keys = [schema.group] if schema.group else []
    keys += [column.name for column in schema.columns if column.kind == Kind.KEY and not column.personal]
    key = next((name for name in dict.fromkeys(keys) if _says_who(_codes(table[name]), codes[head.name])), None)
    anchor = head.name if key is None else key
    mine = [column for column in persons if _determines(_codes(table[anchor]), codes[column.name])]
    yield Entity(key, _sizes(_places(table[anchor])), tuple(_facet(column, table, rare) for column in mine))
    for column in persons:
        if column not in mine:
            yield Entity(None, _sizes(_places(table[column.name])), (_facet(column, table, rare),))


def _says_who(key: Ints, head: Ints) -> bool:
    """Does a key that repeats determine the person?"""
    return len(key) > int(key.max(initial=-1)) + 1 and _determines(key, head)


def _determines(one: Ints, other: Ints) -> bool:
    """Has each value of one column but one partner in the other, where both are there?"""
    one, other = (part[(one >= 0) & (other >= 0)] for part in (one, other))
    pairs = np.unique(one * (int(other.max(initial=0)) + 1) + other)
    return len(pairs) <= DETERMINED * len(np.unique(one))


def _facet(column: Column, table: pa.Table, rare: int) -> Facet:
    return facets.learn(column, table[column.name], unique=_is_unique(column), rare=rare)


def _is_unique(column: Column) -> bool:
    """Two people share neither an account nor an address; towns, given names and employers they do."""
    return column.personal not in (Personal.FIRST_NAME, Personal.LAST_NAME, Personal.CITY, Personal.POSTCODE,
                                   Personal.COMPANY)  # fmt: skip


def _sizes(who: Ints) -> tuple[int, ...]:
    """Rows of a person, at equal steps from nearly the fewest to nearly the most."""
    counts = np.bincount(who)
    steps = np.quantile(counts, np.linspace(0.005, 0.995, SIZES), method="nearest")
    return (1,) if steps.max() <= 1 else tuple(int(step) for step in steps)


def _dealt(sizes: tuple[int, ...], kinds: NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """People with so many rows each, dealt at random over the rows of one kind, shape (n,)."""
    out = np.zeros(len(kinds), np.int64)
    first = 0
    for kind in (False, True):
        rows = rng.permutation(np.flatnonzero(kinds == kind))
        many = np.array(sizes)[rng.integers(len(sizes), size=len(rows))]
        out[rows] = first + np.repeat(np.arange(len(rows)), many)[: len(rows)]
        first = int(out.max(initial=-1)) + 1
    return _places(pa.array(out))


def _codes(values: arrays.Array) -> Ints:
    """A number for each distinct value, in order of appearance; −1 where it is missing."""
    return (
        pc.fill_null(arrays.text(values).dictionary_encode().indices, -1)
        .to_numpy(zero_copy_only=False)
        .astype(np.int64)
    )


def _places(values: arrays.Array) -> Ints:
    """The same, but whoever is missing is somebody else each time."""
    out = _codes(values)
    gone = out < 0
    out[gone] = int(out.max(initial=-1)) + 1 + np.arange(int(gone.sum()))
    return out


def _words(columns: list[Column], table: pa.Table, endings: tuple[str, ...]) -> set[str]:
    """Words that a made surname must not be, in small letters: also without a street's ending or a user's initial."""
    out: set[str] = set()
    for column in columns:
        if column.personal in (Personal.NAME, Personal.LAST_NAME, Personal.STREET, Personal.ADDRESS, Personal.COMPANY,
                               Personal.USERNAME):  # fmt: skip
            texts = pc.utf8_lower(arrays.text(table[column.name]).drop_null().unique())
            words = pc.list_flatten(pc.split_pattern_regex(texts, r"[^\p{L}-]+")).unique().to_pylist()
            out.update(words)
            out.update(word[1:] for word in words)
            out.update(word.removesuffix(ending) for word in words for ending in endings if word.endswith(ending))
    return out


def _is_sex(column: Column) -> bool:
    called = any(_SEX_COLUMNS.fullmatch(word) for word in hints.words(column.name).split("_"))
    return called and column.discrete and any(_sex(level) is not None for level in column.levels)


def _sex(text: str | None) -> bool | None:
    """Is it a woman? None where that is not said."""
    word = hints.words(text or "").strip("_")
    return True if _WOMAN.fullmatch(word) else False if _MAN.fullmatch(word) else None
