"""How many texts repeat a passage of the training texts, beyond what fresh real texts repeat?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import columns_of_text, note, some
from mintmark.words import coded
from mintmark.words.lookup import Lookup

MOST = 50_000
"""Most synthetic, and most fresh, texts that are looked at; all training texts are searched."""


@dataclass(frozen=True)
class Memorised:
    """Somebody searches the synthetic texts for sentences of the training texts: a model that learnt by heart has them.

    A text counts if a run of `words` words stands in a training text too (shorter texts if all of it does). What people
    say again and again stands in fresh texts as well, so the holdout's share is subtracted. 0 is best, 1 the worst
    (Carlini et al. 2021 and 2023 count such runs as extracted). Interval: Newcombe 1998, for the difference of two
    shares. What it cannot see: sentences in other words, and facts that were learnt by heart without theirs.
    """

    words: int = Field(8, ge=2, le=100)

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share; details hold both shares."""
        train, fresh, made = (case.need(role) for role in (Role.TRAIN, Role.HOLDOUT, Role.SYNTHETIC))
        columns = columns_of_text(train, fresh, made)
        known = self._runs(some(train, columns, rng, len(train)))
        sides = [some(data, columns, rng, MOST) for data in (made, fresh)]
        enough(synthetic=len(sides[0]), real=len(sides[1]))
        lookup = Lookup(known)
        hits = [len(np.unique(runs.owners[lookup.find(runs.codes)[0]])) for runs in map(self._runs, sides)]
        ours, theirs = (hit / len(side) for hit, side in zip(hits, sides, strict=True))
        interval = intervals.difference(hits[0], len(sides[0]), hits[1], len(sides[1]))
        details = {
            "share": ours,
            "share_of_fresh_texts": theirs,
            **note(train, columns),
            "words": _words(ours - theirs, interval, self.words),
        }
        return Reading(ours - theirs, interval, len(sides[0]), details)

    def _runs(self, texts: list[str]) -> coded.Coded:
        return coded.shingles(coded.words(texts), self.words)


def _words(value: float, interval: Interval, words: int) -> str:
    worst = f"at worst {1000 * max(0.0, interval[1]):.0f}"
    if interval[0] <= 0:
        return (
            f"Synthetic texts repeat runs of {words} words of the training texts no more often than other people’s "
            f"texts do, as far as chance lets one see ({worst} of every 1,000 more)."
        )
    return (
        f"About {1000 * value:.0f} ({worst}) of every 1,000 synthetic texts repeat at least {words} words in a row of "
        f"a training text, beyond what other people’s texts repeat."
    )
