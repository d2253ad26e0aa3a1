"""Can texts be packed as tightly as real ones, at equal length: do they repeat each other in ways that n-grams miss?"""

import zlib
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, jackknife
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import written
from mintmark.words.texts import plain

BLOCKS = 20
LEAST = 2000
"""Characters of a side, below which what a packer writes of itself decides."""


@dataclass(frozen=True)
class Compression:
    """What was said before can be packed away: the more a text repeats itself, in whatever way, the smaller it gets.

    Both sides are cut to equally many characters and packed by DEFLATE (RFC 1951), as Shaib et al. 2024 do, who found
    this to agree with other measures of diversity and to hang on length most: hence the cut. r is the packed size of
    the synthetic texts over that of the real ones, and the value min(r, 1 / r): 1 is best; below 1 in r they repeat
    themselves, above 1 they are noisier than people. DEFLATE looks back over 32,768 characters and no further.

    Interval: of the ratio on the log scale, by a jackknife over 20 blocks of texts.
    """

    characters: int = Field(150_000, ge=LEAST)
    """Most characters of a side."""

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the packed sizes are; details hold the compression ratio of both."""
        both = written(case, rng)
        sides = [[plain(text) for text in side] for side in (both.real, both.made)]
        budget = min(self.characters, *(sum(map(len, side)) + len(side) for side in sides))
        if budget < LEAST:
            raise CannotMeasure(f"packing tells something of {LEAST:,} characters and more", found=f"{budget:,}")
        cut = [_cut(side, budget) for side in sides]
        real, made = (_packed(side) for side in cut)
        spread = sum(jackknife.variance(np.log([_packed(part) for part in _without(side)])) for side in cut)
        low, high = intervals.normal(float(np.log(made / real)), spread, (-50.0, 50.0))
        ends = (float(np.exp(low)), float(np.exp(high)))
        details = {
            "ratio": made / real,
            "ratio_interval": list(ends),
            "compression_real_and_synthetic": [1 / real, 1 / made],
            "characters": budget,
            **both.note,
        }
        return Reading(balance(made / real), balances(*ends), both.n, details)


def _cut(side: list[str], budget: int) -> list[str]:
    """The first texts, of so many characters in all."""
    ends = np.cumsum([len(text) + 1 for text in side])
    last = int(np.searchsorted(ends, budget))
    kept = side[: last + 1]
    kept[last] = kept[last][: budget - (int(ends[last - 1]) if last else 0)]
    return kept


def _packed(side: list[str]) -> float:
    """Packed bytes for each character."""
    joined = "\n".join(side)
    return len(zlib.compress(joined.encode("utf-8", "surrogatepass"), 6)) / max(len(joined), 1)


def _without(side: list[str]) -> list[list[str]]:
    """All but each block in turn."""
    blocks = min(BLOCKS, len(side))
    return [[text for place, text in enumerate(side) if place % blocks != block] for block in range(blocks)]
