"""Two networks against each other."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


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
        if not wish.learnt_from:
            yield Reason(0, "there is nothing to learn from", veto=True)
        if wish.guarantee:
            yield Reason(0, "it gives no formal guarantee", veto=True)
        if wish.use == "inference":
            yield Reason(
                -3, "standard errors from its rows leave out the uncertainty of the generator", "Decruyenaere 2024"
            )
        yield Reason(-1, "on tables, methods that are trained by likelihood are closer and steadier", "Kotelnikov 2023")
        if wish.gap == "imbalance":
            yield Reason(1, "classes are conditioned on in training", "Xu 2019")
        if wish.rows is not None and 0 < wish.rows < 1000:
            yield Reason(-2, f"{wish.rows:,} rows are few for it")
