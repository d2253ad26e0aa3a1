"""A masked autoregressive network over quantile tokens."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, few_rows, learns


class Network:
    """A masked autoregressive network over quantile tokens."""

    name = "tabular.network"
    makes: ClassVar[tuple[Modality, ...]] = ("table",)
    alternative = False
    ceiling = "the closest to real rows where there are thousands of them"
    fails = "few rows, or too many epochs: it then repeats them"
    cannot = "rows that follow from each other, and kinds of rows that nobody recorded"
    owes = ("fidelity.detection", "utility.transfer", "privacy.membership", "coverage.cells")
    cost = "a minute on a CPU; needs torch"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from learns(wish)
        if wish.gap in ("imbalance", "volume", "bias", "privacy", "none"):
            yield Reason(2, "networks that draw one column after the other lead on larger tables", "Germain 2015")
        if wish.rows is not None and wish.rows >= 10_000:
            yield Reason(2, f"{wish.rows:,} rows are enough for it")
        yield from few_rows(wish)
