"""Other weights for the rows that are there."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, needs_rows


class Weights:
    """Other weights for the rows that are there."""

    name = "class weights and thresholds"
    makes: ClassVar[tuple[Modality, ...]] = ("table", "text", "image")
    alternative = True
    ceiling = "as much as the real rows hold"
    fails = "few rows of large weight are learnt by heart"
    cannot = "rows that are not there"
    owes = ("utility on real rows, by class",)
    cost = "nothing"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from needs_rows(wish)
        if wish.gap in ("imbalance", "bias"):
            yield Reason(4, "it answers the cost of errors directly, and invents nothing", "Elkan 2001")
        if wish.use == "share" or wish.gap in ("privacy", "rarity", "coverage"):
            yield Reason(0, "it makes no rows", veto=True)
