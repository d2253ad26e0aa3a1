"""Two networks against each other."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, few_rows, learns


class Gan:
    """Two networks against each other."""

    name = "tabular.gan"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "sharp rows of the kinds that it kept"
    fails = "modes are dropped, training does not settle, and nothing in its loss says so"
    cannot = "rare kinds of rows, which go first"
    owes = ("coverage.modes", "coverage.recall", "fidelity.detection", "privacy.membership")
    cost = "minutes on a CPU; needs torch"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from learns(wish)
        yield Reason(-1, "on tables, methods that are trained by likelihood are closer and steadier", "Kotelnikov 2023")
        if wish.gap == "imbalance":
            yield Reason(1, "classes are conditioned on in training", "Xu 2019")
        yield from few_rows(wish)
