"""Parts of made-up people from Faker: the only module that imports it, and imported by name where people are made.

Given names, towns and postcodes are Faker's. Surnames are not: Faker's are those of real families, so that a full name
from its lists is somebody's. They are blended from the beginning of one and the end of another, in blocks; a block of
which a training value holds any surname is passed over whole, so that a model tells nobody which one that was.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Set

import faker
import numpy as np

from mintmark.data.schema import Personal
from mintmark.errors import DataError
from mintmark.generators.tabular import forms
from mintmark.generators.tabular.stock import Parts

BLOCK = 400
"""Surnames of a block."""
BLOCKS = 200
"""How many blocks are looked through; from the ninth on, surnames are double-barrelled, and never run out."""
SINGLE_BLOCKS = 8

_STREETS = {
    "en": ("{number} {word} {way}", ("Street", "Avenue", "Road", "Lane", "Drive", "Court")),
    "de": ("{word}{way} {number}", ("straße", "weg", "gasse", "platz", "allee")),
    "nl": ("{word}{way} {number}", ("straat", "laan", "weg")),
    "sv": ("{word}{way} {number}", ("gatan", "vägen")),
    "da": ("{word}{way} {number}", ("vej", "gade")),
    "no": ("{word}{way} {number}", ("veien", "gata")),
    "fi": ("{word}{way} {number}", ("katu", "tie")),
    "cs": ("{word}{way} {number}", ("ova",)),
    "fr": ("{number} {way} {word}", ("rue", "avenue", "place", "chemin", "boulevard")),
    "es": ("{way} {word} {number}", ("Calle", "Avenida", "Plaza")),
    "pt": ("{way} {word}, {number}", ("Rua", "Avenida", "Travessa")),
    "it": ("{way} {word} {number}", ("Via", "Viale", "Piazza", "Corso")),
    "pl": ("{way} {word} {number}", ("ul.", "al.")),
    "hr": ("{way} {word} {number}", ("Ulica", "Trg")),
    "hu": ("{word} {way} {number}.", ("utca", "út")),
    "tr": ("{word} {way} {number}", ("Sokak", "Caddesi")),
}
"""How streets are written, by language; Faker's own are named after real people."""
ENDINGS = tuple(way for street, ways in _STREETS.values() if "{word}{way}" in street for way in ways)
"""What a street's name may end in without a space."""


def parts(locale: str, taken: Set[str]) -> Parts:
    """The parts for a country, such as `de_DE`.

    `taken` holds the words of the training data in small letters. Raises DataError where they leave no surname.
    """
    fake = faker.Faker(locale)
    fake.seed_instance(0)  # the lists are the same for everybody: what varies is drawn from them later
    street, ways = _STREETS[locale[:2]]
    codes = Counter(forms.shape(fake.postcode(), letters=True) for _ in range(200))
    return Parts(
        female=_several(fake.first_name_female, 400),
        male=_several(fake.first_name_male, 400),
        surnames=_surnames(_several(fake.last_name, 2000), taken),
        cities=_several(fake.city, 400),
        ways=ways,
        companies=_several(fake.company_suffix, 60),
        street=street,
        address="{street}, {city} {postcode}" if locale[:2] == "en" else "{street}, {postcode} {city}",
        postcode=max(sorted(codes), key=lambda code: codes[code]),
    )


def examples(locale: str, personal: Personal) -> tuple[str, ...]:
    """How codes of a country are written, by example; none for what has no form."""
    fake = faker.Faker(locale)
    fake.seed_instance(0)
    make: dict[Personal, Callable[[], str]] = {
        Personal.PHONE: fake.phone_number, Personal.SSN: fake.ssn, Personal.IBAN: fake.iban,
        Personal.CARD: lambda: fake.credit_card_number("visa16"), Personal.POSTCODE: fake.postcode,
    }  # fmt: skip
    return tuple(str(make[personal]()) for _ in range(400)) if personal in make else ()


def _several(make: Callable[[], str], tries: int) -> tuple[str, ...]:
    return tuple(sorted({make() for _ in range(tries)}))


def _surnames(real: tuple[str, ...], taken: Set[str]) -> tuple[str, ...]:
    for block in _blocks(real):
        if not {name.lower() for name in block} & taken and not {forms.plain(name) for name in block} & taken:
            return block
    raise DataError("the training data holds every surname that could be made", fix="choose another locale")


def _blocks(real: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Surnames that are none of Faker's, in an order that depends on nothing else."""
    rng = np.random.Generator(np.random.PCG64DXSM(0))
    halves = [parted for name in real if (parted := _parted(name))]
    heads, tails = (tuple(sorted(set(half))) for half in zip(*halves, strict=True))
    known = {name.lower() for name in real}
    blends = [head + tail for head in heads for tail in tails]
    blends = sorted({name for name in blends if name.lower() not in known and 6 <= len(name) <= 12})
    mixed = [blends[place] for place in rng.permutation(len(blends)).tolist()]
    for at in range(SINGLE_BLOCKS):
        yield tuple(mixed[at * BLOCK : (at + 1) * BLOCK]) if len(mixed) >= (at + 1) * BLOCK else _doubled(mixed, rng)
    for _ in range(SINGLE_BLOCKS, BLOCKS):
        yield _doubled(mixed, rng)


def _doubled(names: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    pairs = rng.integers(len(names), size=(BLOCK, 2)).tolist()
    return tuple(sorted({f"{names[one]}-{names[two]}" for one, two in pairs}))


def _parted(name: str) -> tuple[str, str] | None:
    """A surname's first syllable with the consonant behind it, and its last two from their vowel on: (And, erson)."""
    if not name.isalpha() or not name[0].isupper():
        return None
    vowels = "".join("v" if unicodedata.normalize("NFD", letter)[0] in "aeiouyøæ" else "c" for letter in name.lower())
    head = re.match(r"c{0,2}v{1,2}c", vowels)
    tail = re.search(r"v{1,2}c{1,3}v{1,2}c{0,2}$", vowels)
    return (name[: head.end()], name[tail.start() :]) if head and tail and tail.start() else None
