"""What made-up people are put together from: given names that many bear, surnames that nobody does, towns and streets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mintmark.generators.tabular.storage import need

FORMS = ("street", "address", "postcode")


@dataclass(frozen=True)
class Parts:
    """The parts for one country, all of them made or widely shared: none was taken from training data."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    """Given names, from Faker."""
    surnames: tuple[str, ...]
    """Blended from halves of Faker's; no training value holds one of them."""
    cities: tuple[str, ...]
    ways: tuple[str, ...]
    """What streets are called: `Street`, `rue`."""
    companies: tuple[str, ...]
    """What stands behind the name of a firm: `Ltd`."""
    street: str
    """How a street is written: `{number} {word} {way}`."""
    address: str
    """How an address is written: `{street}, {city} {postcode}`."""
    postcode: str
    """The form of a postcode, as in `forms`."""

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {name: value if isinstance(value, str) else list(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Parts":
        """The inverse of `to_json`; LedgerError where people cannot be made of it."""
        read = {field.name: body[field.name] for field in fields(cls)}
        for name, value in read.items():
            if name in FORMS:
                need(isinstance(value, str) and bool(value), f"parts of people: {name}")
            else:
                need(bool(value) and all(isinstance(word, str) and word for word in value), f"parts of people: {name}")
        out = cls(**{name: value if isinstance(value, str) else tuple(value) for name, value in read.items()})
        out.street.format(number="1", word="a", way="b")
        out.address.format(street="a", postcode="1", city="b")
        return out
