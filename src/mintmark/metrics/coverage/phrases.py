"""Do texts say as many different things as real ones: words, pairs and triples of words, at equal length?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import variety
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.variety import Variety
from mintmark.metrics.written import written
from mintmark.words import coded


@dataclass(frozen=True)
class Phrases:
    """Somebody strikes out every phrase that was there before: how much of the text is left, and how much of real text?

    Distinct-n (Li et al. 2016) is the share of different n-grams among all; here for n from 1 to `longest`. It falls
    with length, so both sides are cut to equally many n-grams. r is the synthetic share over the real one (geometric
    mean over n), and the value min(r, 1 / r): 1 is best. Where r is below 1 a model says the same again and again;
    above 1 words are thrown together as nobody does. It sees no repetition of ideas in other words.

    Interval: of the ratio on the log scale, by a jackknife over blocks of texts.
    """

    longest: int = Field(3, ge=1, le=8)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the shares are; details hold both for each n."""
        both = written(case, rng)
        words = [coded.words(side) for side in (both.real, both.made)]
        found: list[list[Variety]] = [[], []]
        for n in range(1, self.longest + 1):
            grams = [coded.grams(each, n) for each in words]
            count = min(len(each.codes) for each in grams)
            if count:
                for side, each in zip(found, grams, strict=True):
                    side.append(Variety.of(each, count))
        if not found[0]:
            raise CannotMeasure("there are no words in the texts")
        ratio, ends = variety.ratio(*found)
        shares = {f"{n}": [real.share, made.share] for n, (real, made) in enumerate(zip(*found, strict=True), 1)}
        details = {"ratio": ratio, "ratio_interval": list(ends), "distinct_real_and_synthetic": shares, **both.note}
        return Reading(balance(ratio), balances(*ends), both.n, details)
