"""How many texts say nearly the same as another one, beyond what real texts do?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import written
from mintmark.words import alike


@dataclass(frozen=True)
class Duplicates:
    """Who pays for a thousand texts and is given five hundred twice was cheated, also where a word or two differ.

    The share of texts that have a near duplicate among the others (Jaccard of at least `threshold` on runs of three
    words, found by MinHash and counted exactly, as `filters.near_duplicates` does), less the same share among as many
    real texts. 0 is best, 1 the worst; below 0 real texts repeat each other more (forms, greetings), and the synthetic
    ones lack that.

    Interval: normal, with the texts that hang together as what is drawn independently (the variance is the sum of the
    squares of their numbers, and one pair more, so that nothing seen is not nothing there).
    """

    threshold: float = Field(0.8, gt=0, le=1)

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The excess share; details hold both shares and the largest crowd of synthetic texts that are alike."""
        both = written(case, rng)
        sizes = [self._crowds(side) for side in (both.real, both.made)]
        real, made = (float(each.sum()) / both.n for each in sizes)
        spread = sum((float((each**2).sum()) + 4) / both.n**2 for each in sizes)
        details = {
            "share_real_and_synthetic": [real, made],
            "largest_synthetic": int(sizes[1].max(initial=1)),
            **both.note,
        }
        return Reading(made - real, intervals.normal(made - real, spread, (-1.0, 1.0)), both.n, details)

    def _crowds(self, side: list[str]) -> np.ndarray:
        """How many texts each crowd has that hang together, of two and more."""
        one, other = alike.pairs(side, self.threshold)
        links = coo_array((np.ones(len(one)), (one, other)), shape=(len(side), len(side)))
        sizes = np.bincount(connected_components(links, directed=False)[1])
        return sizes[sizes > 1]
