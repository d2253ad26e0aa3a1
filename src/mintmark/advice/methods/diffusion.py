"""Diffusion over numbers and categories."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, few_rows, learns


class Diffusion:
    """Diffusion over numbers and categories."""

    name = "tabular.diffusion"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "close to real rows, with good coverage of modes"
    fails = "it is slow, and where rows are few it comes near to repeating them"
    cannot = "fine detail that the noise hides: exact sums, codes"
    owes = ("fidelity.detection", "utility.transfer", "privacy.membership", "privacy.near_copies")
    cost = "minutes on a CPU; needs torch"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from learns(wish)
        if wish.gap in ("imbalance", "volume", "none"):
            yield Reason(1, "it covers modes that adversarial networks drop", "Kotelnikov 2023")
        yield from few_rows(wish)
