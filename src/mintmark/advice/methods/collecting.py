"""More of the world."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


class Collecting:
    """More of the world."""

    name = "collecting real data"
    makes: ClassVar[tuple[Modality, ...]] = ("table", "text", "image", "simulation")
    alternative = True
    ceiling = "none: it is what all else is measured by"
    fails = "what is collected where it is easy to collect"
    cannot = "what the world does not show in time"
    owes = ("drift against the older rows",)
    cost = "often the highest"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        if wish.gap in ("coverage", "rarity", "bias", "volume"):
            yield Reason(3, "no generator knows more than what it learnt from", "Alaa 2022")
        if wish.rarest is not None and wish.rarest < 30:
            yield Reason(3, f"{wish.rarest} examples are too few to learn a class from", "van Breugel 2023")
        if wish.gap == "privacy":
            yield Reason(0, "more people's records protect nobody", veto=True)
