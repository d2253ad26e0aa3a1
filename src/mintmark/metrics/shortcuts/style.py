"""Does the style of a text alone give its class away better than it really does?"""

import re
from collections import Counter
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from mintmark import seeds
from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import Labelled, classes, columns_of_text, labelled, note

FEWEST = 15
"""Texts of a class on either side, below which it is left out."""


@dataclass(frozen=True)
class Style:
    """A student who cannot read looks at lengths, capitals, digits and punctuation, and guesses the class from these.

    A prompt for each class leaves its own style, and a classifier that learns from such texts learns the style. The
    student (logistic regression on 14 marks of style by their ranks) is examined on texts that it did not learn from,
    in five parts, with as many texts of each class and as many real as synthetic ones. The value is the share of right
    guesses on synthetic texts, less the same on real ones: 0 is best, above 0 there is a shortcut that reality does not
    bear out; below 0 the synthetic texts lack the style that the classes really have.

    Interval: Newcombe 1998, for the difference of two shares, as if guesses were independent.
    """

    rows: int = Field(1_000, ge=FEWEST)
    """Most texts of each class on either side."""

    claim: ClassVar[Claim] = Claim.SHORTCUTS
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The difference; CannotMeasure without text, without a target, or where it has no two classes."""
        real, made = case.reference, case.need(Role.SYNTHETIC)
        columns = columns_of_text(real, made)
        sides = [labelled(data, columns, case.target, rng) for data in (real, made)]
        known = classes(*sides, fewest=FEWEST)
        counts = [Counter(side.labels) for side in sides]
        kept = dict.fromkeys(known, min(self.rows, *(count[name] for count in counts for name in known)))
        hits, n = zip(*(_examined(side, kept, rng) for side in sides), strict=True)
        value = hits[1] / n[1] - hits[0] / n[0]
        details = {
            "right_real_and_synthetic": [hits[0] / n[0], hits[1] / n[1]],
            "classes": len(kept),
            "chance": 1 / len(kept),
            **note(real, columns),
        }
        return Reading(value, intervals.difference(hits[1], n[1], hits[0], n[0]), n[1], details)


def _examined(side: Labelled, kept: dict[str, int], rng: np.random.Generator) -> tuple[int, int]:
    """Right guesses, and how many there were."""
    chosen: list[int] = []
    for name, count in kept.items():
        chosen += [place for place, label in enumerate(side.labels) if label == name][:count]
    X = np.array([marks(side.texts[place]) for place in chosen])
    y = np.array([side.labels[place] for place in chosen])
    student = make_pipeline(
        QuantileTransformer(n_quantiles=min(100, len(y) // 2), subsample=None), LogisticRegression(max_iter=1000)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seeds.integer(rng))
    return int((cross_val_predict(student, X, y, cv=folds) == y).sum()), len(y)


def marks(text: str) -> NDArray[np.float64]:
    """14 marks of style, of which none tells what is said: shape (14,)."""
    words = re.findall(r"\w+", text)
    length, count = max(len(text), 1), max(len(words), 1)
    return np.array(
        [
            len(text),
            len(words),
            sum(map(len, words)) / count,
            len(re.findall(r"[.!?]+(?:\s|$)", text)) / count,
            text.count("\n"),
            sum(sign.isupper() for sign in text) / length,
            sum(word.isupper() and len(word) > 1 for word in words) / count,
            sum(sign.isdigit() for sign in text) / length,
            text.count(",") / count,
            text.count("!"),
            text.count("?"),
            sum(not sign.isalnum() and not sign.isspace() for sign in text) / length,
            float(text[:1].isupper()),
            float(text.rstrip()[-1:].isalnum()),
        ],
        np.float64,
    )
