"""Marginals tied together by a Gaussian copula."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


class Copula:
    """Marginals tied together by a Gaussian copula."""

    name = "tabular.copula"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "marginals and correlations; nothing that needs more than pairs"
    fails = "it smooths what is not monotone, and misses what three columns do together"
    cannot = "interactions, clusters, and thresholds"
    owes = ("fidelity.detection", "fidelity.triples", "utility.transfer", "privacy.membership")
    cost = "seconds on a CPU"

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
        yield Reason(1, "it is plain: what it keeps can be written on a page", "Patki 2016")
        if wish.use in ("test", "study"):
            yield Reason(1, "correlations are often all that such use needs")
        if wish.use in ("augment", "replace"):
            yield Reason(-2, "a model soon learns more than correlations", "Grinsztajn 2022")
