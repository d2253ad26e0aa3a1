"""Are texts as surprising, word for word, as unseen real texts are to somebody who read the training texts?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from mintmark.metrics import intervals
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import columns_of_text, note, some
from mintmark.words import coded
from mintmark.words.kneser_ney import KneserNey

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Perplexity:
    """A counting model of word triples learns the training texts, and guesses each next word of texts it never saw.

    Perplexity is how many equally likely words it might as well have guessed among (Jelinek et al. 1977); here under
    interpolated Kneser–Ney (`words.kneser_ney`). r is that of synthetic texts over that of unseen real ones, and the
    value min(r, 1 / r): 1 is best. Below 1 in r, texts are blander than people's, or learnt by heart; above 1 they are
    about other things, or disordered. It judges wording within three words and no sense beyond that.

    Interval: of the ratio on the log scale, with the variance over texts of both sides (the ratio estimator's, for
    texts differ in length). It holds for the model that was learnt.
    """

    order: int = Field(3, ge=1, le=5)
    texts: int = Field(5_000, ge=100)
    """Most texts that are learnt from, and most that are guessed on either side."""

    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"texts": 20_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the perplexities are; details hold both."""
        train, holdout, made = (case.need(role) for role in (Role.TRAIN, Role.HOLDOUT, Role.SYNTHETIC))
        columns = columns_of_text(train, holdout, made)
        sides = [some(data, columns, rng, self.texts) for data in (train, holdout, made)]
        enough(train=len(sides[0]), real=len(sides[1]), synthetic=len(sides[2]))
        model = KneserNey(_words(sides[0]), self.order)
        found = [_surprises(model, side) for side in sides[1:]]
        (theirs, their_spread), (ours, our_spread) = (_mean(*each) for each in found)
        low, high = intervals.normal(ours - theirs, their_spread + our_spread, (-50.0, 50.0))
        ends = (float(np.exp(low)), float(np.exp(high)))
        ratio = float(np.exp(ours - theirs))
        details = {
            "ratio": ratio,
            "ratio_interval": list(ends),
            "perplexity_real_and_synthetic": [float(np.exp(theirs)), float(np.exp(ours))],
            **note(train, columns),
        }
        return Reading(balance(ratio), balances(*ends), min(map(len, sides[1:])), details)


def _words(texts: list[str]) -> list[list[int]]:
    words = coded.words(texts)
    return [words[place].tolist() for place in range(len(words))]


def _surprises(model: KneserNey, texts: list[str]) -> tuple[Floats, Floats]:
    """Of each text, and how many guesses that took: a text's end is guessed too."""
    words = _words(texts)
    return np.array([model.surprise(text) for text in words]), np.array([len(text) + 1.0 for text in words])


def _mean(surprise: Floats, guesses: Floats) -> tuple[float, float]:
    """Surprise for each guess, and the variance of that over texts."""
    mean = float(surprise.sum() / guesses.sum())
    spread = float(((surprise - mean * guesses) ** 2).sum()) / float(guesses.sum()) ** 2
    return mean, spread * len(guesses) / (len(guesses) - 1)
