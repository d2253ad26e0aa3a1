"""Diffusion over numbers and categories."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


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
        if not wish.learnt_from:
            yield Reason(0, "there is nothing to learn from", veto=True)
        if wish.guarantee:
            yield Reason(0, "it gives no formal guarantee", veto=True)
        if wish.use == "inference":
            yield Reason(
                -3, "standard errors from its rows leave out the uncertainty of the generator", "Decruyenaere 2024"
            )
        if wish.gap in ("imbalance", "volume", "none"):
            yield Reason(1, "it covers modes that adversarial networks drop", "Kotelnikov 2023")
        if wish.rows is not None and 0 < wish.rows < 1000:
            yield Reason(-2, f"{wish.rows:,} rows are few for it")
