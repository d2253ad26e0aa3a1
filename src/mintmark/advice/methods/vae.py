"""A variational autoencoder."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


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
        if not wish.learnt_from:
            yield Reason(0, "there is nothing to learn from", veto=True)
        if wish.guarantee:
            yield Reason(0, "it gives no formal guarantee", veto=True)
        if wish.use == "inference":
            yield Reason(
                -3, "standard errors from its rows leave out the uncertainty of the generator", "Decruyenaere 2024"
            )
        if wish.gap in ("volume", "none"):
            yield Reason(1, "training is steady, and often better than that of adversarial networks", "Xu 2019")
        if wish.rows is not None and 0 < wish.rows < 1000:
            yield Reason(-2, f"{wish.rows:,} rows are few for it")
