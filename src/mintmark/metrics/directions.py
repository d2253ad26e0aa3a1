"""Real and synthetic texts as directions, by one encoder for both: what questions about meaning are put to."""

from collections.abc import Sequence

import numpy as np

from mintmark.errors import CannotMeasure
from mintmark.words import coded
from mintmark.words.encoders import Vectors
from mintmark.words.encoding import Named, encoder

AXES = 50
"""Of what is learnt from the texts."""


def directions(
    real: Sequence[str], made: Sequence[str], encoding: Named, rng: np.random.Generator, what: str
) -> tuple[Vectors, Vectors]:
    """A vector of length 1 for each text, or 0 where the encoder knows nothing of it; shapes (texts, axes).

    What learns its directions learns them from both sides alike. CannotMeasure where no words recur, by which texts
    could be alike; InputError as for any encoder.
    """
    both = [*real, *made]
    words = coded.words(both)
    held = np.unique(np.stack([words.codes, words.owners.astype(np.uint64)], axis=1), axis=0)[:, 0]
    if (np.unique(held, return_counts=True)[1] > 1).sum() < 2:
        raise CannotMeasure("no two words stand in more than one text, so nothing tells what texts have in common")
    vectors = encoder(encoding, both, rng, what, AXES).encode(both)
    return vectors[: len(real)], vectors[len(real) :]
