"""Do texts say as many really different things as real ones, at equal length (Vendi score)?"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass
from scipy import sparse

from mintmark.errors import CannotMeasure
from mintmark.metrics import intervals, vendi
from mintmark.metrics.balance import balance, balances
from mintmark.metrics.evidence import Claim, Reading
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.written import written
from mintmark.words import coded
from mintmark.words.encoders import weighted
from mintmark.words.encoding import encoder
from mintmark.words.texts import plain


@dataclass(frozen=True)
class Vendi:
    """Somebody asks how many really different letters lie in the pile: was one written ten times, a little changed?

    The Vendi score (Friedman & Dieng 2023) is exp(−Σ λ ln λ) over the eigenvalues λ of K / n, with K the cosines of all
    texts with all: m where there are m letters, equally often and without anything in common. `encoder` says what is
    alike: `words` (TF-IDF, exactly), `letters`, or `minilm`, which knows synonyms and has 384 axes, so that no score
    passes that. Longer texts have more in common, so real and synthetic ones are put in order of length and every two
    of a rank are cut to the shorter one's words: then both sides have the same lengths. r is the synthetic score over
    the real one at equal n, and the value min(r, 1 / r): 1 is best; below 1 in r the texts say the same again, above 1
    they have less in common than people's. `coverage.diversity` asks this of rows, and sees of a text only its length.

    Interval: of the ratio on the log scale, by a jackknife over 20 blocks of texts.
    """

    texts: int = Field(600, ge=100, le=20_000)
    """Most texts of either side: with `words` time grows with their cube."""
    encoder: Literal["words", "letters", "minilm"] = "words"

    claim: ClassVar[Claim] = Claim.COVERAGE
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    whole: ClassVar[bool] = False
    profiles: ClassVar[dict[str, dict[str, Any] | None]] = {"quick": None, "thorough": {"texts": 2_000}}

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        """How alike the two diversities are; details hold both scores, and how long the texts were."""
        both = written(case, rng, self.texts)
        real, made = alike_long(both.real, both.made)
        rows = self._rows([*real, *made], rng)
        (theirs, their_variance), (ours, our_variance) = map(vendi.jackknifed, (rows[: both.n], rows[both.n :]))
        low, high = intervals.normal(ours - theirs, their_variance + our_variance, (-50.0, 50.0))
        ends = (float(np.exp(low)), float(np.exp(high)))
        ratio = float(np.exp(ours - theirs))
        details = {
            "ratio": ratio,
            "ratio_interval": list(ends),
            "vendi": {"real": float(np.exp(theirs)), "synthetic": float(np.exp(ours))},
            "words_each": float(coded.words(made).counts.mean()),
            "encoder": self.encoder,
            **both.note,
        }
        return Reading(balance(ratio), balances(*ends), both.n, details)

    def _rows(self, texts: list[str], rng: np.random.Generator) -> Any:
        """Of length 1, shape (texts, axes). Texts of which nothing is known share an axis of their own."""
        if not len(coded.words(texts).codes):
            raise CannotMeasure("there are no words in the texts")
        if self.encoder == "words":
            rows = weighted(texts)
        else:
            found = encoder(self.encoder, [], rng, "coverage.vendi").encode(texts)
            rows = sparse.csr_matrix(found.astype(np.float64)) if self.encoder == "letters" else found
        unknown = np.asarray(abs(rows).sum(axis=1)).reshape(-1, 1) == 0
        return sparse.hstack([rows, unknown.astype(np.float64)], format="csr")


def alike_long(real: list[str], made: list[str]) -> tuple[list[str], list[str]]:
    """The same texts, the k-th shortest of either side cut to as many words as the shorter one of both has."""
    counts = [coded.words(side).counts for side in (real, made)]
    orders = [np.argsort(each, kind="stable") for each in counts]
    shared = np.minimum(*(each[order] for each, order in zip(counts, orders, strict=True)))
    out = []
    for side, each, order in zip((real, made), counts, orders, strict=True):
        most = np.empty(len(side), np.int64)
        most[order] = shared
        kept = zip(side, most.tolist(), each.tolist(), strict=True)
        out.append([_cut(text, words) if words < there else text for text, words, there in kept])
    return out[0], out[1]


def _cut(text: str, words: int) -> str:
    return plain(text)[: coded.spans(text)[words - 1][1]] if words else ""
