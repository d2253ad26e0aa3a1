"""What a table says of a person, column by column, written out for people who were made up."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark.data import arrays
from mintmark.data.schema import Column, Personal
from mintmark.errors import DataError
from mintmark.generators.storage import need
from mintmark.generators.tabular import forms
from mintmark.generators.tabular.forms import Form
from mintmark.generators.tabular.stock import Parts

Ints = NDArray[np.int64]

CODES = frozenset({Personal.PHONE, Personal.SSN, Personal.CARD, Personal.IBAN, Personal.POSTCODE})
"""What has a form."""
WHOLE = CODES - {Personal.IBAN}
"""What may be stored as a whole number."""
MOSTLY = 0.8
"""What this share of the values does is done to all that are made."""
TRIES = 20
"""How often a value that another row bears already is drawn again."""
STYLES = ("upper", "lower", "last first", "v6")


@dataclass(frozen=True)
class Facet:
    """One column that tells who somebody is: how it is written, and how often it is missing."""

    column: Column
    missing: float
    unique: bool
    """Has nobody the same as somebody else?"""
    forms: tuple[Form, ...] = ()
    lead: str = ""
    """The host, or the beginning of the address, that nobody has."""
    styles: tuple[str, ...] = ()

    @property
    def personal(self) -> Personal:
        """What it says of a person."""
        assert self.column.personal
        return self.column.personal

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"column": self.column.name, "missing": self.missing, "unique": self.unique,
                "forms": forms.to_json(self.forms), "lead": self.lead, "styles": list(self.styles)}  # fmt: skip

    @classmethod
    def from_json(cls, column: Column, body: Mapping[str, Any]) -> "Facet":
        """The inverse of `to_json`; LedgerError where it cannot be."""
        need(column.personal is not None and can_be_written(column), f"{column.name} is not personal")
        out = cls(column, float(body["missing"]), bool(body["unique"]), forms.from_json(body["forms"], column.name),
                  str(body["lead"]), tuple(body["styles"]))  # fmt: skip
        need(0 <= out.missing <= 1 and set(out.styles) <= set(STYLES), f"form of {column.name}")
        need(bool(out.forms) == (out.personal in CODES), f"forms of {column.name}")
        return out


def can_be_written(column: Column) -> bool:
    """Can made values be stored in a column of this type?"""
    type_ = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)
    return text or (column.type in (pa.int64(), pa.uint64()) and column.personal in WHOLE)


def learn(column: Column, array: arrays.Array, *, unique: bool, rare: int) -> Facet:
    """How a column of people's is written; not one of its values is kept."""
    personal = column.personal
    assert personal
    missing = array.null_count / max(1, len(array)) if column.nullable else 0.0
    texts = [text.strip() for text in arrays.text(array).drop_null().unique().to_pylist()]
    if personal in CODES:
        whole = pa.types.is_integer(column.type)
        return Facet(column, missing, unique, forms=forms.learn(personal, texts, rare=rare, whole=whole))
    six = personal == Personal.IP and _mostly(texts, lambda text: ":" in text)
    styles = ["v6"] if six else []
    if personal not in _LEADS:
        styles += [style for style, test in _STYLES.items() if _mostly(texts, test)]
    if personal == Personal.NAME and _mostly(texts, lambda text: "," in text):
        styles.append("last first")
    lead = _LEADS[personal](texts, six) if personal in _LEADS else ""
    return Facet(column, missing, unique, lead=lead, styles=tuple(styles))


def _mostly(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    return bool(texts) and sum(map(test, texts)) >= MOSTLY * len(texts)


_STYLES: Mapping[str, Callable[[str], bool]] = {"upper": str.isupper, "lower": str.islower}


def _free(candidates: Iterable[str], taken: Container[str]) -> str:
    """The first that no training value has: tables made for tests may hold addresses that nobody has."""
    found = next((candidate for candidate in candidates if candidate not in taken), None)
    if found is None:
        raise DataError("this data holds every address that is reserved", fix="leave the column out, or call it text")
    return found


def _host(texts: Sequence[str], six: bool) -> str:  # noqa: ARG001
    """RFC 2606 keeps example.com, .org and .net, and all names that end in .example, from ever being anybody's."""
    joined = "\n".join(texts).lower()
    known = ("example.com", "example.org", "example.net")
    return _free((*known, *(f"mail{at}.example" for at in range(10**4))), joined)


def _network(texts: Sequence[str], six: bool) -> str:
    """240.0.0.0/4 is reserved and routed nowhere (RFC 1112); 2001:db8::/32 is for documentation (RFC 3849)."""
    taken = {text[: place + 1] for text in texts for place, mark in enumerate(text) if mark in ".:"}
    if six:
        return _free((f"2001:db8:{at:x}:" for at in range(1, 2**16)), taken)
    wide = [f"{net}." for net in range(240, 255)]
    narrow = [f"{net}{at}." for net in wide for at in range(256)]
    return _free((*wide, *narrow, *(f"{net}{at}." for net in narrow for at in range(256))), taken)


_LEADS: Mapping[Personal, Callable[[Sequence[str], bool], str]] = {
    Personal.EMAIL: _host, Personal.URL: _host, Personal.IP: _network,
}  # fmt: skip


@dataclass(frozen=True)
class Persons:
    """People who were made up, shape (n,) each: what all columns about them agree on."""

    parts: Parts
    first: list[str]
    last: list[str]
    town: Ints
    """Places among the cities."""
    postcodes: list[str]
    rng: np.random.Generator

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def streets(self) -> list[str]:
        """Street and number."""
        words, ways = _picked(self.parts.surnames, self), _picked(self.parts.ways, self)
        numbers = self.rng.integers(1, 200, size=len(self)).tolist()
        write = self.parts.street.format
        return [write(number=number, word=word, way=way)
                for number, word, way in zip(numbers, words, ways, strict=True)]  # fmt: skip

    @property
    def cities(self) -> list[str]:
        """Where they live."""
        return np.array(self.parts.cities, dtype=object)[self.town].tolist()


def persons(parts: Parts, women: NDArray[np.bool_], postcode: Sequence[Form], rng: np.random.Generator) -> Persons:
    """As many people as `women` has entries, no two of one name as long as there are names enough."""
    count = len(women)
    first = np.empty(count, dtype=object)
    last = np.empty(count, dtype=object)
    for given, rows in ((parts.female, np.flatnonzero(women)), (parts.male, np.flatnonzero(~women))):
        pair = _spread(len(given) * len(parts.surnames), len(rows), rng)
        first[rows] = np.array(given, dtype=object)[pair % len(given)]
        last[rows] = np.array(parts.surnames, dtype=object)[pair // len(given)]
    town = rng.integers(len(parts.cities), size=count)
    return Persons(parts, first.tolist(), last.tolist(), town, postcodes(parts, town, postcode, rng), rng)


def write(facet: Facet, people: Persons) -> pa.Array:
    """The column for these people, in its storage type, shape (n,)."""
    made = _WRITE.get(facet.personal, _code)(facet, people)
    for style in facet.styles:
        made = [text.upper() for text in made] if style == "upper" else made
        made = [text.lower() for text in made] if style == "lower" else made
    gone = people.rng.random(len(people)) < facet.missing
    words = pa.array(made, pa.string(), mask=gone)
    if pa.types.is_integer(facet.column.type):
        return words.cast(facet.column.type)
    return arrays.from_text(words, facet.column.type)


def _spread(room: int, count: int, rng: np.random.Generator) -> Ints:
    """Places below `room`, all different where at most half of them are asked for."""
    if 2 * count > room:
        return rng.integers(room, size=count)
    found = np.unique(rng.integers(room, size=count))
    while len(found) < count:
        found = np.unique(np.concatenate([found, rng.integers(room, size=count - len(found))]))
    return rng.permutation(found)


def postcodes(parts: Parts, town: Ints, written: Sequence[Form], rng: np.random.Generator) -> list[str]:
    """Postcodes whose beginning goes with the town."""
    form = max(written, key=lambda each: each.share).text if written else parts.postcode
    fixed = np.random.Generator(np.random.PCG64DXSM(len(parts.cities)))
    heads = [code.replace(" ", "").replace("-", "")[:2] for code in forms.filled(form, [""] * len(parts.cities), fixed)]
    heads = ["1" + head[1:] if head.startswith("0") else head for head in heads]  # a number begins with no 0
    return forms.filled(form, [heads[place] for place in town.tolist()], rng)


def _picked(words: Sequence[str], people: Persons) -> list[str]:
    return np.array(words, dtype=object)[people.rng.integers(len(words), size=len(people))].tolist()


def _numbered(facet: Facet, people: Persons, write: Callable[[int, int], str], room: int) -> list[str]:
    """Texts with a number in them, from a row's place and number; those that are met twice get another number."""
    numbers = people.rng.integers(10, room, size=len(people)).tolist()
    made = [write(row, number) for row, number in enumerate(numbers)]
    for _ in range(TRIES):
        twice = _repeated(made) if facet.unique else []
        if not twice:
            break
        for row, number in zip(twice, people.rng.integers(10, room, size=len(twice)).tolist(), strict=True):
            made[row] = write(row, number)
    return made


def _repeated(made: Sequence[str]) -> list[int]:
    seen: set[str] = set()
    return [row for row, text in enumerate(made) if text in seen or seen.add(text)]  # type: ignore[func-returns-value]


def _name(facet: Facet, people: Persons) -> list[str]:
    turned = "last first" in facet.styles
    return [f"{last}, {first}" if turned else f"{first} {last}"
            for first, last in zip(people.first, people.last, strict=True)]  # fmt: skip


def _email(facet: Facet, people: Persons) -> list[str]:
    rows = list(zip(map(forms.plain, people.first), map(forms.plain, people.last), strict=True))
    return _numbered(facet, people, lambda row, number: f"{'.'.join(rows[row])}{number}@{facet.lead}", 10**5)


def _username(facet: Facet, people: Persons) -> list[str]:
    rows = [f"{forms.plain(first)[:1]}{forms.plain(last)}"
            for first, last in zip(people.first, people.last, strict=True)]  # fmt: skip
    return _numbered(facet, people, lambda row, number: f"{rows[row]}{number}", 10**5)


def _url(facet: Facet, people: Persons) -> list[str]:
    rows = [forms.plain(last) for last in people.last]
    return _numbered(facet, people, lambda row, number: f"https://{facet.lead}/{rows[row]}/{number}", 10**8)


def _ip(facet: Facet, people: Persons) -> list[str]:
    if "v6" in facet.styles:
        return _numbered(facet, people, lambda _, n: f"{facet.lead}:{n >> 16:x}:{n & 0xFFFF:x}", 2**31)
    left = 4 - facet.lead.count(".")
    ends = range(8 * (left - 1), -1, -8)
    return _numbered(facet, people, lambda _, n: facet.lead + ".".join(str(n >> at & 255) for at in ends), 256**left)


def _company(facet: Facet, people: Persons) -> list[str]:  # noqa: ARG001 — every writer has this signature
    names, more = _picked(people.parts.surnames, people), _picked(people.parts.companies, people)
    return [f"{name} {ending}" for name, ending in zip(names, more, strict=True)]


def _address(facet: Facet, people: Persons) -> list[str]:  # noqa: ARG001
    rows = zip(people.streets, people.postcodes, people.cities, strict=True)
    write = people.parts.address.format
    return [write(street=street, postcode=code, city=city) for street, code, city in rows]


def _code(facet: Facet, people: Persons) -> list[str]:
    made = forms.write(facet.personal, facet.forms, len(people), people.rng)
    for _ in range(TRIES):
        twice = _repeated(made) if facet.unique else []
        if not twice:
            break
        other = forms.write(facet.personal, facet.forms, len(twice), people.rng)
        for row, text in zip(twice, other, strict=True):
            made[row] = text
    return made


_WRITE: Mapping[Personal, Callable[[Facet, Persons], list[str]]] = {
    Personal.NAME: _name,
    Personal.FIRST_NAME: lambda _, people: people.first,
    Personal.LAST_NAME: lambda _, people: people.last,
    Personal.USERNAME: _username,
    Personal.EMAIL: _email,
    Personal.STREET: lambda _, people: people.streets,
    Personal.POSTCODE: lambda _, people: people.postcodes,
    Personal.CITY: lambda _, people: people.cities,
    Personal.ADDRESS: _address,
    Personal.COMPANY: _company,
    Personal.IP: _ip,
    Personal.URL: _url,
}
