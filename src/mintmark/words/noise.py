"""Noise on a sentence: words left out, blanked and moved a little, so that a learner relies on no single word."""

from collections.abc import Sequence

import numpy as np


def noised(
    words: Sequence[str], *, rng: np.random.Generator, drop: float, blank: float, swap: int, mark: str
) -> list[str]:
    """Each word is left out with probability `drop`, then replaced by `mark` with probability `blank`; then words are
    shuffled so that none moves by more than `swap` places (Lample, Conneau, Denoyer & Ranzato 2018, section 2.3;
    Edunov, Ott, Auli & Grangier 2018). One word stays at least.
    """
    kept = [word for word, chance in zip(words, rng.random(len(words)), strict=True) if chance >= drop]
    if not kept and words:
        kept = [words[int(rng.integers(len(words)))]]
    said = [mark if chance < blank else word for word, chance in zip(kept, rng.random(len(kept)), strict=True)]
    # Keys that lie within swap + 1 of the place: whoever overtakes has started at most `swap` places behind.
    keys = np.arange(len(said)) + rng.random(len(said)) * (swap + 1)
    return [said[place] for place in np.argsort(keys, kind="stable").tolist()]
