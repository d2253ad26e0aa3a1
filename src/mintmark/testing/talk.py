"""Invented instructions with replies: a stated share of them obeys, and a stated share is right, each for itself."""

import numpy as np

from mintmark.data.dataset import Dataset

FOLLOWS, KNOWS = 0.9, 0.8
"""The shares that obey, and that are right."""
FAULT = 0.15
"""How much smaller either is where there is a fault."""


def talk(rng: np.random.Generator, n: int, fault: bool = False) -> Dataset:
    """Sums, to be told without a comma; the trusted answer stands beside the reply."""
    one, other = rng.integers(100, size=(2, n)).tolist()
    obeys, right = (rng.random(n) < share - FAULT * fault for share in (FOLLOWS, KNOWS))
    return Dataset.of(
        {
            "instruction": [f"What is {a} + {b}? Use no commas." for a, b in zip(one, other, strict=True)],
            "output": [
                f"{'It' if obey else 'Well, it'} is easy. The answer is {a + b + (not know)}."
                for a, b, obey, know in zip(one, other, obeys, right, strict=True)
            ],
            "reference": [str(a + b) for a, b in zip(one, other, strict=True)],
            "label": rng.choice(["easy", "hard"], n),
            "sex": rng.choice(["f", "m"], n),
        }
    )
