"""Do texts hold passages of the unseen real rows by which they are judged?"""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import columns_of_text, note, some
from mintmark.words import coded
from mintmark.words.lookup import Lookup

MOST = 100_000


@dataclass(frozen=True)
class Contamination:
    """A model that saw the exam's questions passes it: a score on the holdout is worth nothing where the texts hold it.

    The share of synthetic texts that have a run of `words` words in common with a holdout text (Brown et al. 2020: 13;
    shorter texts count where all of it is the same). A language model may know published texts that nobody gave it.
    0 is best; the ceiling says how much real texts share with each other. For named benchmarks see
    `filters.decontamination`. Interval: exact, of a share (Clopper & Pearson 1934). Paraphrases are not seen.
    """

    words: int = Field(13, ge=3, le=100)

    claim: ClassVar[Claim] = Claim.VALIDITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The share; CannotMeasure where there is no text."""
        holdout, made = case.need(Role.HOLDOUT), case.need(Role.SYNTHETIC)
        columns = columns_of_text(holdout, made)
        exam, read = some(holdout, columns, rng, MOST), some(made, columns, rng, MOST)
        enough(1, real=len(exam), synthetic=len(read))
        known, runs = (coded.shingles(coded.words(side), self.words) for side in (exam, read))
        hits = len(np.unique(runs.owners[Lookup(known).find(runs.codes)[0]]))
        details = {"run": self.words, **note(holdout, columns)}
        return Reading(hits / len(read), intervals.proportion(hits, len(read)), len(read), details)
