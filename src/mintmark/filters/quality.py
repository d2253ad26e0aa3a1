"""Quality: a classifier that learnt from your own labels what is good, and says how well it learnt it."""

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline

from mintmark import seeds
from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.errors import DataError, UnknownName
from mintmark.filters.filter import NO_TEXT, Dropped, Sifted
from mintmark.words.texts import Column, is_blank, names, plain, texts

FEWEST = 10
"""Labelled texts of either kind, below which nothing is learnt."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Quality:
    """Training rows carry a label; what is predicted to be `good` with a probability of at least `least` is kept.

    Logistic regression on TF-IDF of runs of 1 to 5 letters within words, classes weighed alike. How well it tells
    them apart is measured on rows that it did not learn from (five parts, each predicted by the other four) and stands
    in the sieve's `notes`: the area under the ROC curve, with a standard error (Hanley & McNeil 1982). Where that is
    not clearly above chance the filter does not open: it would drop at random.
    """

    column: Column
    label: str
    """The column of the training rows that says what is good."""
    good: tuple[str, ...] | str
    """Its values that do."""
    least: float = Field(0.5, ge=0, le=1)

    streams: ClassVar[bool] = True

    def open(self, real: Dataset | None, *, rng: np.random.Generator) -> "Judge":
        """Learns; DataError where labels are missing or too few, or do not go with the texts."""
        read, is_good = self._labelled(real)
        model = _model(seeds.integer(rng))
        folds = StratifiedKFold(5, shuffle=True, random_state=seeds.integer(rng))
        unseen = cross_val_predict(model, read, is_good, cv=folds, method="predict_proba")[:, 1]
        auc = float(roc_auc_score(is_good, unseen))
        error = _standard_error(auc, int(is_good.sum()), int((~is_good).sum()))
        told = f"AUC {auc:.2f} ± {error:.2f} on labelled rows that it did not learn from ({len(read):,} in all)"
        if auc - 2 * error <= 0.5:
            raise DataError(
                "the labels do not tell good texts from others: this would drop at random",
                found=told, fix="label more rows, or others",
            )  # fmt: skip
        return Judge(self.column, self.least, model.fit(read, is_good), (f"quality: {told}",))

    def _labelled(self, real: Dataset | None) -> tuple[list[str], NDArray[np.bool_]]:
        if real is None:
            raise DataError("quality needs labelled training rows", found="none", fix="give the step training rows")
        table = real.table
        if self.label not in table.column_names:
            raise UnknownName("column", self.label, table.column_names, where="quality.label")
        words, labels = texts(table, self.column), arrays.text(table[self.label]).to_pylist()
        wanted = set(names(self.good))
        pairs = [
            (text, label in wanted) for text, label in zip(words, labels, strict=True) if text and label is not None
        ]
        is_good = np.array([good for _, good in pairs], bool)
        if min(is_good.sum(), (~is_good).sum()) < FEWEST:
            held = sorted({label for label in labels if label is not None})
            raise DataError(
                f"quality needs at least {FEWEST} texts that are good and {FEWEST} that are not",
                found=f"{is_good.sum()} and {(~is_good).sum()}", fix=f"values of {self.label}: {', '.join(held[:20])}",
            )  # fmt: skip
        return [text for text, _ in pairs], is_good


class Judge:
    """What was learnt."""

    def __init__(self, column: Column, least: float, model: Any, notes: tuple[str, ...]) -> None:
        """A fitted pipeline."""
        self._column, self._least, self._model = column, least, model
        self.notes = notes

    def sift(self, rows: pa.Table) -> Sifted:
        """Drops what is predicted not to be good."""
        read = texts(rows, self._column)
        if not read:
            return Sifted.of(0, {})
        chance = np.round(self._model.predict_proba([text or "" for text in read])[:, 1], 6)
        dropped: dict[int, Dropped] = {}
        for place, text in enumerate(read):
            if is_blank(text):
                dropped[place] = NO_TEXT
            elif chance[place] < self._least:
                dropped[place] = ("predicted not to be good", f"probability {chance[place]:.2f}, of {self._least:g}")
        return Sifted.of(len(rows), dropped)


def _model(seed: int) -> Pipeline:
    words = TfidfVectorizer(
        preprocessor=plain, analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True, max_features=100_000
    )
    return make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1000, random_state=seed))


def _standard_error(auc: float, good: int, others: int) -> float:
    """Of an area under the ROC curve (Hanley & McNeil 1982)."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (good - 1) * (one - auc**2) + (others - 1) * (two - auc**2)
    return float(np.sqrt(max(spread, 0.0) / (good * others)))
