"""What advice knows of a way to fill a gap: what speaks for it here, how far it can reach, and how it fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

Gap = Literal["annotation", "privacy", "imbalance", "rarity", "coverage", "bias", "volume", "none"]
Use = Literal["augment", "replace", "share", "test", "study", "inference"]
Modality = Literal["table", "text", "image", "simulation"]

FEW = 1000
"""Of fewer rows a network has more parameters than it has rows to learn them from, many times over."""


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


def learns(wish: Wish) -> Iterator[Reason]:
    """What speaks against every method that learns from rows and proves nothing."""
    yield from needs_rows(wish)
    yield from proves_nothing(wish)
    yield from no_inference(wish)


def needs_rows(wish: Wish) -> Iterator[Reason]:
    """Without rows there is nothing to learn."""
    if not wish.learnt_from:
        yield Reason(0, "there is nothing to learn from", veto=True)


def proves_nothing(wish: Wish) -> Iterator[Reason]:
    """Where a proof is asked for, only what gives one will do."""
    if wish.guarantee:
        yield Reason(0, "it gives no formal guarantee", veto=True)


def no_inference(wish: Wish) -> Iterator[Reason]:
    """Synthetic rows are no observations."""
    if wish.use == "inference":
        why = "standard errors from its rows leave out the uncertainty of the generator"
        yield Reason(-3, why, "Decruyenaere 2024")


def few_rows(wish: Wish) -> Iterator[Reason]:
    """What has many parameters learns few rows by heart."""
    if wish.rows is not None and 0 < wish.rows < FEW:
        yield Reason(-2, f"{wish.rows:,} rows are few for it")
