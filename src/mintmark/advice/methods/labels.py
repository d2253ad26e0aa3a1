"""Active learning: somebody labels what a model is least sure of."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish, needs_rows


class Labels:
    """Active learning: somebody labels what a model is least sure of."""

    name = "more labels, the doubtful rows first"
    makes: ClassVar[tuple[Modality, ...]] = ("table", "text", "image")
    alternative = True
    ceiling = "what the unlabelled rows hold, at a part of the cost of labelling all"
    fails = "a model that is sure and wrong asks for the wrong rows"
    cannot = "what is in no unlabelled row either"
    owes = ("utility on a random real sample",)
    cost = "by the label"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        yield from needs_rows(wish)
        if wish.gap == "annotation":
            yield Reason(4, "the rows are there, and a few well-chosen labels are worth many", "Settles 2009")
        elif wish.gap in ("imbalance", "rarity", "bias"):
            yield Reason(1, "it finds rare rows among those that nobody labelled", "Settles 2009")
        else:
            yield Reason(-2, "labels are not what is lacking")
