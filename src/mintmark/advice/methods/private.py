"""Noisy counts of few columns at a time, under differential privacy."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, needs_rows, no_inference


class Private:
    """Noisy counts of few columns at a time, under differential privacy."""

    name = "tabular.private"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "what low-dimensional counts hold, less the noise: it grows as ε and rows shrink"
    fails = "with a small ε or few rows the noise drowns all but the strongest pairs"
    cannot = "what shows only in many columns at once; numbers finer than its bins"
    owes = ("privacy.audit", "utility.transfer", "fidelity.detection")
    cost = "seconds on a CPU; needs opendp"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from needs_rows(wish)
        yield from no_inference(wish)
        if wish.guarantee:
            yield Reason(5, "it is the way that proves a bound on what can be learnt about anybody", "McKenna 2022")
        elif wish.people and wish.use == "share":
            yield Reason(3, "what is handed on about people cannot be taken back", "Stadler 2022")
        else:
            yield Reason(-2, "its noise costs fidelity that nobody here asks for")
        if wish.rows is not None and 0 < wish.rows < 1000 and wish.guarantee:
            yield Reason(-1, f"with {wish.rows:,} rows the noise is loud", "Dwork 2014")
