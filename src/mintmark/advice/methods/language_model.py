"""Text from a language model."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


class LanguageModel:
    """Text from a language model."""

    name = "a language model"
    makes: ClassVar[tuple[Modality, ...]] = ("text",)
    alternative = False
    ceiling = "what the teacher knows, in the teacher's style"
    fails = "it states wrong facts fluently, repeats itself, and leaks tests that it has read"
    cannot = "what the teacher does not know, and how other people write"
    owes = ("duplicates", "decontamination", "verification", "factual accuracy")
    cost = "by the token"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        if wish.gap in ("annotation", "volume", "coverage", "imbalance"):
            yield Reason(3, "a few seeds grow into many tasks", "Wang 2023")
        yield Reason(-1, "style is imitated before ability", "Gudibande 2024")
        if wish.people and wish.use == "share":
            yield Reason(-2, "what it was given of people it may repeat", "Carlini 2022")
