"""Does a classifier that learnt from synthetic texts do as well on unseen real ones as after real ones?"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, roc
from mintmark.metrics.enough import enough
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.exam import Result, resample
from mintmark.metrics.lesson import luck
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import Labelled, classes, columns_of_text, labelled, note

Floats = NDArray[np.float64]
NAIVE = 0.5
"""ROC-AUC of an answer that reads nothing."""
FEWEST = 5
"""Texts of a class that real rows must both teach and test."""
WORD = r"\w+|[^\w\s]"
"""Words, numbers and single marks."""


@dataclass(frozen=True)
class Texts:
    """A sorter of letters learns from synthetic letters alone, and is then given real ones.

    The value is the transfer ratio (m_TSTR − ½) / (m_TRTR − ½), with m the ROC-AUC on unseen real texts (for several
    classes the mean of one against the rest): what training on synthetic texts gains, as a share of what equally many
    real ones gain. 1 means as good as real. Both sorters are logistic regressions on words and pairs of words weighted
    by tf-idf, with the same settings. Classes that the synthetic texts lack are not learnt, and cost what they cost.

    Details hold TSTR, TRTR, TSTS and the closed-loop gap TSTS − TSTR (Esteban, Hyland & Rätsch 2017). Interval: paired
    bootstrap over test texts, with room for the luck of the training (`lesson.luck`).
    """

    rows: int = Field(20_000, ge=100)
    """Most texts that are learnt from, on either side, and most that are tested on."""
    resamples: int = Field(500, ge=100)

    claim: ClassVar[Claim] = Claim.UTILITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """The transfer ratio; CannotMeasure without text, without classes, or where real texts do not teach them."""
        made, train, holdout = (case.need(role) for role in (Role.SYNTHETIC, Role.TRAIN, Role.HOLDOUT))
        columns = columns_of_text(train, made, holdout)
        study, real, unseen = (labelled(data, columns, case.target, rng, self.rows) for data in (made, train, holdout))
        known = classes(real, unseen, fewest=FEWEST)
        study, real, unseen = (side.of(known) for side in (study, real, unseen))
        n = min(len(study), len(real))
        enough(synthetic=len(study), train=len(real), holdout=len(unseen))
        study, real = study.first(n), real.first(n)
        weights = resample(len(unseen), self.resamples, rng)
        tstr, trtr = (_sat(side, unseen, known, weights) for side in (study, real))
        low = float(np.quantile(trtr.draws, 0.025))
        if low <= NAIVE:
            raise CannotMeasure("real texts do not teach the target either, so there is nothing to transfer",
                                found=f"ROC-AUC {trtr.value:.3f}, at worst {low:.3f}")  # fmt: skip
        value = (tstr.value - NAIVE) / (trtr.value - NAIVE)
        ratios = (tstr.draws - NAIVE) / (trtr.draws - NAIVE)
        interval = intervals.percentile(value, value + luck(n, len(unseen)) * (ratios - value))
        details = {
            "score": "ROC-AUC" if len(known) == 2 else "ROC-AUC, mean of one class against the rest",
            "tstr": tstr.to_json(),
            "trtr": trtr.to_json(),
            **self._closed_loop(study, tstr.value, known, rng),
            "classes": len(known),
            "train_rows": n,
            "test_rows": len(unseen),
            **note(train, columns),
        }
        return Reading(value, interval, n, details)

    def _closed_loop(self, study: Labelled, tstr: float, known: list[str], rng: np.random.Generator) -> dict[str, Any]:
        """Trained on three quarters of the synthetic texts and tested on the last, where that holds every class."""
        cut = len(study) // 4
        test, rest = study.first(cut), study.rest(cut)
        if set(test.labels) != set(known):
            return {}
        tsts = _sat(rest, test, known, resample(cut, self.resamples, rng))
        return {"tsts": tsts.to_json(), "closed_loop_gap": tsts.value - tstr}


def _sat(study: Labelled, test: Labelled, known: list[str], weights: Floats) -> Result:
    """Learns from one side and is marked on the other; `weights`, shape (draws, n), as for `exam.Exam.sit`."""
    answers = _answers(study, test.texts, known)
    truth = np.array(test.labels)
    asked = known[1:] if len(known) == 2 else known

    def marked(times: Floats) -> Floats:
        each = [roc.weighted_auc(answers[:, known.index(name)], truth == name, times) for name in asked]
        return np.asarray(np.mean(each, axis=0), np.float64)

    return Result(float(marked(np.ones((1, len(truth))))[0]), marked(weights))


def _answers(study: Labelled, texts: list[str], known: list[str]) -> Floats:
    """Probabilities, shape (n, classes); the same for all where only one class was shown."""
    out = np.zeros((len(texts), len(known)))
    if len(set(study.labels)) > 1:
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=50_000, token_pattern=WORD)
        sorter = make_pipeline(words, LogisticRegression(C=10, max_iter=1000, class_weight="balanced"))
        sorter.fit(study.texts, study.labels)
        out[:, [known.index(str(name)) for name in sorter.classes_]] = sorter.predict_proba(texts)
    return out
