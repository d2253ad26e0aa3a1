"""Does the style of a text alone give its class away better than it really does?"""

import re
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from mintmark import seeds
from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import columns_of_text, note
from mintmark.words.texts import texts

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
        target = case.target
        if target is None:
            raise CannotMeasure("no column is named as the one that is predicted")
        if target not in real.columns or not real.columns[target].discrete:
            raise CannotMeasure("the column that is predicted has no classes")
        if target not in made.columns:
            raise CannotMeasure("the synthetic data lacks the column that is predicted")
        columns = columns_of_text(real, made)
        sides = [_read(data, columns, target, rng) for data in (real, made)]
        kept = self._classes(sides)
        hits, n = zip(*(_examined(side, kept, rng) for side in sides), strict=True)
        value = hits[1] / n[1] - hits[0] / n[0]
        details = {
            "right_real_and_synthetic": [hits[0] / n[0], hits[1] / n[1]],
            "classes": len(kept),
            "chance": 1 / len(kept),
            **note(real, columns),
        }
        return Reading(value, intervals.difference(hits[1], n[1], hits[0], n[0]), n[1], details)

    def _classes(self, sides: list[tuple[list[str], list[str]]]) -> dict[str, int]:
        """The classes that both sides have often enough, and how many texts of each are taken."""
        counts = [
            dict(zip(*np.unique(labels, return_counts=True), strict=True)) if labels else {} for _, labels in sides
        ]
        shared = {str(name): int(min(counts[0][name], counts[1].get(name, 0))) for name in counts[0]}
        kept = sorted(name for name, count in shared.items() if count >= FEWEST)
        if len(kept) < 2:
            raise CannotMeasure(f"there are no two classes of which both sides have {FEWEST} texts")
        return dict.fromkeys(kept, min(self.rows, *(shared[name] for name in kept)))


def _read(
    data: Dataset, columns: tuple[str, ...], target: str, rng: np.random.Generator
) -> tuple[list[str], list[str]]:
    """Texts in random order with their classes."""
    table = data.table.take(pa.array(rng.permutation(len(data))))
    labels = arrays.text(table[target]).to_pylist()
    pairs = [
        (text, label) for text, label in zip(texts(table, columns), labels, strict=True) if text and label is not None
    ]
    return [text for text, _ in pairs], [label for _, label in pairs]


def _examined(side: tuple[list[str], list[str]], kept: dict[str, int], rng: np.random.Generator) -> tuple[int, int]:
    """Right guesses, and how many there were."""
    chosen: list[int] = []
    for name, count in kept.items():
        chosen += [place for place, label in enumerate(side[1]) if label == name][:count]
    X = np.array([marks(side[0][place]) for place in chosen])
    y = np.array([side[1][place] for place in chosen])
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
