"""People in tables that rules make: whatever is said of one of them in a row agrees.

A person is one number. All that is said of them follows from it and from nothing else, so that columns agree without
knowing each other, and a person whose number comes from a key (`each: customer`) is the same in every row and shard.
"""

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data.locales import Locale
from mintmark.data.schema import Column, Kind, Personal
from mintmark.generators.tabular import facets
from mintmark.generators.tabular.facets import Facet, Persons
from mintmark.generators.tabular.stock import Parts

Numbers = NDArray[np.uint64]

SHARED = frozenset({Personal.STREET, Personal.ADDRESS})
"""What must agree with each other beyond name and town: it is drawn alike for both."""
RARE = 5
"""A way of writing codes that fewer of Faker's examples have is not used."""


@dataclass(frozen=True)
class Cast:
    """What people of one country are made of, and how each column about them is written."""

    parts: Parts
    facets: Mapping[str, Facet]

    def write(self, name: str, who: Numbers, women: NDArray[np.bool_]) -> NDArray[Any]:
        """The column of that name for these people, as texts, shape (n,)."""
        facet = self.facets[name]
        out = np.empty(len(who), dtype=object)
        which = Own(who, f"{name}, form").choice(len(facet.forms), p=[form.share for form in facet.forms])
        for place, form in enumerate(facet.forms or (None,)):
            rows = np.flatnonzero(which == place)
            like = replace(facet, forms=(replace(form, share=1.0),)) if form else facet
            out[rows] = facets.write(like, self._people(who[rows], women[rows], facet)).to_pylist()
        return out

    def _people(self, who: Numbers, women: NDArray[np.bool_], facet: Facet) -> Persons:
        own: Any = Own(who, "person")
        parts = self.parts
        firsts = [np.array(parts.male, dtype=object), np.array(parts.female, dtype=object)]
        chosen = [given[own.integers(len(given), size=len(who))] for given in firsts]
        first = np.where(women, chosen[1], chosen[0])
        last = np.array(parts.surnames, dtype=object)[own.integers(len(parts.surnames), size=len(who))]
        town = own.integers(len(parts.cities), size=len(who))
        codes = facets.postcodes(parts, town, (), own)
        salt = "home" if facet.personal in SHARED else facet.column.name
        rest: Any = Own(who, salt)
        return Persons(parts, first.tolist(), last.tolist(), town, codes, rest)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"parts": self.parts.to_json(), "facets": [facet.to_json() for facet in self.facets.values()],
                "columns": [facet.column.to_json() for facet in self.facets.values()]}  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Cast":
        """The inverse of `to_json`; LedgerError where people cannot be made of it."""
        columns = map(Column.from_json, body["columns"])
        made = {column.name: Facet.from_json(column, told)
                for column, told in zip(columns, body["facets"], strict=True)}  # fmt: skip
        return cls(Parts.from_json(body["parts"]), made)


def of(locale: Locale, asked: Mapping[str, Personal]) -> Cast:
    """The cast of a country, for columns that each say so much of a person."""
    # Imported by name, so that rules without people need no Faker.
    faked = importlib.import_module(f"{__package__}.faked")
    examples = {personal: faked.examples(locale, personal) for personal in sorted(set(asked.values()))}
    made = {}
    for name, personal in asked.items():
        column = Column(name, Kind.KEY, pa.string(), personal=personal)
        made[name] = facets.learn(column, pa.array(examples[personal], pa.string()), unique=False, rare=RARE)
    return Cast(faked.parts(locale, frozenset()), made)


@dataclass(frozen=True)
class Own:
    """A stream of chance for each of several people, which depends on their number and the salt alone.

    It answers what `numpy.random.Generator` is asked where one value is drawn for each. The numbers are those of
    SplitMix64 (Steele, Lea, Flood 2014), each stream begun at a hash of its own.
    """

    who: Numbers
    salt: str

    @cached_property
    def _state(self) -> list[Numbers]:
        salt = np.uint64(int.from_bytes(self.salt.encode()[:4096], "big") % (2**61 - 1))
        return [_mixed(_mixed(self.who) + salt)]

    def random(self, size: int | None = None) -> NDArray[np.float64]:
        """Numbers between 0 and 1, shape (n,)."""
        del size  # there is one for each person
        self._state[0] = self._state[0] + np.uint64(0x9E3779B97F4A7C15)
        return (_mixed(self._state[0]) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def integers(self, low: int, high: int | None = None, size: int | None = None) -> NDArray[np.int64]:
        """Whole numbers below `low`, or from `low` to below `high`, shape (n,)."""
        start, end = (0, low) if high is None else (low, high)
        return start + (self.random(size) * (end - start)).astype(np.int64)

    def choice(self, options: int, size: int | None = None, p: Iterable[float] = ()) -> NDArray[np.int64]:
        """Places among options, by their shares, shape (n,); 0 where there are none."""
        if options <= 1:
            return np.zeros(len(self.who), np.int64)
        ends = np.cumsum(list(p))
        return np.minimum(np.searchsorted(ends / ends[-1], self.random(size), side="right"), options - 1)


def _mixed(number: Numbers) -> Numbers:
    """The finaliser of SplitMix64: each bit of what comes in turns half of those that go out."""
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))
