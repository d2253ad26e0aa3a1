"""Do texts give away invented secrets that were planted among the training texts?"""

import math
from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import cells, intervals, roc
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Interval, Reading
from mintmark.metrics.features import Floats
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import columns_of_text, note, some
from mintmark.words import canaries
from mintmark.words.kneser_ney import KneserNey

FEWEST = 10
"""Canaries below which nothing is told."""


@dataclass(frozen=True)
class Canaries:
    """Somebody hid invented numbers among the training texts, and asks a reader of the synthetic texts to guess them.

    All that stands in the training texts in a certain `form`, where each # is a digit, counts as planted
    (`words.canaries.plant` does it); as many alternatives as wished are drawn in the same form and were never shown to
    anybody. The attacker has the synthetic texts alone: a counting model of words and digits learns them, and prefers
    what it finds likelier (n-gram attack: Meeus et al. 2025). The value is the share of pairs of a planted and an
    invented one in which it prefers the planted one (AUC): 0.5 is chance and best, 1 gives all away.

    Details hold the exposure of the planted ones, log₂ of how many alternatives there are over the rank among them
    (Carlini et al. 2019; by sampling, so at most log₂ of those drawn, and 1 at chance in the median), how many stand
    word for word in the texts, and the hits at 1 % false alarms. A secret that is repeated more often is given away
    more easily: this is a lower bound for how a generator treats texts like these, and no leave to publish.

    Interval: DeLong, DeLong & Clarke-Pearson 1988.
    """

    alternatives: int = Field(1_000, ge=100, le=100_000)
    order: int = Field(5, ge=2, le=8)
    """Words and digits of the longest run that is counted."""
    texts: int = Field(20_000, ge=100)
    """Most synthetic texts that are read."""
    form: str = canaries.FORM

    claim: ClassVar[Claim] = Claim.PRIVACY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = True
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {
        "quick": None,
        "thorough": {"alternatives": 10_000, "texts": 100_000},
    }

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The AUC; CannotMeasure where no canaries of this form stand in the training texts."""
        train, made = case.need(Role.TRAIN), case.need(Role.SYNTHETIC)
        columns = columns_of_text(train, made)
        planted = Counter(one for column in columns for one in canaries.found(train.table[column], self.form))
        if len(planted) < FEWEST:
            raise CannotMeasure(
                f"this needs at least {FEWEST} planted canaries of the form {self.form!r} in the training texts",
                found=f"{cells.told(len(planted))}",
                fix="plant some with mintmark.words.canaries.plant, or give the form of yours",
            )
        read = some(made, columns, rng, self.texts)
        enough(synthetic=len(read))
        invented = canaries.invented(self.form, self.alternatives, rng, without=frozenset(planted))
        model = KneserNey((canaries.tokens(text) for text in read), self.order)
        ours, theirs = (-self._surprises(model, side) for side in (list(planted), invented))
        value, variance = roc.auc(ours, theirs)
        interval = intervals.normal(value, variance, (0.0, 1.0))
        hits, hits_interval = roc.tpr_at(0.01, ours, theirs, rng=rng)
        known = sum(any(one in text for text in read) for one in planted)
        details = {
            "canaries": len(planted),
            "repeated": float(np.median(list(planted.values()))),
            "alternatives": len(invented),
            "word_for_word": known,
            "exposure": exposure(ours, theirs),
            "tpr_at_0.01": hits,
            "tpr_at_0.01_interval": list(hits_interval),
            "words": _words(value, interval, known, len(planted)),
            **note(train, columns),
        }
        return Reading(value, interval, len(planted), details)

    def _surprises(self, model: KneserNey, side: list[str]) -> Floats:
        return np.array([model.surprise(canaries.tokens(one)) for one in side])


def exposure(planted: Floats, invented: Floats) -> dict[str, float]:
    """In bits, from how likely each is: log₂(m + 1) less log₂ of its rank among m alternatives, of equals the worst."""
    above = len(invented) - np.searchsorted(np.sort(invented), planted, side="left")
    bits = math.log2(len(invented) + 1) - np.log2(above + 1)
    return {"median": float(np.median(bits)), "most": float(bits.max()), "measurable": math.log2(len(invented) + 1)}


def _words(value: float, interval: Interval, known: int, planted: int) -> str:
    stand = f"{known:,} of {planted:,} planted secrets stand word for word in the synthetic texts"
    if interval[0] <= 0.5:
        return (
            f"{stand}, and who reads these tells planted from invented ones no better than by chance. What people "
            "wrote as often is not read off in this way, though it may be in another."
        )
    return (
        f"{stand}, and who reads these tells a planted from an invented one in {100 * value:.0f} of 100 pairs (chance: "
        f"50; at worst {100 * interval[1]:.0f}). What people wrote as often may be read off in the same way."
    )
