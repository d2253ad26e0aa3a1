"""What made-up people are put together from: given names that many bear, surnames that nobody does, towns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mintmark.generators.storage import need

LISTS = ("female", "male", "surnames", "cities", "ways", "companies")
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
        lists: dict[str, Any] = {name: tuple(body[name]) for name in LISTS}
        texts: dict[str, Any] = {name: body[name] for name in FORMS}
        for name, words in [*lists.items(), *((name, (text,)) for name, text in texts.items())]:
            need(bool(words) and all(isinstance(word, str) and word for word in words), f"parts of people: {name}")
        out = cls(**lists, **texts)
        out.street.format(number="1", word="a", way="b")
        out.address.format(street="a", postcode="1", city="b")
        return out
