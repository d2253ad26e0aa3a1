"""Known examples, transformed."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, needs_rows


class Augmentation:
    """Known examples, transformed."""

    name = "augmentation"
    makes: ClassVar[tuple[Modality, ...]] = ("image", "text")
    alternative = False
    ceiling = "models that are firmer around what was seen"
    fails = "a transformation that changes the label, or is no variation of the world"
    cannot = "cases that nobody recorded"
    owes = ("utility.augmentation", "shortcuts.nuisance")
    cost = "next to nothing"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from needs_rows(wish)
        if wish.gap in ("volume", "imbalance"):
            yield Reason(3, "it costs next to nothing, and models grow firmer by it", "Shorten 2019")
        if wish.gap in ("rarity", "coverage"):
            yield Reason(-3, "it multiplies and invents nothing", "Geirhos 2020")
