"""Rows between neighbours of one class (SMOTE)."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, needs_rows, proves_nothing


class Oversample:
    """Rows between neighbours of one class (SMOTE)."""

    name = "tabular.oversample"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "what interpolation of the rare class adds to a model that cannot weigh classes"
    fails = "it draws across gaps between clusters, and gives away the rows that it lies between"
    cannot = "anything outside of what lies between two known rows"
    owes = ("utility.minority", "privacy.near_copies", "fidelity.detection")
    cost = "seconds on a CPU"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from needs_rows(wish)
        yield from proves_nothing(wish)
        if wish.use == "share" or (wish.people and wish.gap == "privacy"):
            yield Reason(0, "its rows lie on lines between real people's rows", "Chawla 2002", veto=True)
        if wish.gap == "imbalance":
            yield Reason(2, "it is the baseline that users know", "Chawla 2002")
            yield Reason(
                -1, "for calibrated risks it does harm, and a threshold does as well", "van den Goorbergh 2022"
            )
        else:
            yield Reason(-2, "it fills no gap but that of a rare class")
