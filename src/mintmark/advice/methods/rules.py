"""Distributions and formulas that somebody wrote down."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


class Rules:
    """Distributions and formulas that somebody wrote down."""

    name = "tabular.rules"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "what its author knows: exact constraints, and no surprise"
    fails = "it is as wrong as its author, and too clean"
    cannot = "whatever nobody thought of"
    owes = ("validity.constraints",)
    cost = "hours of somebody who knows the field; nothing to run"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        if not wish.learnt_from:
            yield Reason(4, "nothing real is needed, and nobody can be given away")
        if wish.use == "test":
            yield Reason(3, "software is tested with cases that somebody chose")
        if wish.gap in ("rarity", "coverage"):
            yield Reason(2, "what was never recorded can still be written down")
        if not wish.described:
            yield Reason(-2, "somebody has to write down how the data comes about")
        if wish.use in ("augment", "replace") and wish.learnt_from:
            yield Reason(-2, "models learn the rules and not the world", "Geirhos 2020")
