"""Marginals tied together by a Gaussian copula."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, learns


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
        yield from learns(wish)
        yield Reason(1, "it is plain: what it keeps can be written on a page", "Patki 2016")
        if wish.use in ("test", "study"):
            yield Reason(1, "correlations are often all that such use needs")
        if wish.use in ("augment", "replace"):
            yield Reason(-2, "a model soon learns more than correlations", "Grinsztajn 2022")
