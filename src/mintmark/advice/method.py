"""What advice knows of a way to fill a gap: what speaks for it here, how far it can reach, and how it fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

Gap = Literal["annotation", "privacy", "imbalance", "rarity", "coverage", "bias", "volume", "none"]
Use = Literal["augment", "replace", "share", "test", "study", "inference"]
Modality = Literal["table", "text", "image", "simulation"]


@dataclass(frozen=True)
class Wish:
    """What is wanted, and what is known of the data."""

    gap: Gap
    use: Use
    modality: Modality = "table"
    people: bool = False
    """Are rows about persons?"""
    guarantee: bool = False
    """Is a formal guarantee of privacy required?"""
    rows: int | None = None
    """Real rows; 0 where there are none, None where that is not known."""
    columns: int | None = None
    rarest: int | None = None
    """Rows of the rarest class of the target."""
    described: bool = False
    """Can somebody write down how the data comes about?"""

    @property
    def learnt_from(self) -> bool:
        """Are there real rows to learn from?"""
        return self.rows is None or self.rows > 0


@dataclass(frozen=True)
class Reason:
    """What speaks for a way (points above 0) or against it; a veto rules it out."""

    points: int
    why: str
    source: str = ""
    """A key of `sources.SOURCES`; empty where the reason is what the method is."""
    veto: bool = False


class Method(Protocol):
    """One way."""

    name: ClassVar[str]
    """In a recipe, where it is made by Mintmark (`tabular.trees`); else in plain words."""
    makes: ClassVar[tuple[Modality, ...]]
    alternative: ClassVar[bool]
    """Does it do without synthetic data?"""
    ceiling: ClassVar[str]
    """The best that it can reach."""
    fails: ClassVar[str]
    """How it goes wrong when it does."""
    cannot: ClassVar[str]
    """What it cannot represent."""
    owes: ClassVar[tuple[str, ...]]
    """The tests that have to be passed before it is believed."""
    cost: ClassVar[str]

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        ...
