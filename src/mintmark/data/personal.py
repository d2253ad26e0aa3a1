"""Which columns tell who somebody is: told from their values, and where those prove nothing, from their names too.

E-mail addresses, bank accounts, cards and the like prove themselves by form or check digit. People's names are known by
a dictionary. What could be anything (a town, a user's name) needs a column so called, and values that repeat too little
to be categories, which are what many share; or another column beside it that proves whose it is.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data import arrays, checksums
from mintmark.data.given_names import GIVEN_NAMES
from mintmark.data.hints import CLEAR_NAMES, hint, role
from mintmark.data.schema import Column, Kind, Personal, TableSchema

LOOKED_AT = 1000
"""Distinct values that are looked at, spread over the column."""
FEWEST = 10
"""Fewer distinct values than this prove nothing where the column's name does not say it too."""
PROVED = 0.95
"""Share of the values that must have the form where nothing but the form speaks for it."""
CALLED = 0.8
"""The same where the column's name speaks for it too."""
IN_DICTIONARY = 0.6
"""Share of the values that hold a common given name, where a column is not called after people."""
CALLED_IN_DICTIONARY = 0.2
"""The same where it is called `name`, which may name anything (of airports, 0.07 hold one), …"""
CLEARLY_IN_DICTIONARY = 0.05
"""… and where it is called `patient_name`: rarer names are then believed."""
OF_PERSONS = 0.5
"""Beside somebody's e-mail address, a column need only have so many distinct values for each person."""

Test = Callable[[str], bool]

_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\W\d_]{2,}")
_URL = re.compile(r"(?:https?|ftp)://[^\s/]+\.[^\s/]+(?:/\S*)?|www\.[^\s/]+\.[^\s/]+(?:/\S*)?", re.IGNORECASE)
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_CODE = re.compile(r"(?=(?:\D*\d){4})[A-Za-z0-9][A-Za-z0-9 ./-]{4,24}")
_PHONE = re.compile(r"\+?[\d(][\d\s()./-]{4,24}\d(?:\s?(?:x|ext\.?)\s?\d{1,6})?")
_SURE_PHONE = re.compile(r"\+\d[\d\s()./-]{6,20}\d|\(\d{3}\)\s?\d{3}-\d{4}")
_POSTCODE = re.compile(r"(?=.*\d)[A-Z0-9]{2,5}(?:[ -]?[A-Z0-9]{2,5})?|[A-Z]{1,2}-\d{4,5}", re.IGNORECASE)
_WORD = r"[^\W\d_](?:[^\W\d_]|['’.-])*"
_WORDS = re.compile(rf"{_WORD}(?: {_WORD}){{0,3}}")
_FULL_NAME = re.compile(rf"{_WORD}(?:,? {_WORD}){{1,6}}(?: \(.*\))?|{_WORD}")
_PLACE = re.compile(r"[^\W\d_][^\d_]{1,59}")
_USERNAME = re.compile(r"[\w.@-]{2,40}")
_ENGLISH_STREET = re.compile(
    r"(?is)\d+[a-z]? [\w.'’ -]+ "
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|terrace)\b.*"
)
_GERMAN_STREET = re.compile(r"(?is)[\w. -]*(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|ring)\s\d+.*")
_SAYS_NO_PERSON = (
    "airport airlines airways inc llc ltd gmbh school university hospital street st avenue park square island center "
    "centre county city north south east west hotel company corp bank group the and of"
)
_NOT_PEOPLE = frozenset(_SAYS_NO_PERSON.split())


@dataclass(frozen=True)
class Shape:
    """What a value must look like; `proof` is what it must look like where the column's name says nothing."""

    test: Test
    proof: Test | None = None
    category: bool = True
    """May its values repeat like categories?"""
    fewest: int = 1
    """So many distinct values there are at least, …"""
    proving: int = FEWEST
    """… and so many where the column's name says nothing."""


def _matches(pattern: re.Pattern[str]) -> Test:
    return lambda text: pattern.fullmatch(text) is not None


def _is_ip(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _is_place_with_number(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text)) and bool(re.search(r"\d", text)) and " " in text


def _is_street(text: str) -> bool:
    return bool(_ENGLISH_STREET.fullmatch(text) or _GERMAN_STREET.fullmatch(text))


SHAPES: Mapping[Personal, Shape] = {
    Personal.EMAIL: Shape(_matches(_EMAIL), _matches(_EMAIL), proving=1),
    Personal.IBAN: Shape(checksums.is_iban, checksums.is_iban, proving=1),
    Personal.CARD: Shape(checksums.is_card, checksums.is_card),
    Personal.SSN: Shape(_matches(_CODE), _matches(_SSN)),
    Personal.IP: Shape(_is_ip, _is_ip),
    Personal.URL: Shape(_matches(_URL), _matches(_URL), category=False),
    Personal.PHONE: Shape(_matches(_PHONE), _matches(_SURE_PHONE)),
    Personal.FIRST_NAME: Shape(_matches(_WORDS)),
    Personal.LAST_NAME: Shape(_matches(_WORDS)),
    Personal.NAME: Shape(_matches(_FULL_NAME), _matches(_FULL_NAME)),
    Personal.STREET: Shape(_is_place_with_number, _is_street, fewest=FEWEST),
    Personal.ADDRESS: Shape(_is_place_with_number, fewest=FEWEST),
    Personal.POSTCODE: Shape(_matches(_POSTCODE), category=False),
    Personal.CITY: Shape(_matches(_PLACE), category=False),
    Personal.COMPANY: Shape(lambda text: bool(re.search(r"[^\W\d_]{2}", text)), category=False),
    Personal.USERNAME: Shape(_matches(_USERNAME), category=False),
}
"""In the order in which they are asked: what proves itself comes first."""

_NUMBERS = {Personal.PHONE: (7, 15), Personal.SSN: (7, 13), Personal.CARD: (13, 19), Personal.POSTCODE: (4, 6)}
"""What may be stored as whole numbers, and how many digits it has."""
_PERSONS = frozenset({Personal.EMAIL, Personal.PHONE, Personal.IBAN, Personal.CARD, Personal.SSN, Personal.NAME,
                      Personal.LAST_NAME})  # fmt: skip
"""What says that a table is about persons, and how many of them."""
_BESIDE = (Personal.NAME, Personal.STREET, Personal.ADDRESS, Personal.POSTCODE, Personal.CITY, Personal.COMPANY,
           Personal.USERNAME)  # fmt: skip
"""What is then believed of a column that is called so."""


def recognised(name: str, values: pa.Array, kind: Kind) -> Personal | None:
    """What a column says of a person; None where it does not, or where that is not plain enough.

    `kind` is what the column would be otherwise.
    """
    text = _is_text(values.type)
    if not text and values.type not in (pa.int64(), pa.uint64()):
        return None
    sample, distinct = _looked_at(values)
    if not sample:
        return None
    if not text:
        return _number(name, sample, mostly_distinct=2 * distinct > len(values) - values.null_count)
    return next((personal for personal in SHAPES if _fits(personal, name, sample, kind)), None)


def recognised_beside(table: pa.Table, known: Sequence[Column]) -> dict[str, Personal]:
    """What other columns say of the persons that the known personal ones are about.

    Somebody's e-mail address makes a column called `name` a person's, whatever it holds, and a town one of many: it
    must be about the same person by its name, and as various as they are.
    """
    persons: dict[str, int] = {}
    for column in known:
        if column.personal in _PERSONS and column.personal:
            whose = role(column.name, column.personal)
            persons[whose] = max(persons.get(whose, 0), _looked_at(table[column.name])[1])
    found = {}
    for column in known:
        if persons and column.kind in (Kind.TEXT, Kind.KEY, Kind.CATEGORY) and not column.personal:
            personal = next((each for each in _BESIDE if hint(column.name, each)), None)
            many = persons.get(role(column.name, personal), 0) if personal else 0
            if personal and many and _is_about(personal, table[column.name], many):
                found[column.name] = personal
    return found


def is_persons_number(table: pa.Table, name: str, known: Sequence[Column]) -> bool:
    """Is this the number of a person: does it go one to one with their e-mail addresses, accounts or the like?

    A shop's number says something of its rows, however few shops there are; a customer's says who it was.
    """
    rows = arrays.text(table[name])
    for column in known:
        if column.personal in _PERSONS:
            pairs = pc.binary_join_element_wise(rows, arrays.text(table[column.name]), "\0")
            there = pc.is_valid(pairs)
            many = {
                pc.count_distinct(part.filter(there)).as_py() for part in (rows, arrays.text(table[column.name]), pairs)
            }
            if len(many) == 1 and max(many) > 2 * FEWEST:
                return True
    return False


def _is_about(personal: Personal, values: pa.ChunkedArray, persons: int) -> bool:
    if not _is_text(values.type):
        return False
    sample, distinct = _looked_at(values)
    various = distinct >= max(FEWEST, OF_PERSONS * persons)
    named = personal != Personal.NAME or _share(sample, _says_no_person) <= 0.1
    return various and named and _share(sample, SHAPES[personal].test) >= CALLED


def _looked_at(values: arrays.Array) -> tuple[list[str], int]:
    """Distinct values, spread over the column, and how many there are in all."""
    distinct = pc.unique(arrays.text(values)).drop_null()
    picked = np.unique(np.linspace(0, max(len(distinct) - 1, 0), LOOKED_AT).astype(np.int64))[: len(distinct)]
    return [word.strip() for word in distinct.take(pa.array(picked)).to_pylist()], len(distinct)


def _is_text(type_: pa.DataType) -> bool:
    type_ = type_.value_type if pa.types.is_dictionary(type_) else type_
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def notes(schema: TableSchema) -> tuple[str, ...]:
    """What a person is told of the columns that were found to be personal; nothing where there are none."""
    found = [column for column in schema.columns if column.personal]
    if not found:
        return ()
    named = ", ".join(f"{column.name} ({column.personal})" for column in found)
    fix = f"where one is not, say what it is under `columns`, such as {{{found[0].name}: category}}"
    return (f"personal, so replaced by made values and never learnt: {named}; {fix}",)


def _number(name: str, sample: list[str], *, mostly_distinct: bool) -> Personal | None:
    for personal, (fewest, most) in _NUMBERS.items():
        called = hint(name, personal) and mostly_distinct
        long = _share(sample, lambda text, low=fewest, high=most: text.isdigit() and low <= len(text) <= high)  # type: ignore[misc]
        sound = personal != Personal.CARD or (len(sample) >= FEWEST and _share(sample, checksums.is_card) >= PROVED)
        if (called or personal == Personal.CARD) and long >= PROVED and sound:
            return personal
    return None


def _fits(personal: Personal, name: str, sample: list[str], kind: Kind) -> bool:
    shape = SHAPES[personal]
    if len(sample) < shape.fewest or (not shape.category and kind not in (Kind.TEXT, Kind.KEY)):
        return False
    if personal in (Personal.NAME, Personal.FIRST_NAME) and not hint(name, Personal.FIRST_NAME):
        return _names_people(personal, name, sample)
    if hint(name, personal) and _share(sample, shape.test) >= CALLED:
        return True
    proved = shape.proof is not None and len(sample) >= shape.proving and _share(sample, shape.proof) >= PROVED
    return proved and personal != Personal.NAME


def _names_people(personal: Personal, name: str, sample: list[str]) -> bool:
    """Names in full, or given names alone, by the dictionary."""
    called = hint(name, Personal.NAME)
    single = _share(sample, lambda text: " " not in text) >= CALLED
    if single != (personal == Personal.FIRST_NAME) or (single and not called):
        return False
    if not called and len(sample) < 2 * FEWEST:
        return False
    if _share(sample, _matches(_FULL_NAME)) < (CALLED if called else PROVED) or _share(sample, _says_no_person) > 0.1:
        return False
    wanted = CLEARLY_IN_DICTIONARY if called in CLEAR_NAMES else CALLED_IN_DICTIONARY
    return _share(sample, _is_given_name_in) >= (wanted if called and not single else IN_DICTIONARY)


def _is_given_name_in(text: str) -> bool:
    return any(word in GIVEN_NAMES for word in _plain_words(text))


def _says_no_person(text: str) -> bool:
    return any(word in _NOT_PEOPLE for word in _plain_words(text))


def _plain_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z]+", plain)


def _share(sample: list[str], test: Test) -> float:
    return sum(map(test, sample)) / len(sample)
