"""A variational autoencoder."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, few_rows, learns


class Vae:
    """A variational autoencoder."""

    name = "tabular.vae"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "the broad shape of the data, smoothly"
    fails = "it blurs: sharp values and rare combinations are averaged away"
    cannot = "sharp edges and rare combinations"
    owes = ("fidelity.detection", "coverage.cells", "utility.transfer", "privacy.membership")
    cost = "a minute on a CPU; needs torch"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from learns(wish)
        if wish.gap in ("volume", "none"):
            yield Reason(1, "training is steady, and often better than that of adversarial networks", "Xu 2019")
        yield from few_rows(wish)
