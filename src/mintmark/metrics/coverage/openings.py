"""Do texts begin in as many ways as real ones?"""

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
from mintmark.words.coded import Coded


@dataclass(frozen=True)
class Openings:
    """A reader who knows how texts begin soon knows a model by it: 59 % of TinyStories begin "Once upon a time".

    The share of different openings (the first `words` words) among all is taken on both sides, of equally many texts,
    so length has no part in it; r is the synthetic share over the real one, and the value min(r, 1 / r): 1 is best
    (the figure: arXiv 2504.09184). Details tell how many texts have the most common opening, never which it is.

    Interval: of the ratio on the log scale, by a jackknife over blocks of texts.
    """

    words: int = Field(3, ge=1, le=20)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the shares are; details hold both, and that of the most common opening."""
        both = written(case, rng)
        sides = [self._openings(side) for side in (both.real, both.made)]
        count = min(len(side.codes) for side in sides)
        if not count:
            raise CannotMeasure("there are no words in the texts")
        real, made = (Variety.of(side, count) for side in sides)
        ratio, ends = variety.ratio([real], [made])
        top = [float(np.unique(side.codes[:count], return_counts=True)[1].max() / count) for side in sides]
        details = {
            "ratio": ratio,
            "ratio_interval": list(ends),
            "distinct_real_and_synthetic": [real.share, made.share],
            "most_common_synthetic": top[1],
            **both.note,
        }
        return Reading(balance(ratio), balances(*ends), count, details)

    def _openings(self, side: list[str]) -> Coded:
        """One code a text; a text of fewer words opens with all that it has."""
        words = coded.words(side)
        there = np.minimum(words.counts, self.words)
        starts = np.concatenate([[0], np.cumsum(there)])
        place = np.repeat(words.starts[:-1] - starts[:-1], there) + np.arange(starts[-1])
        first = Coded(words.codes[place], starts)
        has = np.flatnonzero(there)
        return Coded(coded.wholes(first)[has], np.concatenate([[0], np.cumsum(there > 0)]))
