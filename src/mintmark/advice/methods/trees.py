"""Trees over one column after the other."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, learns


class Trees:
    """Trees over one column after the other."""

    name = "tabular.trees"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "what real rows of the same number teach, less a few points: on tables it is hard to tell from real rows"
    fails = "leaves that are too small recite their rows; long chains blur what spans many columns"
    cannot = "rows that follow from each other, and kinds of rows that nobody recorded"
    owes = ("fidelity.detection", "utility.transfer", "privacy.membership", "coverage.cells")
    cost = "seconds on a CPU"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from learns(wish)
        if wish.gap in ("imbalance", "volume", "bias", "privacy", "none"):
            yield Reason(3, "tables of mixed columns are what it is made for", "Nowok 2016")
        if wish.rows is not None and 0 < wish.rows < 1000:
            yield Reason(1, "it learns from few rows without being tuned", "Grinsztajn 2022")
        if wish.gap in ("imbalance", "bias"):
            yield Reason(1, "shares of classes and groups are set with `where`, exactly")
