"""A world that is simulated."""

from collections.abc import Iterator
from typing import ClassVar

from mintmark.advice.method import Modality, Reason, Wish


class Simulation:
    """A world that is simulated."""

    name = "a simulator"
    makes: ClassVar[tuple[Modality, ...]] = ("simulation", "image")
    alternative = False
    ceiling = "exact labels, and events that are too rare or too dangerous to record"
    fails = "what the simulator leaves out, models never learn; what it adds, they learn as real"
    cannot = "what its physics and its assets lack"
    owes = ("fidelity.gap", "utility.transfer", "shortcuts.nuisance")
    cost = "weeks to build, next to nothing a scene"

    def weigh(self, wish: Wish) -> Iterator[Reason]:
        """What speaks for and against it here."""
        if wish.gap in ("rarity", "coverage", "annotation"):
            yield Reason(4, "it can show what nobody could record, with labels for free", "Tobin 2017")
        yield Reason(-1, "what it learnt in the simulator must be proved on real recordings", "Tremblay 2018")
